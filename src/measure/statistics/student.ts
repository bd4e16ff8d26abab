import { betaQuantile } from './beta.ts'

/** The quantile of Student's t distribution with `df` > 0 degrees of freedom, for 0 < p < 1. */
export function studentQuantile (p: number, df: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, df)
  // t^2 / (df + t^2) is Beta(1/2, df/2), and what is missing to 1 is Beta(df/2, 1/2); p is one-sided, the beta's share two-sided.
  if (p < 0.75) {
    const y = betaQuantile(2 * p - 1, 0.5, df / 2)
    return Math.sqrt(df * y / (1 - y))
  }
  const rest = betaQuantile(2 * (1 - p), df / 2, 0.5)
  return Math.sqrt(df * (1 - rest) / rest)
}
