import { Histogram } from './histogram.ts'
import type { Percentiles } from './histogram.ts'
import { isBad } from './objective.ts'
import type { Objective } from './objective.ts'
import type { Observation, Observer } from './observation.ts'

/** Exact counts of one second of a phase. `bad` has one entry for each objective of the watch, in its order. */
export interface Bin { second: number, n: number, bad: number[] }

/** What a watch has counted in one phase. Plain data. Requests count in the phase in which they started. */
export interface PhaseReading {
  name: string
  /** Monotonic milliseconds of the process that measures. */
  startedAt: number
  /** When the next phase began; null while it lasts. */
  endedAt: number | null
  n: number
  bad: number[]
  /** Of `n`, those still open when this was read; they are counted as bad. */
  unfinished: number
  /** One for each second of the phase that saw a request start; `second` counts from the phase's beginning. */
  bins: Bin[]
  latency: Percentiles
  statuses: Record<string, number>
  outcomes: Record<string, number>
}

/** All phases of a watch, in order. */
export interface WatchReading { objectives: string[], phases: PhaseReading[] }

interface Phase {
  name: string
  startedAt: number
  n: number
  bad: number[]
  bins: Map<number, Bin>
  latency: Histogram
  statuses: Record<string, number>
  outcomes: Record<string, number>
}

/** Counts observations exactly, by phase and second of their start, against objectives. */
export class Watch implements Observer {
  readonly #objectives: readonly Objective[]
  readonly #phases: Phase[] = []

  constructor (objectives: readonly Objective[]) {
    this.#objectives = objectives
  }

  /** Begins a phase at the monotonic time `at`; what starts from now on counts there. Before the first phase nothing counts. */
  mark (name: string, at: number): void {
    const bad = this.#objectives.map(() => 0)
    this.#phases.push({ name, startedAt: at, n: 0, bad, bins: new Map(), latency: new Histogram(), statuses: {}, outcomes: {} })
  }

  observe (observation: Observation): void {
    const phase = this.#phaseOf(observation.startedAt)
    if (phase === undefined) return
    const bin = binOf(phase, observation.startedAt)
    phase.n++
    bin.n++
    for (let i = 0; i < this.#objectives.length; i++) {
      if (!isBad(this.#objectives[i]!, observation)) continue
      phase.bad[i]!++
      bin.bad[i]!++
    }
    phase.latency.record(observation.endedAt - observation.startedAt)
    increment(phase.statuses, String(observation.status))
    increment(phase.outcomes, observation.outcome)
  }

  /**
   * The counts so far. `open` are the start times of exchanges still open; each counts in its phase and as bad, so give
   * them only when no more waiting is meant: at the end of a run, after its drain.
   */
  read (open: readonly number[] = []): WatchReading {
    return {
      objectives: this.#objectives.map((objective) => objective.text),
      phases: this.#phases.map((phase, i) => this.#read(phase, this.#phases[i + 1]?.startedAt ?? null, open))
    }
  }

  #read (phase: Phase, endedAt: number | null, open: readonly number[]): PhaseReading {
    const bins = new Map([...phase.bins].map(([second, bin]) => [second, { ...bin, bad: [...bin.bad] }]))
    const bad = [...phase.bad]
    const outcomes = { ...phase.outcomes }
    let unfinished = 0
    for (const startedAt of open) {
      if (this.#phaseOf(startedAt) !== phase) continue
      unfinished++
      increment(outcomes, 'unfinished')
      const second = Math.floor((startedAt - phase.startedAt) / 1000)
      const bin = bins.get(second) ?? { second, n: 0, bad: bad.map(() => 0) }
      bins.set(second, bin)
      bin.n++
      for (let i = 0; i < bad.length; i++) {
        bad[i]!++
        bin.bad[i]!++
      }
    }
    return {
      name: phase.name,
      startedAt: phase.startedAt,
      endedAt,
      n: phase.n + unfinished,
      bad,
      unfinished,
      bins: [...bins.values()].sort((a, b) => a.second - b.second),
      latency: phase.latency.percentiles(),
      statuses: { ...phase.statuses },
      outcomes
    }
  }

  #phaseOf (startedAt: number): Phase | undefined {
    for (let i = this.#phases.length - 1; i >= 0; i--) {
      if (startedAt >= this.#phases[i]!.startedAt) return this.#phases[i]
    }
    return undefined
  }
}

function binOf (phase: Phase, startedAt: number): Bin {
  const second = Math.floor((startedAt - phase.startedAt) / 1000)
  let bin = phase.bins.get(second)
  if (bin === undefined) phase.bins.set(second, bin = { second, n: 0, bad: phase.bad.map(() => 0) })
  return bin
}

function increment (counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
