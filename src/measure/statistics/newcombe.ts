import type { Bounds } from './clopper-pearson.ts'
import { wilson } from './wilson.ts'

/** A proportion, and the size of the sample it was seen in; that need not be whole. */
export interface Proportion { p: number, n: number }

/** The interval on the difference a - b of two proportions (Newcombe 1998, Statistics in Medicine 17:873, method 10). */
export function newcombe (a: Proportion, b: Proportion, z: number): Bounds & { difference: number } {
  const first = wilson(a.p, a.n, z)
  const second = wilson(b.p, b.n, z)
  const difference = a.p - b.p
  return {
    difference,
    lower: difference - Math.hypot(a.p - first.lower, second.upper - b.p),
    upper: difference + Math.hypot(first.upper - a.p, b.p - second.lower)
  }
}
