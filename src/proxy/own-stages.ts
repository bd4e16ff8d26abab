import type { ActiveFault, Plan } from '../faults/plan.ts'
import type { Pipe } from './pipe.ts'
import type { Stage } from './stage.ts'

/** The stages of a connection's messages under way; each goes with the fault that put it there. */
export class OwnStages {
  readonly #faults = new Map<Stage, ActiveFault>()

  add (stage: Stage, active: ActiveFault): void { this.#faults.set(stage, active) }

  /** Its message is out. */
  delete (stage: Stage): void { this.#faults.delete(stage) }

  /** What waits in these pipes for stages whose fault is gone goes out, and they are not asked again. */
  planChanged (plan: Plan, pipes: readonly (Pipe | null)[]): void {
    for (const [stage, active] of this.#faults) {
      if (plan.faults.includes(active)) continue
      this.#faults.delete(stage)
      stage.retired = true
      for (const pipe of pipes) pipe?.forget(stage)
    }
  }
}
