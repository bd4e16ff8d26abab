import { invalid } from './invalid.ts'

/** When the hypothesis is verified. */
export const HYPOTHESIS_STRATEGIES = ['default', 'before-method-only', 'after-method-only', 'during-method-only', 'continuously'] as const

/** One of them. */
export type HypothesisStrategy = typeof HYPOTHESIS_STRATEGIES[number]

/** When rollbacks are played. */
export const ROLLBACK_STRATEGIES = ['default', 'always', 'never', 'deviated'] as const

/** One of them. */
export type RollbackStrategy = typeof ROLLBACK_STRATEGIES[number]

/** What is left out of a rehearsal: probes, actions, both, or only the pauses. */
export const DRY_MODES = ['probes', 'actions', 'activities', 'pause'] as const

/** One of them. */
export type DryMode = typeof DRY_MODES[number]

/**
 * The strategy that is written; `default` if none is. An old misspelling is known too. Throws PMT_ERR_CHAOS_TOOLKIT
 * (InvalidExperiment), naming the path.
 */
export function readStrategy<T extends string> (written: unknown, known: readonly T[], path: string): T {
  if (written === undefined || written === null) return 'default' as T
  const found = known.find((word) => word === (written === 'continously' ? 'continuously' : written))
  if (found !== undefined) return found
  throw invalid('InvalidExperiment', `\`${String(written)}\` is no strategy`, { path, found: written, wanted: `one of ${known.join(', ')}` })
}
