import type { ReceivedAlert } from './alerts.ts'
import type { Control } from './control.ts'
import type { Experiment } from './document.ts'
import type { RunPorts } from './ports.ts'
import type { Scribe } from './scribe.ts'

/** What every step of a run works with. */
export interface RunContext {
  id: string
  experiment: Experiment
  ports: RunPorts
  control: Control
  scribe: Scribe
  /** Which other runs were on the same proxies, in words; may grow while this one goes on. */
  beside?: readonly string[]
  /** Those that the user's monitoring sent so far. */
  alerts: readonly ReceivedAlert[]
  /** The share of the error budget that other runs had spent when this one began. */
  spentBefore: number
}
