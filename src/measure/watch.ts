import { ARMS } from './arms.ts'
import type { Arm, ArmOf, Begun } from './arms.ts'
import { Counting } from './counting.ts'
import type { CountReading } from './counting.ts'
import { HandshakeCounts } from './handshakes.ts'
import type { HandshakeCount } from './handshakes.ts'
import type { Objective } from './objective.ts'
import type { Observation, Observer } from './observation.ts'
import type { SourceReading } from './sampling.ts'
import { Survivors } from './survivors.ts'
import type { SurvivorReading } from './survivors.ts'

/** Handshakes of a phase. Of `n`, `unfinished` were still open when this was read; they are not in `counts`. */
export interface HandshakeReading { n: number, unfinished: number, counts: HandshakeCount[] }

/**
 * What a watch has counted in one phase. Plain data. Requests and handshakes count in the phase in which they started;
 * what does not say which, is about requests.
 */
export interface PhaseReading extends CountReading {
  name: string
  /** Monotonic milliseconds of the process that measures. */
  startedAt: number
  /** When the next phase began; null while it lasts. */
  endedAt: number | null
  statuses: Record<string, number>
  outcomes: Record<string, number>
  handshakes: HandshakeReading
  /** What the requests came on; null if none of them came behind TLS. */
  survivors: SurvivorReading | null
  /** What of it was in the arms of the faults; null if they are not told apart. */
  arms: Record<Arm, CountReading> | null
  /** What each source of samples said; left out if there are none. */
  samples?: Record<string, SourceReading>
}

/** All phases of a watch, in order. */
export interface WatchReading { objectives: string[], phases: PhaseReading[] }

interface Phase {
  name: string
  startedAt: number
  all: Counting
  arms: Record<Arm, Counting> | null
  statuses: Record<string, number>
  outcomes: Record<string, number>
  handshakes: HandshakeCounts
  survivors: Survivors
}

/** Counts observations exactly, by phase and second of their start, against objectives; with `armOf`, each arm apart as well. */
export class Watch implements Observer {
  readonly #objectives: readonly Objective[]
  readonly #armOf: ArmOf | null
  readonly #phases: Phase[] = []

  constructor (objectives: readonly Objective[], armOf: ArmOf | null = null) {
    this.#objectives = objectives
    this.#armOf = armOf
  }

  /** Begins a phase at the monotonic time `at`; what starts from now on counts there. Before the first phase nothing counts. */
  mark (name: string, at: number): void {
    const counting = (): Counting => new Counting(this.#objectives, at)
    this.#phases.push({
      name,
      startedAt: at,
      all: counting(),
      arms: this.#armOf === null ? null : { fault: counting(), control: counting() },
      statuses: {},
      outcomes: {},
      handshakes: new HandshakeCounts(),
      survivors: new Survivors(at)
    })
  }

  observe (observation: Observation): void {
    const { kind, handshake, connection, traits, startedAt } = observation
    const phase = this.#phaseOf(startedAt)
    if (phase === undefined) return
    phase.all.add(observation)
    if (phase.arms !== null) {
      const arm = this.#tell(traits)
      if (arm !== null) phase.arms[arm].add(observation)
    }
    if (kind === 'handshake') {
      if (handshake !== undefined) phase.handshakes.add(handshake)
      return
    }
    if (connection !== undefined) phase.survivors.add(connection, observation)
    increment(phase.statuses, String(observation.status))
    increment(phase.outcomes, observation.outcome)
  }

  /**
   * The counts so far. Give what is open only at the end of a run, after its drain, when no more waiting is meant: the
   * requests and handshakes each count in their phase and as bad, and how latencies were spread is told.
   */
  read (open?: readonly Begun[], shaking: readonly Begun[] = []): WatchReading {
    return {
      objectives: this.#objectives.map((objective) => objective.text),
      phases: this.#phases.map((phase, i) =>
        this.#read(phase, this.#phases[i + 1]?.startedAt ?? null, open ?? [], shaking, open !== undefined))
    }
  }

  #read (phase: Phase, endedAt: number | null, open: readonly Begun[], shaking: readonly Begun[], final: boolean): PhaseReading {
    const { name, startedAt, all, arms } = phase
    const inPhase = ({ startedAt }: Begun): boolean => this.#phaseOf(startedAt) === phase
    const unfinished = open.filter(inPhase)
    const unshaken = shaking.filter(inPhase)
    const outcomes = { ...phase.outcomes }
    if (unfinished.length > 0) outcomes.unfinished = (outcomes.unfinished ?? 0) + unfinished.length
    const reading = (counting: Counting, fits: (begun: Begun) => boolean = () => true): CountReading =>
      counting.read(timesOf(unfinished.filter(fits)), timesOf(unshaken.filter(fits)), final)
    return {
      name,
      startedAt,
      endedAt,
      ...reading(all),
      statuses: { ...phase.statuses },
      outcomes,
      handshakes: { n: phase.handshakes.n + unshaken.length, unfinished: unshaken.length, counts: phase.handshakes.read() },
      survivors: phase.survivors.read(),
      arms: arms === null ? null : eachArm((arm) => reading(arms[arm], ({ traits }) => this.#tell(traits) === arm))
    }
  }

  #tell (traits: Begun['traits']): Arm | null {
    return traits === undefined ? null : this.#armOf?.(traits) ?? null
  }

  #phaseOf (startedAt: number): Phase | undefined {
    for (let i = this.#phases.length - 1; i >= 0; i--) {
      if (startedAt >= this.#phases[i]!.startedAt) return this.#phases[i]
    }
    return undefined
  }
}

const timesOf = (begun: readonly Begun[]): number[] => begun.map(({ startedAt }) => startedAt)

const eachArm = (read: (arm: Arm) => CountReading): Record<Arm, CountReading> =>
  Object.fromEntries(ARMS.map((arm) => [arm, read(arm)])) as Record<Arm, CountReading>

function increment (counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
