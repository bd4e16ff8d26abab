import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { RunOutcome } from './result.ts'

/** Why a run ends before its time, or not as it should. */
export interface Ending { outcome: RunOutcome, reason: string }

/** Which ending is told first, and gives the exit code, when there are several. */
const PRECEDENCE: readonly RunOutcome[] = [
  'failed', 'interrupted', 'aborted', 'inconclusive', 'baseline-not-steady', 'fault-did-not-land', 'not-recovered'
]

/** The one lever that ends a run early, whoever pulls it: a person, a guardrail, the run itself. */
export class Control {
  readonly #controller = new AbortController()
  readonly #endings: Ending[] = []

  /** Aborted once the run is to end. */
  get signal (): AbortSignal { return this.#controller.signal }

  get ended (): boolean { return this.#endings.length > 0 }

  /** Every ending so far, the weightiest first. */
  get endings (): Ending[] {
    return this.#endings.toSorted((a, b) => PRECEDENCE.indexOf(a.outcome) - PRECEDENCE.indexOf(b.outcome))
  }

  /** Ends the run; what waits stops waiting. Several endings are all kept. */
  end (outcome: RunOutcome, reason: string): void {
    this.#endings.push({ outcome, reason })
    this.#controller.abort()
  }
}

/** Waits `ms`, or until the run is to end. */
export async function pause (clock: Clock, ms: number, control: Control): Promise<void> {
  try {
    await clock.sleep(Math.max(0, ms), control.signal)
  } catch (error) {
    if (!control.ended) throw error
  }
}

/** What a promise resolves with; null if the run is to end first. Its later rejection is nobody's business then. */
export function unlessEnded<T> (promise: Promise<T>, { signal }: Control): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    promise.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject)
  })
}

/** What a promise resolves with; rejects with PMT_ERR_SIDECAR_UNREACHABLE when that takes more than `ms`. */
export function within<T> (clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      reject(new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE', { message: `the data plane did not answer within ${ms / 1000} s` }))
    })
    promise.finally(cancel).then(resolve, reject)
  })
}
