import { studentQuantile } from './student.ts'

/** The distribution function of the standard normal: Phi(z) = 1/2 erfc(-z / sqrt 2), to about 15 digits. */
export function normalCdf (z: number): number {
  if (z > 0) return 1 - normalCdf(-z)
  if (z < -38) return 0
  const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)
  // Near the middle the series (Abramowitz and Stegun 26.2.11) is exact and short; in the tail the fraction (26.2.14).
  return z > -3 ? 0.5 + density * series(z) : density / fraction(-z)
}

/** The quantile of the standard normal, for 0 < p < 1. */
export function normalQuantile (p: number): number {
  let z = studentQuantile(p, 1e7)
  for (let i = 0; i < 3; i++) z -= (normalCdf(z) - p) * Math.sqrt(2 * Math.PI) * Math.exp(z * z / 2)
  return z
}

function series (z: number): number {
  let term = z
  let sum = z
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= z * z / k
    sum += term
  }
  return sum
}

function fraction (z: number): number {
  let value = z
  for (let k = 100; k > 0; k--) value = z + k / value
  return value
}
