import { Type } from 'typebox'
import type { StaticDecode, TObject } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import type { Random } from '../kernel/random.ts'
import { Default, Duration, OneOf, Share } from '../kernel/schema.ts'
import { shortDuration } from '../kernel/units.ts'
import { Percentiles, quantilesOf } from './percentiles.ts'
import { SHAPES, compileShape } from './shape.ts'

const MOST_RECORDED = 10_000

/** The parameters of a wait, beside its base, which each fault names itself. */
export const WAIT = {
  jitter: Duration({
    description: 'how much it varies: evenly by so much, more or less (uniform); its standard deviation (normal); from the median to the 84th percentile (lognormal); from the least to the mean (pareto)',
    default: 0
  }),
  distribution: Default(OneOf(['uniform', 'normal', 'lognormal', 'pareto'], { description: 'how it varies' }), 'uniform'),
  percentiles: Type.Optional(Percentiles),
  recorded: Type.Optional(Type.Decode(Type.Array(Duration(), {
    minItems: 1, maxItems: MOST_RECORDED, wanted: 'a list of 1 to 10,000 durations', description: 'waits that were measured: it varies as they do'
  }), sortedDurations)),
  longest: Type.Optional(Duration({ description: 'no wait is longer' })),
  shape: Default(OneOf(SHAPES, { description: 'how it changes with time: `ramp` rises once, the others come and go' }), 'constant'),
  period: Duration({ description: 'how long a shape takes', default: '60s' }),
  from: Duration({ description: 'the wait where a shape is lowest', default: 0 }),
  duty: Type.Optional(Share({ description: 'share of each period in which `square` (50%) and `burst` (10%) are high' }))
}

/** A wait's parameters, decoded: milliseconds and fractions. */
export type WaitParams = StaticDecode<TObject<typeof WAIT>>

/** How long the next wait is, in milliseconds, `elapsed` milliseconds after the fault began. */
export type Wait = (random: Random, elapsed: number) => number

/**
 * Refuses what contradicts itself; `name` is what the base is called, and `base` its value.
 * Throws PMT_ERR_INVALID.
 */
export function checkWait (name: string, base: number | undefined, params: WaitParams, at: (param: string) => string): void {
  const refuse = (key: string, message: string, found: unknown, wanted: string): never => {
    throw new PremortemError('PMT_ERR_INVALID', { message, path: at(key), found, wanted })
  }
  const { jitter, distribution, percentiles, recorded, period } = params
  if (base === undefined && percentiles === undefined && recorded === undefined) {
    refuse(name, `\`${name}\` is missing`, 'nothing', 'a duration such as 500ms; or `percentiles`, or `recorded`')
  }
  const sources = { [name]: base, percentiles, recorded }
  const given = Object.keys(sources).filter((key) => sources[key] !== undefined)
  if (given.length > 1) refuse(given[1]!, `\`${given[0]}\` says how long already`, given.join(', '), 'one of them')
  if (base === undefined && (jitter > 0 || distribution !== 'uniform')) {
    const key = jitter > 0 ? 'jitter' : 'distribution'
    refuse(key, `\`${key}\` goes with \`${name}\``, params[key], `none: ${given[0]} vary by themselves`)
  }
  if (base === 0 && jitter > 0 && (distribution === 'lognormal' || distribution === 'pareto')) {
    refuse(name, `nothing above 0 is ${distribution} around 0`, base, 'a duration above 0')
  }
  if (period === 0) refuse('period', 'no shape has room in no time', period, 'a duration above 0')
}

/** A wait from parameters that were checked. */
export function compileWait (base: number | undefined, params: WaitParams): Wait {
  const drawn = compileDraw(base, params)
  const factor = compileShape(params.shape, params.period, params.duty)
  const { from, longest = Number.MAX_VALUE } = params
  return (random, elapsed) => {
    const full = Math.min(drawn(random), longest)
    return full > from ? from + (full - from) * factor(elapsed) : Math.min(from, longest)
  }
}

function compileDraw (base: number | undefined, params: WaitParams): (random: Random) => number {
  const { jitter, distribution, percentiles, recorded } = params
  if (percentiles !== undefined) return quantilesOf(percentiles)
  if (recorded !== undefined) return empirical(recorded)
  const middle = base!
  if (jitter === 0) return () => middle
  switch (distribution) {
    case 'normal': return (random) => middle + jitter * gaussian(random)
    case 'lognormal': return lognormal(middle, jitter)
    case 'pareto': return pareto(middle, jitter)
    default: return (random) => middle + random.spread(jitter)
  }
}

/** A standard normal number (Box and Muller, 1958). */
function gaussian (random: Random): number {
  // 1 - next() is above 0, and so has a logarithm.
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

/**
 * Median `median`; `median + spread` one standard deviation up, which is the 84.13th percentile: exp(mu + sigma z) with
 * mu = ln median, sigma = ln(1 + spread / median) (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.6.9).
 */
function lognormal (median: number, spread: number): (random: Random) => number {
  // e^709 is the largest there is; more would make 0 * Infinity out of extremes.
  const sigma = Math.min(Math.log1p(spread / median), 709)
  return (random) => median * Math.exp(sigma * gaussian(random))
}

/**
 * Least value `least`, mean `least + above`, since the mean is alpha * least / (alpha - 1) with alpha = 1 + least / above.
 * Drawn by inversion (Devroye, Non-Uniform Random Variate Generation, 1986, II.2, table 2.1).
 */
function pareto (least: number, above: number): (random: Random) => number {
  const alpha = 1 + least / above
  return (random) => least * (1 - random.next()) ** (-1 / alpha)
}

// Sorted once, when the fault is decoded: a stream fault begins anew on every connection.
function sortedDurations (written: (string | number)[]): Float64Array {
  return Float64Array.from(written, shortDuration).sort()
}

/** As the values given: their empirical quantile function, linear in between (Hyndman and Fan, 1996, definition 7). */
function empirical (sorted: Float64Array): (random: Random) => number {
  return (random) => {
    const place = random.next() * (sorted.length - 1)
    const below = Math.floor(place)
    const low = sorted[below]!
    return low + (sorted[Math.min(below + 1, sorted.length - 1)]! - low) * (place - below)
  }
}
