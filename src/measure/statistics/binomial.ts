import { betaCdf } from './beta.ts'

/**
 * P(X <= k) for X ~ Bin(n, p), exact. Through the beta function, so that k and n need not be whole: effective
 * sample sizes are not.
 */
export function binomialAtMost (k: number, n: number, p: number): number {
  if (k < 0) return 0
  if (k >= n) return 1
  return betaCdf(1 - p, n - k, k + 1)
}
