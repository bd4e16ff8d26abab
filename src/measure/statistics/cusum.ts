import type { Count } from './effective-size.ts'

/** Two shares of bad ones in (0, 1): `tolerated`, the smaller, is still fine; `refused` is clearly not. */
export interface Shares { tolerated: number, refused: number }

/** What a CUSUM found in a sequence of counts. Places are indexes into it. */
export interface Cusum {
  /** The sum after each count. */
  sums: number[]
  /** The first count at whose end the sum had reached the threshold; null if none had. */
  alarm: number | null
  /** The count after the last zero before the alarm: where the change most likely began (Page 1954); null without an alarm. */
  onset: number | null
}

/**
 * The threshold at which the chance of an alarm among `most` exchanges is at most `alpha` as long as no more than what is
 * tolerated are bad: Ville's inequality for each start from zero, and a start at each exchange at most.
 */
export function cusumThreshold (most: number, alpha: number): number {
  return Math.log(Math.max(1, most) / alpha)
}

/** By how much one count moves the sum: the logarithm of how much likelier it is under the refused share. */
export function cusumStep ({ tolerated, refused }: Shares, { n, bad }: Count): number {
  return bad * Math.log(refused / tolerated) + (n - bad) * Math.log((1 - refused) / (1 - tolerated))
}

/**
 * Bernoulli CUSUM (Page 1954) over counts, such as single exchanges or the seconds of a phase: the sum of the steps, which
 * starts again at zero whenever it would fall below. A plain sequential test drifts down while all is well and then reacts
 * late. `weight` is what each exchange counts: less than 1 where they hang together.
 */
export function cusum (counts: readonly Count[], shares: Shares, threshold: number, weight = 1): Cusum {
  const sums: number[] = []
  let sum = 0
  let zero = -1
  let alarm: number | null = null
  for (const [i, count] of counts.entries()) {
    sum = Math.max(0, sum + weight * cusumStep(shares, count))
    sums.push(sum)
    if (alarm === null && sum >= threshold) alarm = i
    if (alarm === null && sum === 0) zero = i
  }
  return { sums, alarm, onset: alarm === null ? null : zero + 1 }
}
