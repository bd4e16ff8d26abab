import type { Bounds } from './clopper-pearson.ts'
import { normalCdf, normalQuantile } from './normal.ts'

/** From this size of either sample on, the normal approximation stands for the exact distribution, as in R's `wilcox.test`. */
const LARGE = 50

/** How values of x compare with those of y. `greater` is the p-value of x being shifted up, `less` of its being shifted down. */
export interface RankSum { u: number, greater: number, less: number, twoSided: number, exact: boolean }

/**
 * The rank-sum test of Mann and Whitney (1947). `u` counts the pairs in which x is above y, ties by half. Exact for small samples
 * without ties; otherwise, or if `exact` is false, the normal approximation with corrections for continuity and ties.
 * Feed it a figure a block, such as each block's p99, not single requests: of those there are so many that any
 * difference is significant. An empty sample says nothing: p = 1.
 */
export function rankSum (x: readonly number[], y: readonly number[], exact = true): RankSum {
  const [m, n] = [x.length, y.length]
  if (m === 0 || n === 0) return { u: 0, greater: 1, less: 1, twoSided: 1, exact: true }
  const { above, tied } = compare(x, y)
  const u = above + tied / 2
  const ties = tieSizes([...x, ...y])
  const told = exact && isSmall(m, n) && ties.length === 0 ? exactTails(u, m, n) : normalTails(u, m, n, ties)
  return { u, ...told, twoSided: Math.min(1, 2 * Math.min(told.greater, told.less)) }
}

/** A shift and the bounds of its interval, in the values' unit, and the confidence that these attain. */
export interface Shift extends Bounds { shift: number, attained: number }

/**
 * By how much x lies above y: the median of all differences (Hodges and Lehmann 1963), in the values' unit, with its
 * interval at confidence 1 - alpha and the confidence it attains. Of two empty samples: NaN, unbounded.
 */
export function shiftOf (x: readonly number[], y: readonly number[], alpha: number): Shift {
  const differences = x.flatMap((a) => y.map((b) => a - b)).sort((a, b) => a - b)
  const size = differences.length
  if (size === 0) return { shift: NaN, lower: -Infinity, upper: Infinity, attained: 1 }
  const { k, attained } = cutOff(x.length, y.length, alpha)
  return {
    shift: (differences[Math.floor((size - 1) / 2)]! + differences[Math.floor(size / 2)]!) / 2,
    lower: differences[k - 1]!,
    upper: differences[size - k]!,
    attained
  }
}

export type Effect = 'negligible' | 'small' | 'medium' | 'large'

/** Cliff's delta: how much more often x is above y than below it, from -1 to 1; and its word (Romano et al. 2006). */
export function cliffsDelta (x: readonly number[], y: readonly number[]): { delta: number, effect: Effect } {
  const pairs = x.length * y.length
  const { above, tied } = compare(x, y)
  const delta = pairs === 0 ? 0 : (2 * above + tied) / pairs - 1
  const size = Math.abs(delta)
  return { delta, effect: size < 0.147 ? 'negligible' : size < 0.33 ? 'small' : size < 0.474 ? 'medium' : 'large' }
}

const isSmall = (m: number, n: number): boolean => m < LARGE && n < LARGE

function compare (x: readonly number[], y: readonly number[]): { above: number, tied: number } {
  let above = 0
  let tied = 0
  for (const a of x) {
    for (const b of y) {
      if (a > b) above++
      else if (a === b) tied++
    }
  }
  return { above, tied }
}

/** How many values share each value that occurs more than once. */
function tieSizes (values: readonly number[]): number[] {
  const sizes = new Map<number, number>()
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1)
  return [...sizes.values()].filter((size) => size > 1)
}

function exactTails (u: number, m: number, n: number): Omit<RankSum, 'u' | 'twoSided'> {
  const chances = chancesOfU(m, n)
  const upTo = (end: number): number => chances.slice(0, end + 1).reduce((sum, chance) => sum + chance, 0)
  // The distribution is symmetric about m n / 2.
  return { greater: upTo(m * n - u), less: upTo(u), exact: true }
}

function normalTails (u: number, m: number, n: number, ties: readonly number[]): Omit<RankSum, 'u' | 'twoSided'> {
  const all = m + n
  const tied = ties.reduce((sum, size) => sum + size ** 3 - size, 0)
  const deviation = Math.sqrt(m * n / 12 * (all + 1 - tied / (all * (all - 1))))
  if (deviation === 0) return { greater: 1, less: 1, exact: false }
  const away = u - m * n / 2
  return { greater: normalCdf(-(away - 0.5) / deviation), less: normalCdf((away + 0.5) / deviation), exact: false }
}

/** The rank among the sorted differences that bounds the shift, counted from either end (R's `qwilcox`), at least 1. */
function cutOff (m: number, n: number, alpha: number): { k: number, attained: number } {
  if (!isSmall(m, n)) {
    const deviation = Math.sqrt(m * n * (m + n + 1) / 12)
    return { k: Math.max(1, Math.floor(m * n / 2 - normalQuantile(1 - alpha / 2) * deviation)), attained: 1 - alpha }
  }
  const chances = chancesOfU(m, n)
  let k = 0
  let below = 0
  while (below + chances[k]! < alpha / 2) below += chances[k++]!
  return k === 0 ? { k: 1, attained: 1 - 2 * chances[0]! } : { k, attained: 1 - 2 * below }
}

/** P(U = u) for u from 0 to m n, when both samples are of one distribution: all choices of m ranks are equally likely. */
function chancesOfU (m: number, n: number): number[] {
  const size = m * n + 1
  // ways[j][u]: in how many ways j of the ranks seen so far can be x's, with u pairs in which a y is below an x.
  const ways = Array.from({ length: m + 1 }, () => new Float64Array(size))
  ways[0]![0] = 1
  for (let rank = 1; rank <= m + n; rank++) {
    for (let j = Math.min(m, rank); j > 0; j--) {
      const below = rank - j
      if (below > n) break
      for (let u = below; u < size; u++) ways[j]![u]! += ways[j - 1]![u - below]!
    }
  }
  const all = ways[m]!.reduce((sum, count) => sum + count, 0)
  return [...ways[m]!].map((count) => count / all)
}
