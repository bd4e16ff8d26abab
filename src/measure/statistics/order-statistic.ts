import { binomialAtMost } from './binomial.ts'
import type { Estimate } from './mover.ts'

/** Ranks among n sorted values, from 1. A `lower` of 0 and an `upper` of n + 1 do not exist: that side is unbounded. */
export interface Ranks { lower: number, upper: number }

/**
 * The ranks between which the q-quantile lies with confidence 1 - alpha, exact for any continuous distribution (the
 * sign test's interval; David and Nagaraja 2003, section 7.1). `effective` is what the n values are worth if they depend on each
 * other, and need not be whole. Dual to `clopperPearson` at alpha / 2: x(upper) <= T is the event that T is met.
 */
export function quantileRanks (q: number, n: number, alpha: number, effective = n): Ranks {
  if (n <= 0 || effective <= 0) return { lower: 0, upper: n + 1 }
  const scale = effective / n
  return {
    lower: first(n, (below) => binomialAtMost(below * scale, effective, q) > alpha / 2),
    upper: Math.max(1, first(n + 1, (below) => binomialAtMost(below * scale - 1, effective, q) >= 1 - alpha / 2))
  }
}

/**
 * The q-quantile of values in ascending order (nearest rank) with its interval at confidence 1 - alpha, in the values'
 * unit; a bound that does not exist is infinite. Without values: NaN, unbounded. `effective` as in `quantileRanks`.
 */
export function quantileEstimate (sorted: readonly number[], q: number, alpha: number, effective = sorted.length): Estimate {
  const { lower, upper } = quantileRanks(q, sorted.length, alpha, effective)
  return {
    // 0.99 * 1000 may come out as a little more than 990.
    estimate: sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1] ?? NaN,
    lower: sorted[lower - 1] ?? -Infinity,
    upper: sorted[upper - 1] ?? Infinity
  }
}

/** The first whole number from 0 that fits, `end` if none below it does; once one fits, all later ones must. */
function first (end: number, fits: (k: number) => boolean): number {
  let low = 0
  let high = end
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) high = middle
    else low = middle + 1
  }
  return low
}
