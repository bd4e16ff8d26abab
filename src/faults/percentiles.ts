import { Type } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import type { Random } from '../kernel/random.ts'
import { shortDuration } from '../kernel/units.ts'

/** The value (milliseconds) that a fraction `at` of all stay below. */
export interface Quantile { at: number, ms: number }

const WANTED = 'percentiles that rise, such as p50=20ms,p95=200ms,p99=2s'

/** Schema of percentiles, written `p50=20ms,p95=200ms` or as a mapping; decodes to quantiles from 0 to 1. */
export const Percentiles = Type.Decode(Type.Union([
  Type.String(), Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))
], { wanted: WANTED, description: 'what it is to look like: p0 is 0, and nothing is longer than the last, unless they are given' }), parsePercentiles)

/** Quantiles in order, with those of 0 and 1, from what a person wrote. Throws PMT_ERR_INVALID. */
export function parsePercentiles (written: string | Record<string, string | number>): readonly Quantile[] {
  const pairs = typeof written === 'string' ? written.split(',').map((pair) => pair.split('=') as [string, string?]) : Object.entries(written)
  const points = pairs.map(([name, value]) => ({ name, at: rankOf(name.trim()), ms: shortDuration(value ?? '') })).sort((a, b) => a.at - b.at)
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) throw refusal('no percentile is given', written)
  points.reduce((before, point) => {
    if (point.at === before.at) throw refusal('a percentile is given twice', point.name)
    if (point.ms < before.ms) throw refusal('a percentile is below the one before', point.name)
    return point
  })
  const quantiles: Quantile[] = points.map(({ at, ms }) => ({ at, ms }))
  if (first.at > 0) quantiles.unshift({ at: 0, ms: 0 })
  if (last.at < 1) quantiles.push({ at: 1, ms: last.ms })
  return quantiles
}

/** Draws from the distribution that is linear between the quantiles, by inversion. */
export function quantilesOf (points: readonly Quantile[]): (random: Random) => number {
  return (random) => {
    const u = random.next()
    const above = points.findIndex((point) => point.at > u)
    const low = points[above - 1]!
    const high = points[above]!
    return low.ms + (high.ms - low.ms) * (u - low.at) / (high.at - low.at)
  }
}

function rankOf (name: string): number {
  const digits = /^p(\d+(?:\.\d+)?)$/.exec(name)?.[1]
  // The exponent, not a division: 99.9 / 100 is not the double nearest to 0.999.
  const rank = Number(`${digits}e-2`)
  if (digits === undefined || rank > 1) throw refusal('not a percentile', name)
  return rank
}

function refusal (message: string, found: unknown): PremortemError {
  return new PremortemError('PMT_ERR_INVALID', { message, found, wanted: WANTED })
}
