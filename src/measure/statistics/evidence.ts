import { betaCdf } from './beta.ts'
import type { Count } from './effective-size.ts'
import { lnBeta } from './gamma.ts'

/** What counts say against two hypotheses, as natural logarithms of e-values. */
export interface Evidence {
  /** Against a share of bad ones of at most what is tolerated: how strongly it is breached. */
  breached: number
  /** Against a share of bad ones of at least what is tolerated: how strongly it is held. */
  held: number
}

/** Jeffreys' prior for a share: Beta(1/2, 1/2). */
const PRIOR = 0.5

/**
 * Anytime-valid evidence on a share of bad ones against a `tolerated` one in (0, 1). Each side is the likelihood ratio to
 * `tolerated`, mixed over the shares of its side by Jeffreys' prior (Robbins 1970; Ramdas and others 2023): a
 * supermartingale under what it speaks against. By Ville's inequality the chance that it ever reaches ln(1 / alpha) there is
 * at most alpha, however often it is looked at. Counts need not be whole; smaller ones, for dependence, keep that bound.
 */
export function evidenceOn ({ n, bad }: Count, tolerated: number): Evidence {
  const good = n - bad
  const ratio = lnBeta(bad + PRIOR, good + PRIOR) - lnBeta(PRIOR, PRIOR) -
    bad * Math.log(tolerated) - good * Math.log1p(-tolerated)
  // Each tail as a small number of its own: 1 less the other would drown it in rounding, which the ratio then blows up.
  const above = (b: number, g: number): number => Math.log(betaCdf(1 - tolerated, g, b))
  const below = (b: number, g: number): number => Math.log(betaCdf(tolerated, b, g))
  return {
    breached: ratio + above(bad + PRIOR, good + PRIOR) - above(PRIOR, PRIOR),
    held: ratio + below(bad + PRIOR, good + PRIOR) - below(PRIOR, PRIOR)
  }
}

/** The fewest exchanges, all good, whose evidence that a `target` share of good ones holds reaches ln(1 / alpha). */
export function fewestForEvidence (target: number, alpha: number): number {
  const reaches = (n: number): boolean => evidenceOn({ n, bad: 0 }, 1 - target).held >= -Math.log(alpha)
  let high = 1
  while (!reaches(high)) high *= 2
  let low = Math.floor(high / 2)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (reaches(middle)) high = middle
    else low = middle
  }
  return high
}
