import type { Judgement, TimeToRecover } from './result.ts'
import { clopperPearson } from '../measure/statistics/clopper-pearson.ts'
import { total } from '../measure/statistics/effective-size.ts'
import type { Count } from '../measure/statistics/effective-size.ts'
import { fewestForHeld } from '../measure/statistics/power.ts'
import { ALPHA, verdictOf } from './verdict.ts'

/** That an objective was seen to fail, and what came then: seconds, of which `off` is the first without the faults. */
export interface Failing { series: readonly Count[], off: number, onset: number, alarm: number }

/**
 * How long after the faults were gone an objective held again, to the second. `series` are the seconds of the recovery
 * phase. `fault` and `recovery` are the judgements of those phases. Where it was seen to fail, it may have held again
 * before the faults were gone: then the time is negative.
 */
export function timeToRecover (
  target: number, series: readonly Count[], fault: Judgement | null, recovery: Judgement | null, failing: Failing | null = null
): TimeToRecover {
  if (recovery === null) return { kind: 'unknown' }
  if (failing === null && fault?.verdict === 'held' && recovery.verdict !== 'breached') return { kind: 'unaffected' }
  const fewest = fewestForHeld(target, ALPHA)
  if (total(series).n < fewest) return { kind: 'unknown' }
  if (failing !== null) {
    const { off, onset, alarm } = failing
    const since = recoveredAt(target, failing.series.slice(alarm + 1), fewest)
    const second = since === null ? null : alarm + 1 + since
    return second === null
      ? { kind: 'not-seen', ms: (failing.series.length - off) * 1000 }
      : { kind: 'recovered', ms: (second - off) * 1000, sinceOnset: (second - onset) * 1000 }
  }
  const second = recoveredAt(target, series, fewest)
  return second === null ? { kind: 'not-seen', ms: series.length * 1000 } : { kind: 'recovered', ms: second * 1000 }
}

/**
 * The earliest second from which a window is held and no later window is breached; null if there is none. A window is
 * the shortest stretch with at least `fewest` exchanges, so that it can show that the objective holds. Windows are short
 * and are judged by their plain counts: there are too few blocks in them to see dependence.
 */
export function recoveredAt (target: number, series: readonly Count[], fewest: number): number | null {
  let found: number | null = null
  for (let start = series.length - 1; start >= 0; start--) {
    const window = windowFrom(series, start, fewest)
    if (window === null) continue
    const verdict = verdictOf(clopperPearson(window.n - window.bad, window.n, ALPHA), target)
    if (verdict === 'breached') break
    if (verdict === 'held') found = start
  }
  return found
}

function windowFrom (series: readonly Count[], start: number, fewest: number): Count | null {
  const window = { n: 0, bad: 0 }
  for (let second = start; second < series.length; second++) {
    window.n += series[second]!.n
    window.bad += series[second]!.bad
    if (window.n >= fewest) return window
  }
  return null
}
