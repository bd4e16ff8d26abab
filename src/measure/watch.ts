import { HandshakeCounts } from './handshakes.ts'
import type { HandshakeCount } from './handshakes.ts'
import { Histogram } from './histogram.ts'
import type { Percentiles } from './histogram.ts'
import { counts, isBad, subjectOf } from './objective.ts'
import type { Objective, Subject } from './objective.ts'
import type { Observation, Observer } from './observation.ts'
import { Survivors } from './survivors.ts'
import type { SurvivorReading } from './survivors.ts'

/** What was counted against the objectives of a watch, in its order: of `of[i]` that the i-th counts, `bad[i]` were bad. */
export interface Tally { of: number[], bad: number[] }

/** Exact counts of one second of a phase; `n` are requests. */
export interface Bin extends Tally { second: number, n: number }

/** Handshakes of a phase. Of `n`, `unfinished` were still open when this was read; they are not in `counts`. */
export interface HandshakeReading { n: number, unfinished: number, counts: HandshakeCount[] }

/**
 * What a watch has counted in one phase. Plain data. Requests and handshakes count in the phase in which they started;
 * what does not say which, is about requests.
 */
export interface PhaseReading extends Tally {
  name: string
  /** Monotonic milliseconds of the process that measures. */
  startedAt: number
  /** When the next phase began; null while it lasts. */
  endedAt: number | null
  /** Requests (connections, at a tcp proxy). */
  n: number
  /** Of `n`, those still open when this was read; they are counted as bad. */
  unfinished: number
  /** One for each second of the phase that saw a request or a handshake start; `second` counts from the phase's beginning. */
  bins: Bin[]
  latency: Percentiles
  statuses: Record<string, number>
  outcomes: Record<string, number>
  handshakes: HandshakeReading
  /** What the requests came on; null if none of them came behind TLS. */
  survivors: SurvivorReading | null
}

/** All phases of a watch, in order. */
export interface WatchReading { objectives: string[], phases: PhaseReading[] }

interface Phase extends Tally {
  name: string
  startedAt: number
  n: number
  bins: Map<number, Bin>
  latency: Histogram
  statuses: Record<string, number>
  outcomes: Record<string, number>
  handshakes: HandshakeCounts
  survivors: Survivors
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
    this.#phases.push({
      name,
      startedAt: at,
      n: 0,
      ...this.#emptyTally(),
      bins: new Map(),
      latency: new Histogram(),
      statuses: {},
      outcomes: {},
      handshakes: new HandshakeCounts(),
      survivors: new Survivors(at)
    })
  }

  observe (observation: Observation): void {
    const { kind, handshake, connection, startedAt } = observation
    const phase = this.#phaseOf(startedAt)
    if (phase === undefined) return
    const bin = this.#binOf(phase.bins, phase, startedAt)
    for (let i = 0; i < this.#objectives.length; i++) {
      const objective = this.#objectives[i]!
      if (!counts(objective, observation)) continue
      const bad = isBad(objective, observation)
      add(phase, i, bad)
      add(bin, i, bad)
    }
    if (kind === 'handshake') {
      if (handshake !== undefined) phase.handshakes.add(handshake)
      return
    }
    phase.n++
    bin.n++
    if (connection !== undefined) phase.survivors.add(connection, observation)
    phase.latency.record(observation.endedAt - startedAt)
    increment(phase.statuses, String(observation.status))
    increment(phase.outcomes, observation.outcome)
  }

  /**
   * The counts so far. `open` and `shaking` are the start times of requests and handshakes still open; each counts in its
   * phase and as bad, so give them only when no more waiting is meant: at the end of a run, after its drain.
   */
  read (open: readonly number[] = [], shaking: readonly number[] = []): WatchReading {
    return {
      objectives: this.#objectives.map((objective) => objective.text),
      phases: this.#phases.map((phase, i) => this.#read(phase, this.#phases[i + 1]?.startedAt ?? null, open, shaking))
    }
  }

  #read (phase: Phase, endedAt: number | null, open: readonly number[], shaking: readonly number[]): PhaseReading {
    const bins = new Map([...phase.bins].map(([second, bin]) => [second, { ...bin, of: [...bin.of], bad: [...bin.bad] }]))
    const tally: Tally = { of: [...phase.of], bad: [...phase.bad] }
    const outcomes = { ...phase.outcomes }
    const inPhase = (startedAt: number): boolean => this.#phaseOf(startedAt) === phase
    const unfinished = open.filter(inPhase)
    const unshaken = shaking.filter(inPhase)
    for (const startedAt of unfinished) {
      increment(outcomes, 'unfinished')
      const bin = this.#binOf(bins, phase, startedAt)
      bin.n++
      this.#leaveOpen('requests', tally, bin)
    }
    for (const startedAt of unshaken) this.#leaveOpen('handshakes', tally, this.#binOf(bins, phase, startedAt))
    return {
      name: phase.name,
      startedAt: phase.startedAt,
      endedAt,
      n: phase.n + unfinished.length,
      ...tally,
      unfinished: unfinished.length,
      bins: [...bins.values()].sort((a, b) => a.second - b.second),
      latency: phase.latency.percentiles(),
      statuses: { ...phase.statuses },
      outcomes,
      handshakes: { n: phase.handshakes.n + unshaken.length, unfinished: unshaken.length, counts: phase.handshakes.read() },
      survivors: phase.survivors.read()
    }
  }

  #leaveOpen (subject: Subject, ...tallies: readonly Tally[]): void {
    for (const [i, objective] of this.#objectives.entries()) {
      if (subjectOf(objective) !== subject) continue
      for (const tally of tallies) add(tally, i, true)
    }
  }

  #binOf (bins: Map<number, Bin>, phase: Phase, startedAt: number): Bin {
    const second = Math.floor((startedAt - phase.startedAt) / 1000)
    let bin = bins.get(second)
    if (bin === undefined) bins.set(second, bin = { second, n: 0, ...this.#emptyTally() })
    return bin
  }

  #emptyTally (): Tally {
    return { of: this.#objectives.map(() => 0), bad: this.#objectives.map(() => 0) }
  }

  #phaseOf (startedAt: number): Phase | undefined {
    for (let i = this.#phases.length - 1; i >= 0; i--) {
      if (startedAt >= this.#phases[i]!.startedAt) return this.#phases[i]
    }
    return undefined
  }
}

function add (tally: Tally, i: number, bad: boolean): void {
  tally.of[i]!++
  if (bad) tally.bad[i]!++
}

function increment (counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
