import type { Objective } from '../measure/objective.ts'
import type { PhaseReading } from '../measure/watch.ts'
import type { Judgement, Verdict } from './result.ts'
import { seriesOf } from './series.ts'
import { binomialAtMost } from '../measure/statistics/binomial.ts'
import { clopperPearson } from '../measure/statistics/clopper-pearson.ts'
import { dependentSize, effectiveSize, total } from '../measure/statistics/effective-size.ts'
import type { Count } from '../measure/statistics/effective-size.ts'
import { holm } from '../measure/statistics/holm.ts'
import { fewestForHeld } from '../measure/statistics/power.ts'

/** The chance of a wrong verdict that is accepted, on each side. */
export const ALPHA = 0.05

/** What bounds on the share of good exchanges say of a target. */
export function verdictOf (bounds: { lower: number, upper: number }, target: number): Verdict {
  return bounds.lower >= target ? 'held' : bounds.upper < target ? 'breached' : 'inconclusive'
}

/**
 * Judges one objective over the blocks of a phase: exact one-sided bounds on the share of good exchanges, on the
 * effective sample size, so that a burst of bad ones does not pass for so many independent witnesses. `effective` is that
 * size; by default what the blocks as they are come to.
 */
export function judge (target: number, blocks: readonly Count[], effective = effectiveSize(blocks, ALPHA)): Judgement {
  const { n, bad } = total(blocks)
  // Without data, nothing good has been seen.
  const good = n === 0 ? 0 : 1 - bad / n
  const bounds = clopperPearson(good * effective, effective, ALPHA)
  return { verdict: verdictOf(bounds, target), n, bad, effective, good, ...bounds, needed: fewestForHeld(target, ALPHA) }
}

/**
 * Judges every objective over one phase. That all hold needs no correction for their number (each must), but that
 * some one is breached does: what Holm's procedure does not uphold becomes inconclusive, with its own bounds as they are.
 */
export function judgePhase (objectives: readonly Objective[], phase: Pick<PhaseReading, 'bins'>, length: number): Judgement[] {
  const judgements = objectives.map(({ target }, i) => {
    const series = seriesOf(phase.bins, i, length)
    return judge(target, series, dependentSize(series, ALPHA))
  })
  const upheld = holm(judgements.map((judgement, i) => chanceOfSoFewGood(judgement, objectives[i]!.target)), ALPHA)
  return judgements.map((judgement, i) =>
    judgement.verdict === 'breached' && !upheld[i] ? { ...judgement, verdict: 'inconclusive' } : judgement)
}

/** The p-value of a breach: how likely so few good exchanges were if the objective just held. */
function chanceOfSoFewGood ({ good, effective }: Judgement, target: number): number {
  return binomialAtMost(good * effective, effective, target)
}
