import { betaQuantile } from './beta.ts'

/** Bounds on a proportion. */
export interface Bounds { lower: number, upper: number }

/**
 * Exact one-sided bounds on a proportion, each at confidence 1 - alpha (Clopper and Pearson 1934); together they
 * are a two-sided interval at 1 - 2 alpha. `good` and `n` need not be whole. Without data: 0 and 1.
 */
export function clopperPearson (good: number, n: number, alpha: number): Bounds {
  if (n <= 0) return { lower: 0, upper: 1 }
  return {
    lower: good <= 0 ? 0 : betaQuantile(alpha, good, n - good + 1),
    upper: good >= n ? 1 : betaQuantile(1 - alpha, good + 1, n - good)
  }
}
