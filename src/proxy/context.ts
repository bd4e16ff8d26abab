import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { Plan } from '../faults/plan.ts'
import type { Observer } from '../measure/observation.ts'
import type { Decisions } from './decisions.ts'
import type { Counts } from './handler.ts'
import type { Protect } from './protection.ts'
import type { ProxySettings } from './spec.ts'
import type { Originate } from './tls/originate.ts'
import type { TlsSide } from './tls/side.ts'
import type { NodeState, Upstream } from './upstream.ts'

/** What a connection needs from its proxy. */
export interface ConnectionContext {
  readonly settings: ProxySettings
  readonly clock: Clock
  readonly log: Logger
  readonly observer: Observer
  readonly upstream: Upstream
  readonly counts: Counts
  readonly plan: Plan
  readonly decisions: Decisions
  readonly protection: Protect
  /** What is known of TLS; null for a proxy that has nothing to do with it. */
  readonly tls: TlsSide | null
  /** Speaks TLS to nodes; null where nothing ever does. */
  readonly originate: Originate | null
  /** Sends a request to a node once more, `after` milliseconds from now; the answer is lost. */
  deliver (node: NodeState, bytes: Buffer, method: string, after: number): void
  /** The connection is over. */
  closed (connection: object): void
}
