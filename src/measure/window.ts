import { Histogram } from './histogram.ts'
import type { Percentiles } from './histogram.ts'
import type { Observation } from './observation.ts'

/** How many seconds are kept. */
export const KEPT = 60

class Second {
  index = -1
  count = 0
  failed = 0
  handshakes = 0
  established = 0
  readonly latency = new Histogram()

  begin (index: number): void {
    this.index = index
    this.count = 0
    this.failed = 0
    this.handshakes = 0
    this.established = 0
    this.latency.reset()
  }
}

/** Rates and percentiles over the last full seconds. */
export interface Recent extends Percentiles {
  /** How many seconds it covers. */
  seconds: number
  count: number
  /** Exchanges a second. */
  rate: number
  /** Share of exchanges with a whole response below 500; 1 when there were none. */
  success: number
  /** TLS handshakes that were decided, which count in none of the other figures. */
  handshakes: RecentHandshakes
}

/** Handshakes a second, and the share of them that were established; 1 when there were none. */
export interface RecentHandshakes { count: number, rate: number, success: number }

/** A ring of one-second windows over finished exchanges, by the time they ended. Bounded memory. */
export class Windows {
  // Filled as the seconds come: a second's histogram takes about 13 KB.
  readonly #ring: (Second | undefined)[] = Array.from({ length: KEPT })

  observe (observation: Observation): void {
    const second = this.#at(Math.floor(observation.endedAt / 1000))
    if (second === undefined) return
    second.count++
    if (observation.outcome !== 'complete' || observation.status >= 500) second.failed++
    second.latency.record(observation.endedAt - observation.startedAt)
  }

  observeHandshake ({ endedAt, handshake }: Pick<Observation, 'endedAt' | 'handshake'>): void {
    const second = this.#at(Math.floor(endedAt / 1000))
    if (second === undefined) return
    second.handshakes++
    if (handshake?.result === 'established') second.established++
  }

  /** The last `seconds` full seconds before `now` (one less than are kept at most), and the running one. */
  recent (now: number, asked: number): Recent {
    const seconds = Math.min(asked, KEPT - 1)
    const current = Math.floor(now / 1000)
    const merged = new Histogram()
    let count = 0
    let failed = 0
    let handshakes = 0
    let established = 0
    for (const second of this.#ring) {
      if (second === undefined || second.index <= current - seconds - 1 || second.index > current) continue
      count += second.count
      failed += second.failed
      handshakes += second.handshakes
      established += second.established
      merged.add(second.latency)
    }
    const covered = seconds + (now / 1000 - current)
    return {
      seconds,
      count,
      rate: count / covered,
      success: count === 0 ? 1 : 1 - failed / count,
      handshakes: { count: handshakes, rate: handshakes / covered, success: handshakes === 0 ? 1 : established / handshakes },
      ...merged.percentiles()
    }
  }

  // undefined when the second is gone already: a late observation must not wipe out a newer second.
  #at (index: number): Second | undefined {
    const slot = index % KEPT
    const second = this.#ring[slot] ??= new Second()
    if (second.index > index) return undefined
    if (second.index < index) second.begin(index)
    return second
  }
}
