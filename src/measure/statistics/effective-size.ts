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
  return sizeOf(blocks, alpha, () => blocks.length - 1)
}

/**
 * The same of a series of short stretches of equal length, such as seconds, when it is not known for how long bad ones
 * hang together: the smallest size over blocks of one, two, four and more of them, as long as there are eight blocks.
 * Where bad ones come in bursts, what counts is how many bursts were seen, not how many blocks: then the adjustment is for
 * the degrees of freedom that the blocks' squares have (Satterthwaite 1946). docs/calibration.md shows what both are for.
 */
export function dependentSize (series: readonly Count[], alpha: number): number {
  let size = total(series).n
  for (let blocks: readonly Count[] = series; blocks.length > 1; blocks = inPairs(blocks)) {
    const freedom = (squares: number[], effect: number): number => effect > CLUSTERED ? freedomOf(squares) : squares.length - 1
    size = Math.min(size, sizeOf(blocks, alpha, freedom))
    if (blocks.length / 2 < FEWEST_BLOCKS) break
  }
  return size
}

/** From so many times the variance of independent exchanges on, bad ones are taken to come in bursts. */
const CLUSTERED = 1.5

const FEWEST_BLOCKS = 8

/** `freedom` says how many degrees of freedom the variance has, from the blocks' squared deviations and its design effect. */
function sizeOf (blocks: readonly Count[], alpha: number, freedom: (squares: number[], effect: number) => number): number {
  const { n, bad } = total(blocks)
  const count = blocks.length
  if (bad === 0 || bad === n || count < 2) return n
  const p = bad / n
  const squares = blocks.map((block) => (block.bad - p * block.n) ** 2)
  const variance = count / (count - 1) * squares.reduce((sum, square) => sum + square, 0) / n ** 2
  if (variance === 0) return n
  const effective = p * (1 - p) / variance
  const few = studentQuantile(1 - alpha, n - 1) / studentQuantile(1 - alpha, freedom(squares, n / effective))
  return Math.min(n, effective * few ** 2)
}

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
