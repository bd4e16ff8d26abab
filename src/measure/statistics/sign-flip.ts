/** All 2^16 ways to flip the signs are tried; beyond so many differences, groups of them are flipped together. */
const MOST_FLIPS = 16

/**
 * The exact one-sided p-value of paired differences being above zero (Fisher's randomisation test): in which share of all ways to
 * flip their signs the sum is at least what it is. More than 16 differences are dealt to 16 groups and flipped group by
 * group, which is as exact and hardly weaker. k differences can give no less than 1 / 2^k. Without any: 1.
 */
export function signFlip (differences: readonly number[]): number {
  const groups: number[] = []
  for (const [i, difference] of differences.entries()) groups[i % MOST_FLIPS] = (groups[i % MOST_FLIPS] ?? 0) + difference
  const observed = sum(groups)
  // What equals the observed sum but for rounding counts as equal.
  const slack = 1e-9 * sum(groups.map(Math.abs))
  let atLeast = 0
  const ways = 2 ** groups.length
  for (let flips = 0; flips < ways; flips++) {
    let flipped = 0
    for (const [i, difference] of groups.entries()) flipped += (flips >> i & 1) === 1 ? -difference : difference
    if (flipped >= observed - slack) atLeast++
  }
  return atLeast / ways
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
