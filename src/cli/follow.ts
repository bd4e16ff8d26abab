import type { Experiment } from '../experiment/document.ts'
import type { RunResult } from '../experiment/result.ts'
import type { RunView } from '../experiment/runs.ts'
import type { Context } from './command.ts'
import { showLive } from './live.ts'
import type { HowToRun, Target } from './target.ts'

/**
 * Runs an experiment to its end and shows it on a terminal as it goes. When the context's signal is aborted, the run
 * is interrupted, and the result comes once its faults are gone. Closes the target.
 */
export async function followRun (
  target: Target, experiment: Experiment, seed: number | undefined, context: Context, how: HowToRun = {}
): Promise<RunResult> {
  const { signal } = context
  const unhook = context.onPanic?.((reason) => {
    target.halt(reason).catch((error: unknown) => {
      context.stderr.write(`premortem: the panic lever cannot be reached: ${(error as Error).message}\n`)
    })
  })
  try {
    const { id } = await target.start(experiment.document, seed, how)
    let latest: RunView | undefined
    const unfollow = target.follow(id, (run) => { latest = run })
    const hide = showLive(context, () => latest, experiment.phases)
    const interrupt = (): void => {
      // If the run ended first there is nothing to interrupt, and its result says how.
      target.interrupt(id, String(signal.reason)).catch(() => {})
    }
    signal.addEventListener('abort', interrupt, { once: true })
    if (signal.aborted) interrupt()
    try {
      return await target.result(id)
    } finally {
      signal.removeEventListener('abort', interrupt)
      unfollow()
      hide()
    }
  } finally {
    unhook?.()
    await target.close()
  }
}
