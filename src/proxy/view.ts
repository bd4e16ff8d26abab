import type { FaultSpec } from '../faults/envelope.ts'
import type { FaultCounters } from '../faults/plan.ts'
import type { DelayView } from './delays.ts'

/** A fault as it is shown: plain data. */
export interface FaultView {
  id: string
  /** The proxy. */
  on: string
  type: string
  /** As it was written. */
  spec: FaultSpec
  source: 'config' | 'api' | 'run' | 'toxiproxy'
  run: string | null
  seed: number
  /** ISO 8601; null if it stays until removed. */
  expiresAt: string | null
  /** The plan's revision when the fault was last set. */
  revision: number
  counters: FaultCounters & {
    /** Share that `share` let through, with its exact two-sided 95 % binomial bounds; null before the first. */
    share: { achieved: number, lower: number, upper: number } | null
  }
  /** The distribution of its delays, asked for and achieved; null before the first has ended. */
  delays: DelayView | null
}

/** An open connection as it is shown: plain data. */
export interface ConnectionView {
  id: number
  client: string
  node: string
  /** ISO 8601. */
  openedAt: string
  state: string
  bytesIn: number
  bytesToNode: number
  bytesFromNode: number
  bytesOut: number
  exchanges: number
  /** Ids of the stream faults at work on it. */
  faults: string[]
}

/** A proxy as it is shown: plain data. */
export interface ProxyView {
  name: string
  /** The real address, port included; of a disabled proxy, where it listened last. */
  listen: string
  /** Whether it listens. */
  enabled: boolean
  protocol: 'tcp' | 'http' | 'auto'
  upstream: { name: string, address: string }[]
  balance: 'round-robin' | 'least-connections'
  /** What it does with TLS: towards clients, and whether nodes are spoken to by TLS. */
  tls: { accept: 'none' | 'passthrough' | 'terminate', originate: boolean }
  /** Paths that no fault may touch, those of the config's top included. */
  never: string[]
  /** The header that a request must carry before any fault may touch it. */
  tagged: string | null
  /** Whether responses say what was decided about them. */
  explain: boolean
  revision: number
  connections: number
  faults: FaultView[]
}
