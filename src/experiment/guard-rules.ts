import { binomialAtMost } from '../measure/statistics/binomial.ts'
import { cusumStep, cusumThreshold } from '../measure/statistics/cusum.ts'
import type { Shares } from '../measure/statistics/cusum.ts'
import { burstSize } from '../measure/statistics/design-effect.ts'
import { total } from '../measure/statistics/effective-size.ts'
import type { Count } from '../measure/statistics/effective-size.ts'

/** The hard rule looks at stretches of so many seconds with at least so many to count. */
export const WINDOW = 10
export const FEWEST = 20

/** What two rules hold a series of seconds against. */
export interface Rule {
  shares: Shares
  /** The chance of a false alarm that is accepted, over the whole phase. */
  alpha: number
  /** How many requests the phase is to have, and how many seconds. */
  most: number
  seconds: number
  /** How many bad ones count as one, by what was seen before. */
  burst: number
}

/** What a rule found, at the end of `second`: what was counted since `since`. */
export interface Finding extends Count {
  layer: 'window' | 'cusum'
  since: number
  second: number
  /** Of a CUSUM: its sum, and the threshold it passed. */
  sum?: number
  threshold?: number
}

/**
 * The first second at whose end one of two rules holds that more than is tolerated are bad: that the share in a window of
 * ten seconds is too low for chance (exact binomial test, over all windows of the phase), or the CUSUM. Neither takes a
 * burst for a change: bad ones count as few as they came in bursts before, be it in the baseline or in excursions of the CUSUM
 * that ended by themselves; and what the two worst neighbouring seconds add is left out, so that no burst of up to a second
 * decides.
 */
export function firstFinding (series: readonly Count[], rule: Rule): Finding | null {
  const { shares, alpha, most, seconds, burst } = rule
  const threshold = cusumThreshold(Math.max(most, total(series).n), alpha)
  const each = alpha / Math.max(seconds, series.length)
  let seen: { until: number, size: number } = { until: -1, size: burst }
  const burstUntil = (second: number): number => {
    if (seen.until !== second) seen = { until: second, size: Math.max(burst, burstSize(series.slice(0, second))) }
    return seen.size
  }
  // The sum is weighted when it is looked at, since where it is zero does not depend on the weight.
  let [sum, worst, before, since] = [0, 0, 0, 0]
  for (const [second, count] of series.entries()) {
    const step = cusumStep(shares, count)
    sum += step
    if (sum <= 0) {
      [sum, worst, before, since] = [0, 0, 0, second + 1]
    } else {
      worst = Math.max(worst, Math.max(0, before) + Math.max(0, step))
      before = step
      if ((sum - worst) / burst >= threshold && (sum - worst) / burstUntil(since) >= threshold) {
        return { layer: 'cusum', since, second, sum: sum / burstUntil(since), threshold, ...total(series.slice(since, second + 1)) }
      }
    }
    const from = Math.max(0, second + 1 - WINDOW)
    const window = series.slice(from, second + 1)
    const low = (size: number): boolean => isLow(window, shares.tolerated, size, each)
    if (low(burst) && low(burstUntil(since))) return { layer: 'window', since: from, second, ...total(window) }
  }
  return null
}

/** Whether more of a window are bad than is tolerated, beyond chance, also without its two worst neighbouring seconds. */
function isLow (window: readonly Count[], tolerated: number, burst: number, alpha: number): boolean {
  const all = total(window)
  if (all.n < FEWEST || all.bad <= tolerated * all.n) return false
  let worst: Count = { n: 0, bad: 0 }
  for (let i = 0; i < window.length; i++) {
    const pair = total(window.slice(i, i + 2))
    if (pair.bad > worst.bad) worst = pair
  }
  const [n, bad] = [all.n - worst.n, all.bad - worst.bad]
  return bad > tolerated * n && binomialAtMost((n - bad) / burst, n / burst, 1 - tolerated) <= alpha
}
