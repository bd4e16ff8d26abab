import type { Totals } from './recorder.ts'
import type { Recent } from './window.ts'

/** A proxy's figures at one moment. Plain data: api, report and metrics read this, never live state. */
export interface Snapshot {
  proxy: string
  /** ISO 8601. */
  takenAt: string
  recent: Recent
  totals: Totals
  open: { connections: number, exchanges: number }
  /** Open connections a node. */
  nodes: Record<string, { connections: number, dialled: number, failed: number }>
  /** Connections of an `auto` proxy, or after an upgrade, that are relayed without looking into them. */
  opaque: number
  malformed: number
  /** Of a proxy that sees TLS: open connections whose handshake was before the certificate fault that is active. */
  tls?: { preFault: number }
  revision: number
}
