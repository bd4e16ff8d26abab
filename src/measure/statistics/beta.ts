import { lnBeta } from './gamma.ts'

const TINY = 1e-300
const PRECISION = 1e-15
/** The fraction needs about the square root of the larger parameter; this is enough for samples of 10^9. */
const MOST_TERMS = 100_000

/** The distribution function of Beta(a, b) at x (the regularised incomplete beta function), for a, b > 0. */
export function betaCdf (x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - lnBeta(a, b))
  // The fraction converges fast only below the mean; above it, its mirror image does.
  return x < (a + 1) / (a + b + 2)
    ? front * fraction(x, a, b) / a
    : 1 - front * fraction(1 - x, b, a) / b
}

/** The x at which the distribution function of Beta(a, b) is p: Newton's steps, kept inside a shrinking bracket. */
export function betaQuantile (p: number, a: number, b: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  const scale = lnBeta(a, b)
  let low = 0
  let high = 1
  let x = a / (a + b)
  for (let i = 0; i < 200; i++) {
    const error = betaCdf(x, a, b) - p
    if (error === 0) return x
    if (error > 0) high = x
    else low = x
    const density = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - scale)
    const newton = x - error / density
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (Math.abs(next - x) <= PRECISION * x) return next
    x = next
  }
  return x
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. */
function fraction (x: number, a: number, b: number): number {
  const nonZero = (value: number): number => Math.abs(value) < TINY ? TINY : value
  let c = 1
  let d = 1 / nonZero(1 - (a + b) * x / (a + 1))
  let result = d
  for (let m = 1; m < MOST_TERMS; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    result *= c * d
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    const step = c * d
    result *= step
    if (Math.abs(step - 1) < PRECISION) break
  }
  return result
}
