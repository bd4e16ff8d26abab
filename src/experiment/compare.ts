import type { CountReading } from '../measure/counting.ts'
import type { Objective } from '../measure/objective.ts'
import { atRank } from '../measure/spread.ts'
import type { Spread } from '../measure/spread.ts'
import { deviationOfBlocks } from '../measure/statistics/deviation.ts'
import { dependentSize, total } from '../measure/statistics/effective-size.ts'
import type { Count } from '../measure/statistics/effective-size.ts'
import { mover } from '../measure/statistics/mover.ts'
import type { Estimate as Estimated } from '../measure/statistics/mover.ts'
import { quantileRanks } from '../measure/statistics/order-statistic.ts'
import { signFlip } from '../measure/statistics/sign-flip.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import { describeComparison } from './compare-words.ts'
import type { Experiment } from './document.ts'
import type { Comparison, Deviation, Estimate, Moved } from './result.ts'
import { lengthOf, seriesOf } from './series.ts'
import { pairDifferences } from './switchback.ts'
import { ALPHA } from './verdict.ts'

/** What is compared: something that was counted with the faults, and something that was counted without them. */
interface Side { bins: CountReading['bins'], spread: Spread | undefined, unended: number, length: number }

/** Percentiles that are told beside those of the objectives. */
const MEDIAN = 0.5

/**
 * Compares the fault phase with what its design says. Null if one of the two was not counted. With a control arm, also the
 * fault phase with the baseline, as if there were none, and the control arm with the baseline.
 */
export function compare (experiment: Pick<Experiment, 'objectives' | 'design'>, { phases }: WatchReading, stretches?: WatchReading): Comparison | null {
  const { objectives, design } = experiment
  const [baseline, fault, control] = ['baseline', 'fault', 'control'].map((name) => phases.find((phase) => phase.name === name))
  if (baseline === undefined || fault === undefined) return null
  const arms = design === 'concurrent' ? fault.arms : null
  const before = sideOf(baseline)
  const [treated, untreated] = arms !== null
    ? [sideOf(fault, arms.fault), sideOf(fault, arms.control)]
    : [sideOf(fault), design === 'switchback' && control !== undefined ? sideOf(control) : before]
  const against = untreated === before ? 'baseline' : 'control'
  const each = (a: Side, b: Side, steps: Steps | null): Deviation[] =>
    objectives.map((objective, i) => deviate(objective, i, a, b, steps))
  const found = each(treated, untreated, arms !== null ? together : oneAfterTheOther)
  const deviations = design === 'switchback' && stretches !== undefined ? found.map((one, i) => paired(one, pairDifferences(stretches, i))) : found
  const spared = arms === null ? undefined : baseline.arms?.control
  const calm = spared === undefined || spared.n === 0 ? before : sideOf(baseline, spared)
  const compared: Omit<Comparison, 'words'> = {
    design,
    against,
    deviations,
    beforeAfter: arms === null ? [] : each(sideOf(fault), before, oneAfterTheOther),
    spillover: against === 'control' ? each(untreated, calm, null) : []
  }
  return { ...compared, words: describeComparison(compared, objectives) }
}

/** What pairs of stretches say as well: what comes by chance too easily did not deviate for sure. */
function paired (deviation: Deviation, differences: readonly number[]): Deviation {
  const pairs = { k: differences.length, p: signFlip(differences) }
  const doubted = deviation.verdict === 'deviated' && pairs.p > ALPHA
  return { ...deviation, pairs, verdict: doubted ? 'inconclusive' : deviation.verdict, conclusiveAfter: null }
}

const sideOf = (phase: PhaseReading, part: CountReading = phase): Side =>
  ({ bins: part.bins, spread: part.spread, unended: part.unfinished, length: lengthOf(phase) })

/** What has been counted of both sides after a number of seconds of the run's time; `cost` is how many those are. */
type Steps = (seconds: number, a: readonly Count[], b: readonly Count[]) => Seen

interface Seen { a: readonly Count[], b: readonly Count[], cost: number }

/** Both at the same time. */
const together: Steps = (seconds, a, b) => ({ a: a.slice(0, seconds), b: b.slice(0, seconds), cost: seconds })

/** First one and then as long the other: the least that a comparison of before and after takes. */
const oneAfterTheOther: Steps = (seconds, a, b) => ({ a: a.slice(0, seconds), b: b.slice(-seconds), cost: 2 * seconds })

function deviate (objective: Objective, i: number, a: Side, b: Side, steps: Steps | null): Deviation {
  const margin = (1 - objective.target) / 2
  const [first, second] = [seriesOf(a.bins, i, a.length), seriesOf(b.bins, i, b.length)]
  const found = deviationOfBlocks(first, second, margin)
  const percentiles = objective.kind === 'latency' && objective.source === undefined ? [MEDIAN, objective.target] : []
  return {
    objective: objective.text,
    with: total(first),
    without: total(second),
    difference: estimate(found.difference, found.lower, found.upper),
    margin,
    verdict: found.verdict,
    changed: found.changed,
    latency: percentiles.map((at) => moved(at, atPercentile(at, a, first), atPercentile(at, b, second))),
    pairs: null,
    conclusiveAfter: steps === null ? null : conclusiveAfter(found.verdict, first, second, margin, steps)
  }
}

/** The shortest stretch after which the verdict was what it is at the end, and stayed so; in milliseconds. */
function conclusiveAfter (
  verdict: Deviation['verdict'], a: readonly Count[], b: readonly Count[], margin: number, steps: Steps
): number | null {
  if (verdict === 'inconclusive') return null
  let earliest: number | null = null
  for (let seconds = a.length; seconds > 0; seconds--) {
    const seen = steps(seconds, a, b)
    if (deviationOfBlocks(seen.a, seen.b, margin).verdict !== verdict) break
    earliest = seen.cost * 1000
  }
  return earliest
}

const estimate = (value: number, lower: number, upper: number): Estimate =>
  ({ value, lower: finite(lower), upper: finite(upper) })

const finite = (value: number): number | null => Number.isFinite(value) ? value : null

/** How a percentile moved. */
function moved (percentile: number, a: Estimated | null, b: Estimated | null): Moved {
  const known = (at: Estimated | null): at is Estimated => at !== null && Number.isFinite(at.estimate)
  const told = (at: Estimated | null): Estimate | null => known(at) ? estimate(at.estimate, at.lower, at.upper) : null
  const apart = known(a) && known(b) ? mover(a, b) : null
  const difference = apart === null ? null : estimate(apart.difference, apart.lower, apart.upper)
  return { percentile, with: told(a), without: told(b), difference }
}

/** A percentile with its 90 % interval. Requests are worth as few as those of the objective: bursts make both. */
function atPercentile (percentile: number, { spread = [], unended }: Side, series: readonly Count[]): Estimated | null {
  const n = spread.reduce((sum, [, count]) => sum + count, unended)
  if (n === 0) return null
  const all = total(series).n
  const effective = all === 0 ? n : n * dependentSize(series, ALPHA) / all
  const { lower, upper } = quantileRanks(percentile, n, 2 * ALPHA, effective)
  return {
    estimate: atRank(spread, Math.max(1, Math.ceil(percentile * n - 1e-9))),
    lower: lower === 0 ? -Infinity : atRank(spread, lower),
    upper: atRank(spread, upper)
  }
}
