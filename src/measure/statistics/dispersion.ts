import { total } from './effective-size.ts'
import type { Count } from './effective-size.ts'

/** Fewer degrees of freedom than these say nothing of a variance. */
const FEWEST = 4

/**
 * How much more the shares of bad ones vary within groups of seconds than if each exchange went bad on its own: Pearson's
 * chi-square over its degrees of freedom, pooled over the groups (McCullagh and Nelder 1989, 4.5). Each group has a share
 * of its own; one where all or none were bad does not show it. At least 1.
 */
export function dispersion (groups: readonly (readonly Count[])[]): number {
  let square = 0
  let freedom = 0
  for (const group of groups) {
    const seconds = group.filter(({ n }) => n > 0)
    const { n, bad } = total(seconds)
    if (bad === 0 || bad === n || seconds.length < 2) continue
    const share = bad / n
    for (const second of seconds) square += (second.bad - share * second.n) ** 2 / (second.n * share * (1 - share))
    freedom += seconds.length - 1
  }
  return freedom < FEWEST ? 1 : Math.max(1, square / freedom)
}
