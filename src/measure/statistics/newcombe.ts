import { mover } from './mover.ts'
import type { Difference, Estimate } from './mover.ts'
import { wilson } from './wilson.ts'

/** A proportion, and the size of the sample it was seen in; that need not be whole. */
export interface Proportion { p: number, n: number }

/** The interval on the difference a - b of two proportions (Newcombe 1998, Statistics in Medicine 17:873, method 10). */
export function newcombe (a: Proportion, b: Proportion, z: number): Difference {
  return mover(scored(a, z), scored(b, z))
}

const scored = ({ p, n }: Proportion, z: number): Estimate => ({ estimate: p, ...wilson(p, n, z) })
