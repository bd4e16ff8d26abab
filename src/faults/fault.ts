import type { StaticDecode, TObject } from 'typebox'
import type { Random } from '../kernel/random.ts'

/** Which way bytes travel: `upstream` is from the client to the node, `downstream` from the node to the client. */
export type Direction = 'upstream' | 'downstream'

/** What happens to connections that are open when a fault begins. */
export type Existing = 'affect' | 'reset' | 'drain' | 'ignore'

/** What a stream fault may ask for. Times are milliseconds, rates bytes a second. */
export type StreamAction =
  | { do: 'pass' }
  /** Deliver this chunk `ms` after it arrived. Chunks keep their order; waits do not add up over a transfer. */
  | { do: 'delay', ms: number }
  /** Deliver at `rate`, in pieces of at most a fiftieth of a second. */
  | { do: 'pace', rate: number }
  /** Keep everything back; close the connection after `ms` (never, if Infinity). Given back when the fault goes. */
  | { do: 'hold', ms: number }
  /** Reset both ends (RST) after `ms`. */
  | { do: 'reset', ms: number }

/** What an http fault may ask for. Times are milliseconds. */
export type HttpAction =
  | { do: 'pass' }
  | { do: 'delay', ms: number }
  /** Answer with this instead. On a request the upstream is not called; on a response its answer is lost. */
  | { do: 'respond', status: number, headers: Record<string, string>, body: string }
  /** End the connection, by RST or FIN: now, or after half of the response's head, or of the first piece of its body. */
  | { do: 'abort', how: 'reset' | 'close', when: 'now' | 'mid-head' | 'mid-body' }
  /** Never go on. Goes on when the fault is removed. */
  | { do: 'hang' }

/** The action that changes nothing; shared, so that passing costs no allocation. */
export const PASS = { do: 'pass' } as const

/** A request's head as a fault sees it. Header names are lower case. */
export interface RequestHead {
  readonly method: string
  /** Without the query string. */
  readonly path: string
  readonly host: string
  header (name: string): string | undefined
}

/** A response's head as a fault sees it. Header names are lower case. */
export interface ResponseHead {
  readonly status: number
  header (name: string): string | undefined
}

/** A stream fault at work on one connection. A method it lacks means pass. */
export interface StreamBehaviour {
  /** The connection opens (before the upstream is dialled), or was open when the fault began. */
  open? (): StreamAction
  /** Bytes arrived in a direction the fault is on. */
  chunk? (bytes: number): StreamAction
}

/** An http fault at work. A method it lacks means pass. `random` belongs to this request and fault alone. */
export interface HttpBehaviour {
  request? (head: RequestHead, random: Random): HttpAction
  response? (head: ResponseHead, random: Random): HttpAction
}

/** What documentation needs to know of a type of fault. */
export interface FaultDoc {
  /** One sentence: what it does. */
  summary: string
  /** A complete envelope, as in YAML, without `on`. */
  example: Record<string, unknown>
  /** What a client sees. */
  seen: { curl: string, node: string }
  /** What it cannot do. */
  limits: string
}

interface Common<P extends TObject> {
  /** The name in YAML, REST and CLI. */
  type: string
  /** The type's own parameters. */
  params: P
  doc: FaultDoc
  /** What `existing` is when nobody says; `affect` if left out. */
  existing?: Existing
}

/** A type of fault on the byte stream. `begin` is called once for each connection it hits. */
export interface StreamFaultType<P extends TObject = TObject> extends Common<P> {
  layer: 'stream'
  /** The direction it acts in when nobody says. */
  direction: Direction | 'both'
  begin (params: StaticDecode<P>, random: Random): StreamBehaviour
}

/** A type of fault on http exchanges. `begin` is called once when the fault becomes active. */
export interface HttpFaultType<P extends TObject = TObject> extends Common<P> {
  layer: 'http'
  begin (params: StaticDecode<P>): HttpBehaviour
}

/** A type of fault, as the catalogue lists it. */
export type FaultType = StreamFaultType | HttpFaultType

/** Declares a stream fault; its parameters' types follow from the schema. */
export function defineStreamFault<P extends TObject> (type: Omit<StreamFaultType<P>, 'layer'>): StreamFaultType<P> {
  return { layer: 'stream', ...type }
}

/** Declares an http fault; its parameters' types follow from the schema. */
export function defineHttpFault<P extends TObject> (type: Omit<HttpFaultType<P>, 'layer'>): HttpFaultType<P> {
  return { layer: 'http', ...type }
}
