import { EXIT_CODES } from '../../experiment/result.ts'
import type { RunOutcome } from '../../experiment/result.ts'
import type { Interruption } from './failure.ts'
import type { HypothesisResult } from './hypothesis.ts'
import type { ChaosStatus } from './journal.ts'
import type { NativeFindings } from './native.ts'
import type { DryMode, HypothesisStrategy, RollbackStrategy } from './strategies.ts'

/** What happened in a run, before its rollbacks. */
export interface Facts {
  hypothesis: HypothesisStrategy
  rollbacks: RollbackStrategy
  dry: DryMode | null
  /** How many probes the hypothesis has. */
  probes: number
  /** null if the strategy did not ask, or it did not come to it. */
  before: HypothesisResult | null
  after: HypothesisResult | null
  /** Verifications while the method ran, and how many of them were not met. */
  during: { n: number, unmet: number }
  /** Whether an unmet one ended the method. */
  failedFast: boolean
  /** Whether the method began. */
  begun: boolean
  /** Names of the actions of the method that failed. */
  failedActions: readonly string[]
  interruption: Interruption | null
  /** What went wrong in premortem itself. */
  crash: string | null
}

/** A run's status as the Chaos Toolkit has it, and whether its rollbacks are to be played. */
export interface ChaosEnd { status: ChaosStatus, deviated: boolean, rollbacks: boolean }

/**
 * The end of a run. Under `compat` it is the Chaos Toolkit's own. Otherwise it is stricter: a gate that is not met is a failure,
 * every deviation counts, and rollbacks are played whenever the method began, unless the strategy says otherwise.
 */
export function endOf (facts: Facts, compat: boolean): ChaosEnd {
  const status = compat ? theirStatus(facts) : ourStatus(facts)
  const cut = facts.interruption !== null || facts.crash !== null
  const missed = facts.after === 'unmet' || facts.after === 'failed' || (!compat && facts.during.unmet > 0)
  const deviated = missed && !cut
  return { status, deviated, rollbacks: playsRollbacks(facts, status, deviated, compat) }
}

function theirStatus ({ interruption, crash, before, after, hypothesis, failedFast }: Facts): ChaosStatus {
  if (interruption !== null) return 'interrupted'
  if (crash !== null) return 'aborted'
  if (before === 'failed' || after === 'failed') return 'failed'
  return hypothesis === 'during-method-only' && failedFast ? 'failed' : 'completed'
}

function ourStatus (facts: Facts): ChaosStatus {
  const { interruption, crash, before } = facts
  return interruption === null && crash === null && before === 'unmet' ? 'failed' : theirStatus(facts)
}

function playsRollbacks (facts: Facts, status: ChaosStatus, deviated: boolean, compat: boolean): boolean {
  const { rollbacks, interruption, begun } = facts
  if (interruption?.rollbacks === false || rollbacks === 'never') return false
  if (rollbacks === 'always') return true
  if (rollbacks === 'deviated') return deviated
  return compat ? status !== 'failed' && status !== 'interrupted' : begun
}

const NOTHING_NATIVE: NativeFindings = { judged: false, breached: [], inconclusive: [], missed: [], left: [] }

/** What a run means, and the exit code that says so. `outcome` is null where nothing was to be judged. */
export interface ChaosVerdict { outcome: RunOutcome | null, exitCode: number, reasons: string[] }

/** The Chaos Toolkit's exit code. */
export const compatExit = ({ status, deviated }: Pick<ChaosEnd, 'status' | 'deviated'>): number =>
  status === 'completed' && !deviated ? 0 : 1

/** premortem's own verdict; `failedRollbacks` are the names of those that failed, `native` what the extension found. */
export function verdictOf (
  facts: Facts, end: ChaosEnd, failedRollbacks: readonly string[], native: NativeFindings = NOTHING_NATIVE
): ChaosVerdict {
  const { interruption, crash, before, failedActions, dry } = facts
  const named = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
  const actions = [
    ...failedActions.length === 0 ? [] : [`failed, so nothing may have been broken: ${named(failedActions)}`],
    ...native.missed.map((fault) => `${fault} hit nothing`)
  ]
  if (crash !== null) return verdict('failed', crash)
  if (interruption !== null) return verdict(interruption.by === 'safeguard' ? 'aborted' : 'interrupted', interruption.reason)
  if (before === 'unmet') return verdict('baseline-not-steady', 'the steady state was not met before the method, which was not begun')
  if (before === 'failed') return verdict('baseline-not-steady', 'a probe of the steady state failed before the method, which was not begun')
  if (failedRollbacks.length > 0) return verdict('not-recovered', `rollbacks failed: ${named(failedRollbacks)}`, ...deviations(facts), ...actions)
  if (native.left.length > 0) return verdict('not-recovered', `it is not confirmed that these are gone: ${native.left.join(', ')}`)
  if (end.deviated || native.breached.length > 0) return verdict('breached', ...deviations(facts), ...native.breached, ...actions)
  if (actions.length > 0) return verdict('fault-did-not-land', ...actions)
  if (dry !== null && dry !== 'pause') return { outcome: null, exitCode: 0, reasons: [`a rehearsal without ${dry} judges nothing`] }
  if (native.inconclusive.length > 0) return verdict('inconclusive', ...native.inconclusive)
  if (native.judged) return verdict('held', 'every objective of the extension was held while the method ran')
  if (facts.probes === 0) return verdict('inconclusive', 'no probe stands in a steady-state hypothesis')
  if (facts.after === null && facts.during.n === 0) return verdict('inconclusive', 'the steady state was verified neither during the method nor after it')
  return verdict('held', facts.after === null ? 'the steady state was met as long as the method ran' : 'the steady state was met after the method')
}

function deviations ({ after, during }: Facts): string[] {
  return [
    ...during.unmet === 0 ? [] : [`the steady state was not met in ${during.unmet} of ${during.n} verifications while the method ran`],
    ...after === 'unmet' ? ['the steady state was not met after the method'] : [],
    ...after === 'failed' ? ['a probe of the steady state failed after the method'] : []
  ]
}

function verdict (outcome: RunOutcome, ...reasons: string[]): ChaosVerdict {
  return { outcome, exitCode: EXIT_CODES[outcome], reasons }
}
