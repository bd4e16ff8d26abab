/** What a level said: the objectives hold there, one is breached there, or neither could be told in its time. */
export type LevelVerdict = 'held' | 'breached' | 'inconclusive'

/** How narrow the interval is to be: a share of the value it is around, or an amount of its own. */
export type Resolution = { share: number } | { amount: number }

/** Where to look. `from` is mild and `to` is harsh; `to` may be the smaller, as of a bandwidth. */
export interface SearchRange {
  from: number
  to: number
  resolution: Resolution
  /** Which value to try first; a sixteenth of the way if nobody says. */
  first?: number | undefined
  /** Whether only whole values can be tried. */
  whole?: boolean
}

/** How many parts the way from `from` to `to` has at the first step; each further step doubles what was gone. */
const FIRST = 16

/** The finest a resolution is taken, as a part of the whole way. */
const FINEST = 1000

/** How many levels may stay undecided before a search runs out of them. */
const SPARE = 3

/** Digits of a value: what people read, and finer where the resolution asks for it. */
const DIGITS = 3

/**
 * Looks for the harshest value that holds and the mildest that breaches: onwards in doubling steps, so that it is never
 * much more than twice as harsh as what holds, and then by halves. It takes for granted that what holds at a value holds at
 * milder ones. A level that stays undecided is left out, and the search narrows what is on either side of it.
 */
export class LimitSearch {
  readonly #range: SearchRange
  /** Whether halves are of factors and not of differences: what falls, as a bandwidth does, falls by factors. */
  readonly #byFactors: boolean
  /** Places on the way, from 0 (`from`, where it starts, and which is not tried) to 1 (`to`). */
  #held = 0
  #breached = Infinity
  #undecided: number[] = []
  #farthest = 0
  #farthestBreached = 0

  constructor (range: SearchRange) {
    this.#range = range
    this.#byFactors = range.to < range.from && range.to > 0
  }

  /** The harshest value that held; null if none did. */
  get held (): number | null { return this.#held === 0 ? null : this.#valueAt(this.#held) }

  /** The mildest value that was breached; null if none was. */
  get breached (): number | null { return this.#breached === Infinity ? null : this.#valueAt(this.#breached) }

  /** The values between them that were tried and stayed undecided, mildest first. */
  get undecided (): number[] { return this.#undecided.map((place) => this.#valueAt(place)) }

  /** The value to try next; null if there is nothing more to find out. */
  next (): number | null {
    const { first, whole = false } = this.#range
    if (this.#breached === Infinity) {
      if (this.#farthest === 1) return null
      if (this.#farthest > 0) return this.#valueAt(Math.min(1, this.#farthest * 2))
      const least = whole ? this.#placeOf(this.#range.from + this.#sign) : 0
      return this.#valueAt(Math.min(1, Math.max(least, first === undefined ? 1 / FIRST : this.#placeOf(first))))
    }
    const places = [this.#held, ...this.#undecided, this.#breached]
    // Between two undecided levels there is nothing but undecided ones.
    const gaps = [[places[0]!, places[1]!], [places.at(-2)!, places.at(-1)!]] as const
    const [widest] = gaps.filter(([mild, harsh]) => !this.#isNarrow(mild, harsh)).sort((a, b) => (b[1] - b[0]) - (a[1] - a[0]))
    if (widest === undefined) return null
    const middle = this.#valueAt((widest[0] + widest[1]) / 2)
    const place = this.#placeOf(middle)
    return place > widest[0] && place < widest[1] ? middle : null
  }

  /** Takes what a level said. */
  record (value: number, verdict: LevelVerdict): void {
    const place = this.#placeOf(value)
    this.#farthest = Math.max(this.#farthest, place)
    if (verdict === 'held') this.#held = Math.max(this.#held, place)
    if (verdict === 'breached') {
      this.#breached = Math.min(this.#breached, place)
      this.#farthestBreached = Math.max(this.#farthestBreached, place)
    }
    if (verdict === 'inconclusive' && !this.#undecided.includes(place)) this.#undecided.push(place)
    this.#undecided = this.#undecided.filter((one) => one > this.#held && one < this.#breached).sort((a, b) => a - b)
  }

  /** A value that must be breached too, if what is harsher is never better: twice as far as was breached. */
  check (): number | null {
    if (this.#farthestBreached === 0 || this.#farthestBreached === 1) return null
    return this.#valueAt(Math.min(1, this.#farthestBreached * 2))
  }

  get #sign (): number { return Math.sign(this.#range.to - this.#range.from) }

  #isNarrow (mild: number, harsh: number): boolean {
    const width = Math.abs(this.#exactly(harsh) - this.#exactly(mild))
    const around = this.#exactly((mild + harsh) / 2)
    return width <= this.#wanted(around)
  }

  /** How wide the interval may be around a value. */
  #wanted (around: number): number {
    const { from, to, resolution, whole = false } = this.#range
    const asked = 'share' in resolution ? resolution.share * Math.abs(around) : resolution.amount
    return Math.max(asked, whole ? 1 : 0, this.#byFactors ? 0 : Math.abs(to - from) / FINEST)
  }

  #exactly (place: number): number {
    const { from, to } = this.#range
    return this.#byFactors ? from * (to / from) ** place : from + (to - from) * place
  }

  #placeOf (value: number): number {
    const { from, to } = this.#range
    const place = this.#byFactors ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from)
    return Math.min(1, Math.max(0, place))
  }

  #valueAt (place: number): number {
    const { from, to, first, whole = false } = this.#range
    const exact = this.#exactly(place)
    for (const given of first === undefined ? [from, to] : [from, to, first]) {
      if (Math.abs(this.#placeOf(given) - place) < 1e-12) return given
    }
    if (whole) return Math.round(exact)
    return Number(exact.toPrecision(this.#wanted(exact) < 0.02 * Math.abs(exact) ? DIGITS + 2 : DIGITS))
  }
}

/** How many levels a search of this range can take, a few of them undecided: what its error is shared between. */
export function mostLevels (range: SearchRange): number {
  let most = 0
  const steps = 256
  for (let i = 0; i <= steps; i++) {
    // Limits near either end, and a few orders of magnitude between.
    const near = 10 ** (-4 * i / steps)
    most = Math.max(most, levelsFor(range, i / steps), levelsFor(range, near), levelsFor(range, 1 - near))
  }
  return most + SPARE
}

function levelsFor (range: SearchRange, part: number): number {
  const search = new LimitSearch(range)
  const limit = range.from + (range.to - range.from) * part
  const holds = (value: number): boolean => range.to > range.from ? value <= limit : value >= limit
  let levels = 0
  for (let value = search.next(); value !== null; value = search.next()) {
    search.record(value, holds(value) ? 'held' : 'breached')
    levels++
  }
  return levels
}
