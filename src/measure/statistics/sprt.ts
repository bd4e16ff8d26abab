import type { Count } from './effective-size.ts'

/**
 * What a sequential test is to tell apart: a share of bad ones of at most `tolerated` from one of at least `refused`,
 * both in (0, 1), `tolerated` the smaller. `alpha` is the chance to reject what is tolerated, `beta` to accept what is refused.
 */
export interface Question { tolerated: number, refused: number, alpha: number, beta: number }

/** The lines of the test: accept at `bad <= accept + slope n`, reject at `bad >= reject + slope n`. */
export interface Lines { slope: number, accept: number, reject: number }

/** The lines of Wald's sequential probability ratio test (1945) for a share; as in NIST's e-Handbook, 6.2.6. */
export function sprtLines ({ tolerated, refused, alpha, beta }: Question): Lines {
  const k = Math.log(refused * (1 - tolerated) / (tolerated * (1 - refused)))
  return {
    slope: Math.log((1 - tolerated) / (1 - refused)) / k,
    accept: -Math.log((1 - alpha) / beta) / k,
    reject: Math.log((1 - beta) / alpha) / k
  }
}

/**
 * What the counts so far say; `undecided`: go on. Ask after each few exchanges and stop at the first answer: that is
 * what keeps both errors near what was asked, alpha / (1 - beta) and beta / (1 - alpha) at most, for exchanges that do
 * not depend on each other.
 */
export function sprtStep ({ slope, accept, reject }: Lines, { n, bad }: Count): 'accept' | 'reject' | 'undecided' {
  const line = slope * n
  return bad >= reject + line ? 'reject' : bad <= accept + line ? 'accept' : 'undecided'
}
