import type { Bounds } from './clopper-pearson.ts'

/** A figure and the bounds of its confidence interval, all in one unit; bounds may be infinite. */
export interface Estimate extends Bounds { estimate: number }

/** A difference and its interval. */
export type Difference = Bounds & { difference: number }

/**
 * The interval on a - b from the intervals on a and b, estimated independently (MOVER: Zou and Donner 2008, Statistics
 * in Medicine 27:1693). It has the confidence of the two it is made of.
 */
export function mover (a: Estimate, b: Estimate): Difference {
  const difference = a.estimate - b.estimate
  return {
    difference,
    lower: difference - Math.hypot(a.estimate - a.lower, b.upper - b.estimate),
    upper: difference + Math.hypot(a.upper - a.estimate, b.estimate - b.lower)
  }
}
