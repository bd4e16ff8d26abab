import { formatCount, formatDuration, formatShare } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { Objective } from '../measure/objective.ts'
import type { Comparison, Deviation, Estimate, Moved } from './result.ts'

const SIDES = {
  concurrent: ['in the fault arm', 'in the control arm at the same time'],
  switchback: ['in the stretches with the faults', 'in those without'],
  'before-after': ['under the faults', 'in the baseline']
} as const

/** A comparison in plain words, what matters first. */
export function describeComparison (
  { design, against, deviations, beforeAfter, spillover }: Omit<Comparison, 'words'>, objectives: readonly Objective[]
): string[] {
  const sides = SIDES[against === 'baseline' ? 'before-after' : design]
  return deviations.flatMap((deviation, i) => {
    const subject = subjectOf(objectives[i]!)
    const spill = spillover[i]
    const before = beforeAfter[i]
    return [
      describeDeviation(deviation, subject, sides),
      ...deviation.latency.flatMap((moved) => describeMoved(moved)),
      ...deviation.pairs === null ? [] : [describePairs(deviation.objective, deviation.pairs)],
      ...before === undefined || deviation.conclusiveAfter === null ? [] : [describeTime(deviation, before)],
      ...spill === undefined || !spill.changed || spill.difference.value <= 0 ? [] : [describeSpill(spill)]
    ]
  })
}

function describeDeviation (deviation: Deviation, subject: string, [here, there]: readonly [string, string]): string {
  const { objective, with: a, without: b, difference, margin, verdict, changed } = deviation
  if (a.n === 0 || b.n === 0) return `${objective}: no ${subject} ${a.n === 0 ? here : there}, so there is nothing to compare`
  const seen = `${badWords(a)} ${here}, ${badWords(b)} ${there}`
  const apart = `${points(difference.value)} apart (90% interval ${intervalWords(difference)})`
  const means = verdict === 'deviated'
    ? `deviated: more than the ${points(margin)} that matter`
    : verdict === 'no-relevant-change'
      ? `no relevant change: less than the ${points(margin)} that matter${changed ? ', though there is a change' : ''}`
      : `inconclusive: ${points(margin)} would matter${changed ? '; that there is a change is sure' : ''}`
  return `${objective} ${means}; ${seen}; ${apart}`
}

const describePairs = (objective: string, { k, p }: { k: number, p: number }): string =>
  `${objective}: over ${k} pairs of stretches in random order, such differences come by chance with p = ${p.toFixed(4)}`

const badWords = ({ n, bad }: { n: number, bad: number }): string => `${formatShare(bad / n)} of ${formatCount(n)} bad`

function describeMoved ({ percentile, with: a, without: b, difference }: Moved): string[] {
  const name = `p${Number((percentile * 100).toFixed(4))}`
  if (b === null) return []
  if (a === null || difference === null) return [`${name} moved from ${formatDuration(b.value)} to more than any answer took`]
  const sign = difference.value < 0 ? '-' : '+'
  const ends = [difference.lower, difference.upper].map((end) => end === null ? 'unbounded' : signed(end))
  return [`${name} moved from ${formatDuration(b.value)} to ${formatDuration(a.value)}: ${sign}${formatDuration(Math.abs(difference.value))} (90% interval ${ends.join(' to ')})`]
}

const signed = (ms: number): string => `${ms < 0 ? '-' : '+'}${ms === 0 ? '0ms' : formatDuration(Math.abs(ms))}`

function describeTime (now: Deviation, before: Deviation): string {
  const after = `${now.objective}: that was plain after ${formatDuration(now.conclusiveAfter!)} with a control arm`
  return before.conclusiveAfter === null
    ? `${after}; before and after, it would not have been at all`
    : `${after}; before and after would have taken at least ${formatDuration(before.conclusiveAfter)}, the baseline included`
}

function describeSpill ({ objective, difference, verdict }: Deviation): string {
  return `SPILL-OVER: ${objective} in the control arm is worse than in the baseline by ${points(difference.value)} (90% interval ${intervalWords(difference)})` +
    `${verdict === 'deviated' ? '' : ', which does not matter by itself'}: the faults reach those that they spare, and their true effect is larger than the arms differ`
}

const points = (share: number): string => `${Number((share * 100).toFixed(2))} points`

const intervalWords = ({ lower, upper }: Estimate): string => `${points(lower ?? -1).replace(' points', '')} to ${points(upper ?? 1)}`
