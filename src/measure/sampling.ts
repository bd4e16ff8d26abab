import type { Bin, Tally } from './counting.ts'
import { Histogram } from './histogram.ts'
import type { Percentiles } from './histogram.ts'
import type { Objective } from './objective.ts'

/** What a source says: of `n`, so many were `bad`. A probe is one; an interval between two readings of counters has many. */
export interface Sample {
  source: string
  /** Monotonic milliseconds: when it was due, or when the interval began. It counts in the phase in which that was. */
  startedAt: number
  endedAt: number
  n: number
  bad: number
  /** How long an answer took, in milliseconds; Infinity if none came, null for what is no time of an answer. */
  took: number | null
  /** Why it was bad, in a few words. */
  why?: string
}

/** Something that should have been a sample, and is not: nobody could be asked, or the answer said nothing. */
export interface Missing { source: string, startedAt: number, why: string }

/** Takes what sources say. Must not throw. */
export interface SampleObserver {
  sample (sample: Sample): void
  missing (missing: Missing): void
}

/** A sample whose end is still awaited. `counts`: what it counts as if it never comes. */
export interface Awaited { source: string, startedAt: number, counts: 'bad' | 'missing' }

/** What one source said in one phase. Plain data. */
export interface SourceReading {
  n: number
  bad: number
  /** How often it answered: for probes, as often as there are samples. */
  answers: number
  missing: number
  /** Samples, or readings, that began and have not ended. */
  unfinished: number
  /** Why some were bad or missing, and how often. */
  why: Record<string, number>
  /** How long answers took; null where none has a time. */
  latency: Percentiles | null
}

/** What was sampled in one phase: counts for each objective (0 for those on traffic), and for each source. */
export interface SamplePhase extends Tally { name: string, bins: Bin[], sources: Record<string, SourceReading> }

/** How many different reasons are told apart. */
const REASONS = 8

interface Said extends SourceReading { times: Histogram }

interface Phase extends Tally { index: number, name: string, startedAt: number, bins: Map<number, Bin>, said: Map<string, Said> }

/**
 * Counts samples exactly, by phase and second, against the objectives on their sources. A probe counts in the second in
 * which it was due; what was counted between two readings, in the second of the later one, when it was known.
 */
export class SampleWatch implements SampleObserver {
  readonly #objectives: readonly Objective[]
  readonly #sources: readonly string[]
  readonly #phases: Phase[] = []

  constructor (objectives: readonly Objective[], sources: readonly string[]) {
    this.#objectives = objectives
    this.#sources = sources
  }

  /** Begins a phase at the monotonic time `at`. Before the first phase nothing counts. */
  mark (name: string, at: number): void {
    const said = new Map(this.#sources.map((source): [string, Said] =>
      [source, { n: 0, bad: 0, answers: 0, missing: 0, unfinished: 0, why: {}, latency: null, times: new Histogram() }]))
    this.#phases.push({ index: this.#phases.length, name, startedAt: at, ...this.#empty(), bins: new Map(), said })
  }

  sample (sample: Sample): void {
    const { source, startedAt, n, bad, took, why } = sample
    const phase = this.#phaseOf(startedAt)
    const said = phase?.said.get(source)
    if (phase === undefined || said === undefined) return
    said.n += n
    said.bad += bad
    said.answers++
    if (bad > 0 && why !== undefined) this.#note(said.why, why)
    if (took !== null && Number.isFinite(took)) said.times.record(took)
    this.#count(phase, sample)
  }

  missing ({ source, startedAt, why }: Missing): void {
    const said = this.#phaseOf(startedAt)?.said.get(source)
    if (said === undefined) return
    said.missing++
    this.#note(said.why, why)
  }

  /** The counts so far. With `final`, what is still awaited counts as what it says of itself. */
  read (awaited: readonly Awaited[], final: boolean): SamplePhase[] {
    return this.#phases.map((phase) => {
      const own = awaited.filter(({ startedAt }) => this.#phaseOf(startedAt) === phase)
      const copy: Phase = {
        ...phase,
        of: [...phase.of],
        bad: [...phase.bad],
        bins: new Map([...phase.bins].map(([second, bin]) => [second, { ...bin, of: [...bin.of], bad: [...bin.bad] }])),
        said: new Map([...phase.said].map(([source, said]) => [source, { ...said, why: { ...said.why } }]))
      }
      for (const one of own) this.#leave(copy, one, final)
      const { name, of, bad, bins, said } = copy
      return {
        name,
        of,
        bad,
        bins: [...bins.values()].sort((a, b) => a.second - b.second),
        sources: Object.fromEntries([...said].map(([source, { times, ...reading }]) =>
          [source, { ...reading, latency: times.count === 0 ? null : times.percentiles() }]))
      }
    })
  }

  #leave (phase: Phase, { source, startedAt, counts }: Awaited, final: boolean): void {
    const said = phase.said.get(source)
    if (said === undefined) return
    said.unfinished++
    if (!final) return
    if (counts === 'missing') {
      said.missing++
      return
    }
    said.n++
    said.bad++
    said.answers++
    this.#count(phase, { source, startedAt, endedAt: startedAt, n: 1, bad: 1, took: Infinity })
  }

  #count (phase: Phase, { source, startedAt, endedAt, n, bad, took }: Sample): void {
    // What ends in a later phase is known only there, and still belongs here: to the last moment.
    const until = this.#phases[phase.index + 1]?.startedAt ?? Infinity
    const at = took === null ? Math.max(startedAt, Math.min(endedAt, until - 1)) : startedAt
    const second = Math.floor((at - phase.startedAt) / 1000)
    let bin = phase.bins.get(second)
    if (bin === undefined) phase.bins.set(second, bin = { second, n: 0, ...this.#empty() })
    for (const [i, objective] of this.#objectives.entries()) {
      if (objective.source !== source) continue
      const late = objective.kind === 'latency'
      const wrong = late ? Number((took ?? Infinity) > objective.threshold) : bad
      for (const tally of [phase, bin]) {
        tally.of[i]! += late ? 1 : n
        tally.bad[i]! += wrong
      }
    }
  }

  #note (why: Record<string, number>, text: string): void {
    const key = text in why || Object.keys(why).length < REASONS ? text : 'other reasons'
    why[key] = (why[key] ?? 0) + 1
  }

  #empty (): Tally {
    return { of: this.#objectives.map(() => 0), bad: this.#objectives.map(() => 0) }
  }

  #phaseOf (startedAt: number): Phase | undefined {
    return this.#phases.findLast((phase) => startedAt >= phase.startedAt)
  }
}
