import type { Percentiles } from './histogram.ts'

/** How latencies were spread: pairs of milliseconds and how many took about that long, the fastest first. Plain data. */
export type Spread = [ms: number, count: number][]

/** Buckets are this many to a factor of e: each is 1 % wide. */
const FINENESS = 100

/** The shortest latency that is told apart, in milliseconds. */
const SHORTEST = 0.001

/** Latencies in buckets 1 % wide, as few as were met. */
export class Spreading {
  readonly #counts = new Map<number, number>()

  /** Adds a latency in milliseconds. */
  record (ms: number): void {
    const bucket = Math.round(Math.log(Math.max(SHORTEST, ms)) * FINENESS)
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1)
  }

  read (): Spread {
    return [...this.#counts].sort((a, b) => a[0] - b[0]).map(([bucket, count]) => [Math.exp(bucket / FINENESS), count])
  }
}

/** The latency at a rank of a spread, counted from 1; what never ended is slower than all that did. Infinity beyond the last. */
export function atRank (spread: Spread, rank: number): number {
  let below = 0
  for (const [ms, count] of spread) {
    below += count
    if (below >= rank) return ms
  }
  return Infinity
}

/** Percentiles of a spread, within 1 %; all zero when nothing was recorded. */
export function percentilesOf (spread: Spread): Percentiles {
  const n = spread.reduce((sum, [, count]) => sum + count, 0)
  const at = (share: number): number => n === 0 ? 0 : atRank(spread, Math.max(1, Math.ceil(share * n - 1e-9)))
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** Several spreads in one. */
export function mergeSpreads (spreads: readonly Spread[]): Spread {
  const counts = new Map<number, number>()
  for (const [ms, count] of spreads.flat()) counts.set(ms, (counts.get(ms) ?? 0) + count)
  return [...counts].sort((a, b) => a[0] - b[0])
}
