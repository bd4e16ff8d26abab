import { Histogram } from './histogram.ts'
import type { Percentiles } from './histogram.ts'
import { counts, isBad, subjectOf } from './objective.ts'
import type { Objective, Subject } from './objective.ts'
import type { Observation } from './observation.ts'
import { Spreading } from './spread.ts'
import type { Spread } from './spread.ts'

/** What was counted against the objectives of a watch, in its order: of `of[i]` that the i-th counts, `bad[i]` were bad. */
export interface Tally { of: number[], bad: number[] }

/** Exact counts of one second of a phase; `n` are requests. */
export interface Bin extends Tally { second: number, n: number }

/** What was counted of a phase, or of one arm in it. Plain data. */
export interface CountReading extends Tally {
  /** Requests (connections, at a tcp proxy). */
  n: number
  /** Of `n`, those still open when this was read; they are counted as bad. */
  unfinished: number
  /** One for each second of the phase that saw a request or a handshake start; `second` counts from the phase's beginning. */
  bins: Bin[]
  latency: Percentiles
  /** How the latencies of those that ended were spread; left out while more are waited for. */
  spread?: Spread
}

/** Counts what began since a moment exactly, by the second in which it began, against objectives. */
export class Counting {
  readonly #objectives: readonly Objective[]
  readonly #startedAt: number
  readonly #tally: Tally
  readonly #bins = new Map<number, Bin>()
  readonly #latency = new Histogram()
  readonly #spread = new Spreading()
  #n = 0

  /** `startedAt` is in monotonic milliseconds. */
  constructor (objectives: readonly Objective[], startedAt: number) {
    this.#objectives = objectives
    this.#startedAt = startedAt
    this.#tally = this.#empty()
  }

  add (observation: Observation): void {
    const { kind, startedAt, endedAt } = observation
    const bin = this.#binOf(this.#bins, startedAt)
    for (let i = 0; i < this.#objectives.length; i++) {
      const objective = this.#objectives[i]!
      if (!counts(objective, observation)) continue
      const bad = isBad(objective, observation)
      increase(this.#tally, i, bad)
      increase(bin, i, bad)
    }
    if (kind === 'handshake') return
    this.#n++
    bin.n++
    this.#latency.record(endedAt - startedAt)
    this.#spread.record(endedAt - startedAt)
  }

  /** The counts so far; what of `open` requests and `shaking` handshakes began then counts as bad. */
  read (open: readonly number[], shaking: readonly number[], final: boolean): CountReading {
    const bins = new Map([...this.#bins].map(([second, bin]) => [second, { ...bin, of: [...bin.of], bad: [...bin.bad] }]))
    const tally: Tally = { of: [...this.#tally.of], bad: [...this.#tally.bad] }
    for (const startedAt of open) {
      const bin = this.#binOf(bins, startedAt)
      bin.n++
      this.#leaveOpen('requests', tally, bin)
    }
    for (const startedAt of shaking) this.#leaveOpen('handshakes', tally, this.#binOf(bins, startedAt))
    return {
      n: this.#n + open.length,
      ...tally,
      unfinished: open.length,
      bins: [...bins.values()].sort((a, b) => a.second - b.second),
      latency: this.#latency.percentiles(),
      ...final ? { spread: this.#spread.read() } : {}
    }
  }

  #leaveOpen (subject: Subject, ...tallies: readonly Tally[]): void {
    for (const [i, objective] of this.#objectives.entries()) {
      if (subjectOf(objective) !== subject) continue
      for (const tally of tallies) increase(tally, i, true)
    }
  }

  #binOf (bins: Map<number, Bin>, startedAt: number): Bin {
    const second = Math.floor((startedAt - this.#startedAt) / 1000)
    let bin = bins.get(second)
    if (bin === undefined) bins.set(second, bin = { second, n: 0, ...this.#empty() })
    return bin
  }

  #empty (): Tally {
    return { of: this.#objectives.map(() => 0), bad: this.#objectives.map(() => 0) }
  }
}

function increase (tally: Tally, i: number, bad: boolean): void {
  tally.of[i]!++
  if (bad) tally.bad[i]!++
}
