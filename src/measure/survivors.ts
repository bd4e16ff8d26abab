import type { Observation, ObservedConnection } from './observation.ts'

/** What traffic came on, in one second of a phase. `second` counts from the phase's beginning. */
export interface SurvivorBin { second: number, old: number, resumed: number, fresh: number }

/**
 * What the traffic of a phase came on, of what came behind TLS: what did not need a full handshake would have outlived a
 * certificate that lapsed as the phase began. Plain data.
 */
export interface SurvivorReading {
  /** On connections that were opened before the phase began. */
  old: number
  /** On later ones whose session was resumed: the certificate was not shown again. */
  resumed: number
  /** On later ones after a full handshake. */
  fresh: number
  /** When the last of them began, in milliseconds from the phase's start; null if there was none. */
  lastOld: number | null
  lastResumed: number | null
  /** What was counted. Connections of a tcp proxy are never `old`: each counts in the phase in which it was opened. */
  subject: 'requests' | 'connections'
  bins: SurvivorBin[]
}

/** Counts what the traffic of one phase came on. */
export class Survivors {
  readonly #startedAt: number
  readonly #bins = new Map<number, SurvivorBin>()
  #old = 0
  #resumed = 0
  #fresh = 0
  #lastOld = -1
  #lastResumed = -1
  #subject: SurvivorReading['subject'] = 'requests'

  /** `startedAt` is the phase's, in monotonic milliseconds. */
  constructor (startedAt: number) {
    this.#startedAt = startedAt
  }

  /** Counts an exchange or connection that came on this connection. */
  add ({ openedAt, resumed }: ObservedConnection, { kind, startedAt }: Pick<Observation, 'kind' | 'startedAt'>): void {
    if (kind === 'connection') this.#subject = 'connections'
    const offset = startedAt - this.#startedAt
    const second = Math.floor(offset / 1000)
    let bin = this.#bins.get(second)
    if (bin === undefined) this.#bins.set(second, bin = { second, old: 0, resumed: 0, fresh: 0 })
    if (openedAt < this.#startedAt) {
      this.#old++
      bin.old++
      if (offset > this.#lastOld) this.#lastOld = offset
    } else if (resumed) {
      this.#resumed++
      bin.resumed++
      if (offset > this.#lastResumed) this.#lastResumed = offset
    } else {
      this.#fresh++
      bin.fresh++
    }
  }

  /** A copy of the counts; null if nothing came behind TLS. */
  read (): SurvivorReading | null {
    if (this.#bins.size === 0) return null
    return {
      old: this.#old,
      resumed: this.#resumed,
      fresh: this.#fresh,
      lastOld: this.#lastOld < 0 ? null : this.#lastOld,
      lastResumed: this.#lastResumed < 0 ? null : this.#lastResumed,
      subject: this.#subject,
      bins: [...this.#bins.values()].map((bin) => ({ ...bin })).sort((a, b) => a.second - b.second)
    }
  }
}
