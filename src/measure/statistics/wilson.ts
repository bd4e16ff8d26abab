import type { Bounds } from './clopper-pearson.ts'

/** The standard normal quantile of a two-sided interval at 90 %. */
export const Z90 = 1.6448536269514722

/** Wilson's score interval (1927) on the proportion `p` seen in `n`; `n` need not be whole. Without data: 0 and 1. */
export function wilson (p: number, n: number, z: number): Bounds {
  if (n <= 0) return { lower: 0, upper: 1 }
  const square = z * z
  const centre = p + square / (2 * n)
  const width = z * Math.sqrt((p * (1 - p) + square / (4 * n)) / n)
  // At 0 and 1 the bound is exact; rounding must not move it.
  return {
    lower: p === 0 ? 0 : (centre - width) / (1 + square / n),
    upper: p === 1 ? 1 : (centre + width) / (1 + square / n)
  }
}
