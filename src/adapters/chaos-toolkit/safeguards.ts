import { checkHypothesisProbe } from './activities.ts'
import type { Environment } from './executable.ts'
import { Interruption } from './failure.ts'
import { verifyHypothesis } from './hypothesis.ts'
import type { HypothesisTools } from './hypothesis.ts'
import { invalid } from './invalid.ts'
import { isObject } from './python.ts'
import type { Activity, Control } from './types.ts'

/** The control of the Chaos Toolkit's addons that premortem does itself. */
export const SAFEGUARDS = 'chaosaddons.controls.safeguards'

/** A probe that ends the run when it is not within its tolerance: before it begins, once beside it, or again and again. */
export interface Safeguard { probe: Activity, when: 'first' | 'once' | { every: number } }

/**
 * The safeguards among an experiment's controls; `every` is in milliseconds. Throws PMT_ERR_CHAOS_TOOLKIT (InvalidControl,
 * InvalidActivity), naming the path.
 */
export function readSafeguards (controls: readonly Control[], env: Environment): Safeguard[] {
  return controls.filter(({ module }) => module === SAFEGUARDS).flatMap(({ arguments: args, path }) => {
    const probes = isObject(args) ? args.probes : undefined
    const at = `${path}.provider.arguments.probes`
    if (!Array.isArray(probes)) throw invalid('InvalidControl', 'safeguards must have a list of probes', { path: at, found: probes ?? 'nothing', wanted: 'a list of probes with tolerances' })
    return probes.map((probe, i): Safeguard => {
      checkHypothesisProbe(probe, `${at}.${i}`, env)
      const { frequency, background } = probe
      if (frequency === undefined) return { probe, when: background === true ? 'once' : 'first' }
      if (typeof frequency === 'number' && frequency > 0) return { probe, when: { every: frequency * 1000 } }
      throw invalid('InvalidControl', 'the frequency of a safeguard must be a number', { path: `${at}.${i}.frequency`, found: frequency, wanted: 'seconds between two checks' })
    })
  })
}

/**
 * Checks the safeguards that come first, and resolves; the others go on beside the run until `signal` aborts. One that is not met
 * is told to `interrupt`, as the Chaos Toolkit would end its own run: by a signal.
 */
export async function guard (
  safeguards: readonly Safeguard[], tools: HypothesisTools, interrupt: (interruption: Interruption) => void, signal: AbortSignal
): Promise<void> {
  const check = async ({ probe }: Safeguard): Promise<boolean> => {
    const { result } = await verifyHypothesis([probe], { ...tools, noteState: () => {} }, signal)
    if (result === 'met' || signal.aborted) return true
    interrupt(new Interruption(`the safeguard \`${probe.name}\` ${result === 'failed' ? 'failed' : 'is not within its tolerance'}`, { by: 'safeguard' }))
    return false
  }
  const repeat = async (safeguard: Safeguard, every: number): Promise<void> => {
    do await tools.clock.sleep(every, signal); while (await check(safeguard))
  }
  for (const safeguard of safeguards) {
    const { when } = safeguard
    // A sleep that is cut off ends what it waited for.
    if (typeof when === 'object') void repeat(safeguard, when.every).catch(() => {})
    else if (when === 'once') void check(safeguard).catch(() => {})
    else if (!await check(safeguard)) return
  }
}
