import type { PlanReport } from '../experiment/plan.ts'
import type { RunResult } from '../experiment/result.ts'
import type { RunView } from '../experiment/runs.ts'

/** What may be asked of a run beside its document: why it may run outside its windows, and that it is a rehearsal. */
export interface HowToRun { outsideWindow?: string | undefined, shadow?: boolean | undefined }

/** Where experiments run: a sidecar elsewhere, or a premortem in this process. Commands see no difference. */
export interface Target {
  start (document: unknown, seed: number | undefined, how?: HowToRun): Promise<RunView>
  /** Calls `changed` with the run, now and whenever it moves on, until the returned function is called. */
  follow (id: string, changed: (run: RunView) => void): () => void
  /** Waits for the run's end. */
  result (id: string): Promise<RunResult>
  /** Ends the run as interrupted; its faults are gone when `result` resolves. */
  interrupt (id: string, reason: string): Promise<void>
  /** Pulls the panic lever there. */
  halt (reason: string): Promise<void>
  plan (document: unknown): Promise<PlanReport>
  close (): Promise<void>
}
