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
  const { n, bad } = total(blocks)
  const count = blocks.length
  if (bad === 0 || bad === n || count < 2) return n
  const p = bad / n
  let squares = 0
  for (const block of blocks) squares += (block.bad - p * block.n) ** 2
  const variance = count / (count - 1) * squares / n ** 2
  if (variance === 0) return n
  const few = studentQuantile(1 - alpha, n - 1) / studentQuantile(1 - alpha, count - 1)
  return Math.min(n, p * (1 - p) / variance * few ** 2)
}
