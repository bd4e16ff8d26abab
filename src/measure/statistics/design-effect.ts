import { total } from './effective-size.ts'
import type { Count } from './effective-size.ts'

/** Below so many blocks, how they differ is chance more than dependence. */
const FEWEST_BLOCKS = 15

/** Up to this, a design effect is what independent exchanges show by chance. */
const CHANCE = 2

/** What is seen of bursts is their average; the long ones among them are about twice that (a geometric length). */
const LONG = 2

/**
 * By how much the variance of the share of bad ones is larger than that of independent exchanges, over blocks of one, two,
 * four and more seconds: about how many bad ones hang together. 1 where there are none, or nothing but bad ones.
 */
export function designEffect (series: readonly Count[]): number {
  const { n, bad } = total(series)
  let effect = 1
  if (bad === 0 || bad === n) return effect
  const p = bad / n
  for (let blocks: readonly Count[] = series; blocks.length >= FEWEST_BLOCKS; blocks = inPairs(blocks)) {
    const count = blocks.length
    const squares = blocks.reduce((sum, block) => sum + (block.bad - p * block.n) ** 2, 0)
    effect = Math.max(effect, count / (count - 1) * squares / (n * p * (1 - p)))
  }
  return effect
}

/** How many exchanges are to count as one, so that bursts such as those of this series are no evidence of a change. */
export function burstSize (series: readonly Count[]): number {
  const effect = designEffect(series)
  return effect > CHANCE ? LONG * effect : 1
}

function inPairs (blocks: readonly Count[]): Count[] {
  return Array.from({ length: Math.ceil(blocks.length / 2) }, (_, i) => total(blocks.slice(2 * i, 2 * i + 2)))
}
