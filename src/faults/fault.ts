import type { StaticDecode, TObject } from 'typebox'
import type { Random } from '../kernel/random.ts'
import type { AlertName } from './alerts.ts'
import type { CertificateFlaw } from './certificate.ts'
import type { Handshake, TlsVersion } from './handshake.ts'
import type { Toxic } from './toxic.ts'

/** Which way bytes travel: `upstream` is from the client to the node, `downstream` from the node to the client. */
export type Direction = 'upstream' | 'downstream'

/** What happens to connections that are open when a fault begins. */
export type Existing = 'affect' | 'reset' | 'drain' | 'ignore'

/** What a stream fault may ask for. Times are milliseconds, rates bytes a second. */
export type StreamAction =
  | { do: 'pass' }
  /**
   * On bytes and FIN: deliver `ms` after they arrived; order is kept, and waits do not add up over a transfer. On opening:
   * neither read nor dial before. On dialling: dial that much later.
   */
  | { do: 'delay', ms: number }
  /** Deliver at `rate`, in pieces of at most a fiftieth of a second. `shared`: all connections of the fault share it. */
  | { do: 'pace', rate: number, shared: boolean }
  /** Keep everything back; reset the connection after `ms` (never, if Infinity). Given back when the fault goes. */
  | { do: 'hold', ms: number }
  /** Lose it; close the connection when `ms` pass without more of it (never, if Infinity). */
  | { do: 'drop', ms: number }
  /** Deliver in pieces of these sizes (bytes, adding up to the chunk), each at least `gap` after the one before. */
  | { do: 'split', sizes: readonly number[], gap: number }
  /** Deliver other bytes instead. */
  | { do: 'replace', bytes: Uint8Array }
  /** Deliver the first `bytes` of the chunk, then end the connection in this way. */
  | { do: 'cut', bytes: number, how: 'close' | 'reset' }
  /** End the connection in order (FIN to both) after `ms`. On bytes: they are lost. */
  | { do: 'close', ms: number }
  /** Reset both ends (RST) after `ms`. On bytes: they are lost. */
  | { do: 'reset', ms: number }
  /** After `ms`, reset one end and never tell the other, which `keep` names: what it sends is read and lost. */
  | { do: 'abandon', keep: 'client' | 'node', ms: number }

/** What an http fault may ask for. Times are milliseconds. */
export type HttpAction =
  | { do: 'pass' }
  /** Of those hit, one the fault can do nothing to; counted, and explained by `why`. */
  | { do: 'unfit', why: string }
  | { do: 'delay', ms: number }
  /** Never go on. Goes on when the fault is removed. */
  | { do: 'hang' }
  /** Answer with this instead. On a request the upstream is not called; on a response its answer is lost. */
  | { do: 'respond', status: number, headers: Record<string, string>, body: string }
  /** The same with bytes as they are, `status` being what they say; then keep, close or reset the connection. */
  | { do: 'raw', bytes: Uint8Array, status: number, end: 'keep' | 'close' | 'reset' }
  /** End the connection, by RST or FIN: now, or after half of the response's head, or of the first piece of its body. */
  | { do: 'abort', how: 'reset' | 'close', when: 'now' | 'mid-head' | 'mid-body' }
  /** Change the head's fields: `remove` (lower case) first, then `set`, which puts its value in place of all of that name. */
  | { do: 'rewrite', set: Record<string, string>, remove: readonly string[] }
  /** Let a stream behaviour act on the body's bytes, and on them only: not on the head, nor on what frames chunks. */
  | { do: 'body', behaviour: StreamBehaviour }
  /** Wait for the whole body, of `limit` bytes at most, and put another in its place; null leaves it as it is. */
  | { do: 'edit', limit: number, edit: (body: Buffer, head: MessageHead) => Edited | null }
  /** Tee the whole response, its head included, of `limit` bytes at most; `keep` gets it once it is complete. */
  | { do: 'record', limit: number, keep: (bytes: Buffer, status: number) => void }
  /** Deliver the request again, `copies` times, each `ms` after it was sent; the answers to these are lost. */
  | { do: 'duplicate', copies: number, ms: number, limit: number }
  /** Say `connection: close` and end the connection after this exchange. */
  | { do: 'last' }

/** What a tls fault may ask for. Times are milliseconds. */
export type TlsAction =
  | { do: 'pass' }
  /** Of those hit, one the fault can do nothing to; counted, and explained by `why`. */
  | { do: 'unfit', why: string }
  /**
   * Show a certificate with this flaw. `resume`: whether sessions of before the fault may be taken up again, which skips the
   * certificate. Where bytes pass unread, the connection is terminated for this.
   */
  | { do: 'serve', flaw: CertificateFlaw, resume: boolean }
  /** Agree on this version and no other. */
  | { do: 'version', only: TlsVersion }
  /**
   * Ask for a client certificate. `require`: no handshake without one. `reject`: none that is shown is good enough, and
   * where the protocol lets it (TLS 1.2) this alert says so.
   */
  | { do: 'client-certificate', how: 'require' | 'reject', alert: AlertName }
  /** Answer the ClientHello with this fatal alert, then FIN. */
  | { do: 'alert', alert: AlertName }
  /** Answer it with these bytes in the clear, then FIN. */
  | { do: 'reply', bytes: Uint8Array }
  /** Never answer it. Goes on when the fault is removed. */
  | { do: 'hang' }
  /** End the connection instead of answering, by RST or FIN. */
  | { do: 'end', how: 'reset' | 'close' }
  /** Let a stream behaviour act on the bytes of TLS that go to the client: on records, from the server's first one on. */
  | { do: 'records', behaviour: StreamBehaviour }
  /** Towards the node, show our own client certificate with this flaw, or none. */
  | { do: 'present', flaw: CertificateFlaw | null }

/** A body put in another's place, and the names (lower case) of head fields that are wrong for it. */
export interface Edited { body: Uint8Array, remove?: readonly string[], set?: Record<string, string> }

/** The action that changes nothing; shared, so that passing costs no allocation. */
export const PASS = { do: 'pass' } as const

/** A head as a fault sees it. Header names are lower case. */
export interface MessageHead {
  /** Several fields of one name are joined by a comma. */
  header (name: string): string | undefined
}

/** A request's head as a fault sees it. */
export interface RequestHead extends MessageHead {
  readonly method: string
  /** Without the query string. */
  readonly path: string
  /** As it was sent, query included. */
  readonly target: string
  /** Without port, lower case. */
  readonly host: string
  /** The client's IP address. */
  readonly client: string
}

/** A response's head as a fault sees it. */
export interface ResponseHead extends MessageHead {
  readonly status: number
}

/**
 * A stream fault at work on one connection. A method it lacks means pass. `elapsed` is milliseconds since the fault
 * began on its proxy.
 */
export interface StreamBehaviour {
  /** The connection opens (before the upstream is dialled), or was opened `age` milliseconds before the fault began. */
  open? (age: number, elapsed: number): StreamAction
  /** The upstream is about to be dialled. */
  dial? (elapsed: number): StreamAction
  /** Bytes arrived in a direction the fault is on. They are only lent: who keeps or changes them makes a copy. */
  chunk? (chunk: Uint8Array, elapsed: number): StreamAction
  /** FIN arrived in a direction the fault is on. */
  end? (elapsed: number): StreamAction
  /** The fault goes and the connection stays: `close` and `reset` are done, anything else passes. */
  gone? (elapsed: number): StreamAction
}

/** What an http fault gets beside the head. */
export interface HttpContext {
  /** Belongs to this request and fault alone. */
  readonly random: Random
  /** Milliseconds since the fault began on its proxy. */
  readonly elapsed: number
  readonly request: RequestHead
}

/** An http fault at work. A method it lacks means pass. */
export interface HttpBehaviour {
  request? (head: RequestHead, context: HttpContext): HttpAction
  response? (head: ResponseHead, context: HttpContext): HttpAction
}

/** What a tls fault gets beside the handshake. */
export interface TlsContext {
  /** Belongs to this handshake and fault alone. */
  readonly random: Random
  /** Milliseconds since the fault began on its proxy. */
  readonly elapsed: number
}

/** A tls fault at work. */
export interface TlsBehaviour {
  /** A ClientHello arrived, of a new connection; nothing has been answered. */
  handshake (handshake: Handshake, context: TlsContext): TlsAction
}

/** Where another tool has the same, for those who come from it. */
export interface Alike {
  tool: string
  /** What it is called there. */
  what: string
  /** The fault, as in YAML, that does it here. */
  as: Record<string, unknown>
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
  like?: readonly Alike[]
}

interface Common<P extends TObject> {
  /** The name in YAML, REST and CLI. */
  type: string
  /** The type's own parameters. */
  params: P
  doc: FaultDoc
  /** What `existing` is when nobody says; `affect` if left out, `drain` for tls faults. */
  existing?: Existing | ((params: StaticDecode<P>) => Existing)
  /**
   * What the schema cannot say, such as parameters that exclude each other. Throws PMT_ERR_INVALID; `at` gives the path
   * of a parameter.
   */
  check? (params: StaticDecode<P>, at: (param: string) => string): void
}

/** A type of fault on the byte stream. `begin` is called once for each connection it hits. */
export interface StreamFaultType<P extends TObject = TObject> extends Common<P> {
  layer: 'stream'
  /** The direction it acts in when nobody says. */
  direction: Direction | 'both'
  /** The toxic of Toxiproxy that this fault is. */
  toxic?: Toxic<StaticDecode<P>>
  begin (params: StaticDecode<P>, random: Random): StreamBehaviour
}

/** A type of fault on http exchanges. `begin` is called once when the fault becomes active. */
export interface HttpFaultType<P extends TObject = TObject> extends Common<P> {
  layer: 'http'
  begin (params: StaticDecode<P>): HttpBehaviour
}

/** A type of fault on TLS handshakes. `begin` is called once when the fault becomes active. */
export interface TlsFaultType<P extends TObject = TObject> extends Common<P> {
  layer: 'tls'
  /**
   * What the proxy must do for it: `peek` reads the ClientHello only, `terminate` holds the server's end of TLS, `present`
   * has a client certificate of its own for the node.
   */
  needs: 'peek' | 'terminate' | 'present'
  /** Other names it goes by, such as badssl.com's, each with the parameters that it stands for. */
  aliases?: Readonly<Record<string, Record<string, unknown>>>
  begin (params: StaticDecode<P>): TlsBehaviour
}

/** A type of fault, as the catalogue lists it. */
export type FaultType = StreamFaultType | HttpFaultType | TlsFaultType

/** Declares a stream fault; its parameters' types follow from the schema. */
export function defineStreamFault<P extends TObject, T extends string = string> (type: Omit<StreamFaultType<P>, 'layer'> & { type: T }): StreamFaultType<P> & { type: T } {
  return { layer: 'stream', ...type }
}

/** Declares an http fault; its parameters' types follow from the schema. */
export function defineHttpFault<P extends TObject, T extends string = string> (type: Omit<HttpFaultType<P>, 'layer'> & { type: T }): HttpFaultType<P> & { type: T } {
  return { layer: 'http', ...type }
}

/** Declares a tls fault; its parameters' types follow from the schema. */
export function defineTlsFault<P extends TObject, T extends string = string> (type: Omit<TlsFaultType<P>, 'layer'> & { type: T }): TlsFaultType<P> & { type: T } {
  return { layer: 'tls', ...type }
}
