import type { Socket } from 'node:net'
import type { Clock } from '../kernel/clock.ts'
import type { Direction, StreamBehaviour } from '../faults/fault.ts'
import type { ActiveFault, Plan } from '../faults/plan.ts'
import type { Traits } from '../measure/arms.ts'
import type { Observation, Observer, Outcome } from '../measure/observation.ts'
import type { Decisions } from './decisions.ts'
import type { Pipe } from './pipe.ts'
import type { Protect } from './protection.ts'
import type { Stage } from './stage.ts'

/** What speaks the protocol of a connection: told of everything that happens on it, decides what goes where. */
export interface Handler {
  /** For people: `http1`, `opaque`, `detecting`. */
  readonly name: string
  /** Monotonic start of the exchange in progress; null between exchanges. */
  readonly openSince: number | null
  /** What the arm of the exchange in progress can be told by. */
  readonly traits?: Traits | undefined
  /** It has kept bytes that the node sent. */
  readonly keeps: boolean
  clientData (chunk: Buffer): void
  clientEnd (): void
  upstreamOpen (): void
  upstreamData (chunk: Buffer): void
  upstreamEnd (): void
  /** No node could be reached. */
  upstreamFailed (): void
  /** The upstream broke (RST). True if the handler has dealt with it; otherwise the connection is reset. */
  upstreamBroken (): boolean
  planChanged (): void
  /** The client takes bytes again. */
  drained (): void
  /** Ends the connection at the next boundary. */
  drain (): void
  /** The connection is over; what was in progress ended like this. */
  closed (outcome: Outcome): void
}

/** Where a connection's upstream side stands. */
export type UpstreamState = 'dialling' | 'open' | 'ended' | 'failed'

/** A connection as its handler sees it. */
export interface Wire {
  readonly proxy: string
  readonly protocol: 'tcp' | 'http' | 'auto'
  readonly clock: Clock
  readonly observer: Observer
  readonly client: Socket
  readonly node: string
  readonly upstream: UpstreamState
  /** What TLS with the node failed by; null while it has not. */
  readonly why: string | null
  /** Of a client that speaks TLS: what is known of its connection. */
  readonly life: Observation['connection']
  readonly plan: Plan
  /** To the node; null until it is reached. */
  readonly up: Pipe | null
  /** To the client. */
  readonly down: Pipe
  readonly id: number
  /** The client's IP address. */
  readonly address: string
  readonly decisions: Decisions
  readonly protection: Protect
  /** Test mode: responses say what was decided about their request. */
  readonly explain: boolean
  /** Ids of the stream faults at work on this connection. */
  readonly stageIds: readonly string[]
  readonly counts: Counts
  exchanges: number
  /** Whether a fault's share has this connection, or its handshake; undefined if that was never decided. */
  drawn (fault: string): boolean | undefined
  /** Whether an http fault leaves this connection alone (`existing: ignore`). */
  spared (fault: ActiveFault): boolean
  /** Stops or goes on reading from a side, on the handler's behalf. */
  holdClient (hold: boolean): void
  holdUpstream (hold: boolean): void
  /** Sends FIN to the node, now or when it is reached. */
  endUp (): void
  /** Sends FIN to both once what is under way is out. */
  end (outcome: Outcome): void
  /** Sends RST to both, now. */
  reset (outcome: Outcome): void
  /** The same in a moment, so that a client hears what was written before. */
  resetSoon (outcome: Outcome): void
  /** Dials again, for an exchange whose upstream went away before it was sent. */
  redial (): void
  /** A stage for the body of one message, which goes with its fault; `unstage` when the message is out. */
  stage (active: ActiveFault, behaviour: StreamBehaviour, direction: Direction): Stage
  unstage (stage: Stage): void
  /** Sends a request to the node once more, `after` milliseconds from now; the answer is lost. */
  deliver (bytes: Buffer, method: string, after: number): void
  /** Hands the connection to another handler. */
  handOver (handler: Handler): void
}

/** What a proxy counts over all its connections. */
export interface Counts { opaque: number, malformed: number }
