import type { Traits } from './arms.ts'

/** How an exchange or a connection ended. Only `complete` can be good. */
export type Outcome =
  /** A whole response was delivered (http), or both sides ended in order (tcp). */
  | 'complete'
  /** No node could be reached, or a fault turned the connection away. */
  | 'refused'
  /** Cut by RST, from either side or by a fault. */
  | 'reset'
  /** The upstream ended before a whole response, in order. */
  | 'truncated'
  /** The client went away before it had the whole response. */
  | 'client-gone'
  /** The request or the response could not be framed. */
  | 'malformed'
  /** A deadline passed (load generator). */
  | 'timeout'
  /** Still open when it was counted. */
  | 'unfinished'

/**
 * What came of a TLS handshake. An alert (RFC 8446, 6.2) was received from the client, or sent to it. `closed-without-data`:
 * it was completed and then ended without a byte, which is how clients that verify afterwards turn a certificate down.
 */
export type HandshakeResult =
  'established' | `alert:${string}` | `sent-alert:${string}` | 'reset' | 'closed' | 'closed-without-data' | 'timeout' | 'not-tls' | 'failed'

/** A TLS handshake. `version` is such as `TLSv1.3`, empty if unknown; `sni` is empty if the client named none. */
export interface ObservedHandshake { result: HandshakeResult, version: string, resumed: boolean, sni: string }

/** The connection behind TLS that traffic came on: when it was opened, and whether its session was resumed. */
export interface ObservedConnection { openedAt: number, resumed: boolean }

/** The one record emitted for each finished exchange, connection or TLS handshake. Times are monotonic milliseconds. */
export interface Observation {
  /** The proxy's name; `load` for the load generator. */
  at: string
  /** A handshake starts with the ClientHello and ends when it is decided. */
  kind: 'exchange' | 'connection' | 'handshake'
  /** The node it went to; empty when none was reached. */
  node: string
  startedAt: number
  endedAt: number
  outcome: Outcome
  /** Empty for connections. */
  method: string
  /** Without query; empty for connections. */
  path: string
  /** The status the client got; 0 when there was none. */
  status: number
  /** From the client. */
  bytesIn: number
  /** To the client. */
  bytesOut: number
  /** Of a connection: sent to the node, and taken from it for the client; faults may lose or keep some on the way. */
  bytesToNode?: number
  bytesFromNode?: number
  /** Ids of the faults that hit it. */
  faults: readonly string[]
  /** Of a handshake. */
  handshake?: ObservedHandshake
  /** Of an exchange or connection behind TLS. One object for each connection, which its exchanges share. */
  connection?: ObservedConnection
  /** What its arm can be told by. */
  traits?: Traits
}

/** Takes observations. Must be quick and must not throw: it is called on the data plane's path. */
export interface Observer {
  observe (observation: Observation): void
}

/** For `faults` of an observation that no fault hit; shared, so that the idle path allocates none. */
export const NO_FAULTS: readonly string[] = Object.freeze([])
