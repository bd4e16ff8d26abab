import { total } from './effective-size.ts'
import type { Count } from './effective-size.ts'

/** Where a sequence of counts changes: the index of the first after the change, and the shares of bad ones on each side. */
export interface ChangePoint {
  at: number
  before: number
  after: number
  /** By how much the split raises the logarithm of the likelihood over no change. */
  gain: number
}

/**
 * The most likely place of the one change in the share of bad ones in a sequence of counts (maximum likelihood of two
 * binomials; Hinkley and Hinkley 1970). null if there are not two counts with something in them. It finds the
 * place of a change that is known to be there; it does not say that there is one.
 */
export function changePoint (counts: readonly Count[]): ChangePoint | null {
  const all = total(counts)
  let found: ChangePoint | null = null
  const left = { n: 0, bad: 0 }
  for (const [i, { n, bad }] of counts.entries()) {
    const right = { n: all.n - left.n, bad: all.bad - left.bad }
    // A count of nothing belongs to neither side; the change is where the next one is.
    if (left.n > 0 && right.n > 0 && n > 0) {
      const gain = likelihood(left) + likelihood(right) - likelihood(all)
      if (found === null || gain > found.gain) found = { at: i, before: left.bad / left.n, after: right.bad / right.n, gain }
    }
    left.n += n
    left.bad += bad
  }
  return found
}

/** The logarithm of the likelihood of a count at its own share. */
function likelihood ({ n, bad }: Count): number {
  const term = (k: number): number => k === 0 ? 0 : k * Math.log(k / n)
  return term(bad) + term(n - bad)
}
