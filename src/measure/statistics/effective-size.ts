import { studentQuantile } from './student.ts'

/** Exact counts of a stretch of time: exchanges, and how many of them were bad. */
export interface Count { n: number, bad: number }

/** The sum of counts. */
export function total (counts: readonly Count[]): Count {
  let n = 0
  let bad = 0
  for (const count of counts) {
    n += count.n
    bad += count.bad
  }
  return { n, bad }
}

/**
 * How many independent exchanges the exchanges of some blocks of time are worth (Korn and Graubard 1998, as in
 * `svyciprop(method = "beta")` of R's survey package, with the adjustment for few blocks). Never more than there were.
 * Without a bad exchange, without a good one or with fewer than two blocks, dependence cannot be seen, and it is their
 * number itself.
 */
export function effectiveSize (blocks: readonly Count[], alpha: number): number {
  return sizeOf(blocks, spreadOf(blocks), alpha, blocks.length - 1)
}

/**
 * The same of a series of short stretches of equal length, such as seconds, when it is not known for how long bad ones
 * hang together: the smallest size over blocks of one, two, four and more of them (Flyvbjerg and Petersen 1989), as long as
 * there are eight blocks; where bad ones do hang together, as long as there are four. Where they do, what counts is how many
 * bursts were seen, not how many blocks: then the adjustment is for the degrees of freedom that the blocks' squares have
 * (Satterthwaite 1946). docs/calibration.md shows what all this is for, and what it costs.
 */
export function dependentSize (series: readonly Count[], alpha: number): number {
  let size = total(series).n
  let dependent = false
  for (let blocks: readonly Count[] = series; blocks.length > 1; blocks = inPairs(blocks)) {
    const spread = spreadOf(blocks)
    dependent ||= spread.effect > byChance(blocks.length - 1)
    size = Math.min(size, sizeOf(blocks, spread, alpha, dependent ? freedomOf(spread.squares) : blocks.length - 1))
    if (blocks.length / 2 < (dependent ? FEWEST_DEPENDENT : FEWEST_BLOCKS)) break
  }
  return size
}

/**
 * The same of two series that are compared. Where one of them cannot show dependence, for nothing in it is bad or nothing
 * good, its bad ones are taken to hang together as those of the other do.
 */
export function dependentSizes (a: readonly Count[], b: readonly Count[], alpha: number): [a: number, b: number] {
  const [sizeA, sizeB] = [dependentSize(a, alpha), dependentSize(b, alpha)]
  const [allA, allB] = [total(a), total(b)]
  if (!shows(allA) && shows(allB)) return [allA.n * sizeB / allB.n, sizeB]
  if (!shows(allB) && shows(allA)) return [sizeA, allB.n * sizeA / allA.n]
  return [sizeA, sizeB]
}

const shows = ({ n, bad }: Count): boolean => bad > 0 && bad < n

const FEWEST_BLOCKS = 8
const FEWEST_DEPENDENT = 4

/** How bad ones are spread over blocks: each block's squared deviation, and their variance in that of independent ones. */
interface Spread { squares: number[], effect: number }

function spreadOf (blocks: readonly Count[]): Spread {
  const { n, bad } = total(blocks)
  const p = n === 0 ? 0 : bad / n
  const squares = blocks.map((block) => (block.bad - p * block.n) ** 2)
  // With nothing but good or bad ones, or in one block, nothing is seen.
  if (!shows({ n, bad }) || blocks.length < 2) return { squares, effect: 1 }
  const sum = squares.reduce((sum, square) => sum + square, 0)
  return { squares, effect: blocks.length / (blocks.length - 1) * sum / (n * p * (1 - p)) }
}

function sizeOf (blocks: readonly Count[], { effect }: Spread, alpha: number, freedom: number): number {
  const { n, bad } = total(blocks)
  if (!shows({ n, bad }) || blocks.length < 2 || effect === 0) return n
  const few = studentQuantile(1 - alpha, n - 1) / studentQuantile(1 - alpha, freedom)
  return Math.min(n, n / effect * few ** 2)
}

/**
 * The design effect that independent exchanges exceed one time in five: the dispersion test of Cochran (1954), its quantile
 * after Wilson and Hilferty (1931).
 */
function byChance (freedom: number): number {
  const step = 2 / (9 * freedom)
  return (1 - step + Z_FIFTH * Math.sqrt(step)) ** 3
}

/** The standard normal quantile that is exceeded one time in five. */
const Z_FIFTH = 0.8416212335729143

/** How many squares of about one size are as sure as these; at least 1, and fewer than there are. */
function freedomOf (squares: readonly number[]): number {
  let sum = 0
  let fourth = 0
  for (const square of squares) {
    sum += square
    fourth += square ** 2
  }
  return Math.min(squares.length - 1, Math.max(1, sum ** 2 / fourth))
}

function inPairs (blocks: readonly Count[]): Count[] {
  return Array.from({ length: Math.ceil(blocks.length / 2) }, (_, i) => total(blocks.slice(2 * i, 2 * i + 2)))
}
