import type { Random } from '../src/kernel/random.ts'
import type { Count } from '../src/measure/statistics/effective-size.ts'

/** How the bad exchanges of simulated traffic hang together. Times in seconds. */
export type Shape =
  | { kind: 'independent' }
  | { kind: 'clusters', size: number }
  | { kind: 'episodes', lasting: number, failing: number }
  | { kind: 'drifting', time: number, deviation: number }

/** Simulated traffic of a phase: exchanges a second, seconds, the true share of bad ones and how they hang together. */
export interface Traffic { rate: number, seconds: number, bad: number, shape: Shape }

const TICK = 0.1

/** Draws what a phase counted, second by second. */
export function simulate ({ rate, seconds, bad, shape }: Traffic, random: Random): Count[] {
  const shareIn = sharesOf(bad, shape, random)
  const series: Count[] = []
  let left = 0
  for (let second = 0; second < seconds; second++) {
    const count = { n: 0, bad: 0 }
    for (let tick = 0; tick < 1 / TICK; tick++) {
      const n = poisson(rate * TICK, random)
      count.n += n
      if (shape.kind === 'clusters') {
        // A cluster is a number of exchanges in a row, which may go on into the next second.
        const starts = poisson(n * bad / shape.size, random)
        for (let i = 0; i < starts; i++) left += geometric(1 / shape.size, random)
        const hit = Math.min(n, left)
        left -= hit
        count.bad += hit
      } else {
        count.bad += binomial(n, shareIn(), random)
      }
    }
    series.push(count)
  }
  return series
}

/** How many clusters or episodes of bad ones a phase has on average; for others, how many bad exchanges. */
export function expectedEvents ({ rate, seconds, bad, shape }: Traffic): number {
  if (shape.kind === 'clusters') return rate * seconds * bad / shape.size
  if (shape.kind === 'episodes') return seconds * bad / (shape.failing * shape.lasting)
  if (shape.kind === 'drifting') return Math.min(rate * seconds * bad, seconds / (2 * shape.time))
  return rate * seconds * bad
}

/** The share of bad ones in the next tick, tick by tick. */
function sharesOf (bad: number, shape: Shape, random: Random): () => number {
  if (shape.kind === 'episodes') {
    // Two states, each left with a constant chance, so that the share of time in the bad one is as wanted.
    const inBad = Math.min(0.95, bad / shape.failing)
    const leave = 1 - Math.exp(-TICK / shape.lasting)
    const enter = Math.min(1, leave * inBad / (1 - inBad))
    let state = random.next() < inBad
    return () => {
      const share = state ? shape.failing : 0
      state = state ? random.next() >= leave : random.next() < enter
      return share
    }
  }
  if (shape.kind === 'drifting') {
    // The logarithm of the share is autoregressive (AR 1).
    const keep = Math.exp(-TICK / shape.time)
    let z = normal(random)
    return () => {
      z = keep * z + Math.sqrt(1 - keep * keep) * normal(random)
      return Math.min(1, bad * Math.exp(shape.deviation * z - shape.deviation ** 2 / 2))
    }
  }
  return () => bad
}

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())

/** At least 1, with the given chance to stop at each. */
const geometric = (stop: number, random: Random): number =>
  stop >= 1 ? 1 : 1 + Math.floor(Math.log(1 - random.next()) / Math.log1p(-stop))

function poisson (mean: number, random: Random): number {
  // Arrivals of busy ticks; how they are spread hardly matters there.
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  const end = Math.exp(-mean)
  let count = 0
  for (let product = random.next(); product > end; product *= random.next()) count++
  return count
}

/** How many of `n` there are, if each is one with this chance. */
export function binomial (n: number, share: number, random: Random): number {
  if (share <= 0) return 0
  let count = 0
  // From one success to the next.
  for (let at = geometric(share, random); at <= n; at += geometric(share, random)) count++
  return count
}
