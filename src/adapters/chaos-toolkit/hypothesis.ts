import { runActivity } from './activity.ts'
import type { ActivityTools } from './activity.ts'
import { ChaosCrash } from './failure.ts'
import type { ActivityRun, HypothesisState } from './journal.ts'
import { PythonTypeError } from './python.ts'
import { isWithin } from './tolerance.ts'
import type { Activity, Json } from './types.ts'

/** How a verification came out: every probe within its tolerance, one that is not, or one that failed. */
export type HypothesisResult = 'met' | 'unmet' | 'failed'

/** What verifying a hypothesis needs. Under `compat` a TypeError in a tolerance ends the run without a journal. */
export interface HypothesisTools extends ActivityTools {
  compat: boolean
  /** Told whenever there is more of it. */
  noteState: (state: HypothesisState) => void
}

/**
 * Verifies a hypothesis: probe after probe, until one is not within its tolerance. Throws ChaosCrash, under `compat`.
 */
export async function verifyHypothesis (
  probes: readonly Activity[], tools: HypothesisTools, signal: AbortSignal
): Promise<{ state: HypothesisState, result: HypothesisResult }> {
  const state: HypothesisState = { steady_state_met: null, probes: [] }
  const end = (met: boolean, result: HypothesisResult): { state: HypothesisState, result: HypothesisResult } => {
    state.steady_state_met = met
    tools.noteState(state)
    return { state, result }
  }
  for (const probe of probes) {
    const i = state.probes.length
    const run = await runActivity(probe, {
      ...tools, note: (so) => {
        state.probes[i] = so
        tools.noteState(state)
      }
    }, signal)
    if (run.status === 'failed') {
      run.tolerance_met = false
      return end(false, 'failed')
    }
    const checked = tools.dry !== 'probes' && tools.dry !== 'activities'
    run.tolerance_met = checked ? await isMet(probe, run, tools, signal) : true
    // A tolerance that cannot be checked makes its probe fail.
    if (!run.tolerance_met) return end(false, (run as { status?: string }).status === 'failed' ? 'failed' : 'unmet')
  }
  return end(true, 'met')
}

async function isMet (probe: Activity, run: ActivityRun, tools: HypothesisTools, signal: AbortSignal): Promise<boolean> {
  const runProbe = async (inner: Activity): Promise<Json | undefined> => {
    const { status, output } = await runActivity(inner, { ...tools, note: () => {} }, signal)
    return status === 'succeeded' ? output : undefined
  }
  try {
    return await isWithin(probe.tolerance ?? null, run.output, { scope: tools.scope, runProbe })
  } catch (error) {
    const words = error instanceof PythonTypeError ? `TypeError: ${error.message}` : `${(error as Error).name}: ${(error as Error).message}`
    if (tools.compat) throw new ChaosCrash(`the tolerance of \`${probe.name}\` ends the Chaos Toolkit: ${words}`)
    run.status = 'failed'
    run.exception = [`${words}\n`]
    return false
  }
}
