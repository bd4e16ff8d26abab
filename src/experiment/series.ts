import type { Bin } from '../measure/counting.ts'
import type { PhaseReading } from '../measure/watch.ts'
import type { Count } from '../measure/statistics/effective-size.ts'

/**
 * What a phase counted of one objective, second by second and without gaps: a second with nothing to count is one with
 * n 0. What started in the phase's last, partial second counts in the last whole one.
 */
export function seriesOf (bins: readonly Bin[], objective: number, length: number): Count[] {
  const seconds = Math.max(1, Math.round(length / 1000))
  const series = Array.from({ length: seconds }, () => ({ n: 0, bad: 0 }))
  for (const bin of bins) {
    const second = series[Math.min(bin.second, seconds - 1)]!
    second.n += bin.of[objective]!
    second.bad += bin.bad[objective]!
  }
  return series
}

/** How long a phase was, in milliseconds. One that was cut off lasted as long as it saw traffic. */
export function lengthOf ({ startedAt, endedAt, bins }: Pick<PhaseReading, 'startedAt' | 'endedAt' | 'bins'>): number {
  return endedAt === null ? ((bins.at(-1)?.second ?? 0) + 1) * 1000 : endedAt - startedAt
}

/**
 * A phase's seconds with the `open` requests that have no answer yet, taken to become good. The newest seconds miss them
 * first: each is filled up to `rate`, and what is left began in the last one.
 */
export function withOpen (series: readonly Count[], open: number, rate: number): Count[] {
  const filled = series.map((count) => ({ ...count }))
  let left = open
  for (let second = filled.length - 1; second >= 0 && left > 0; second--) {
    const count = filled[second]!
    const missing = Math.min(left, Math.max(0, Math.round(rate) - count.n))
    count.n += missing
    left -= missing
  }
  const last = filled.at(-1)
  if (last !== undefined) last.n += left
  return filled
}
