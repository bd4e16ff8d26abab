import { HandshakeCounts } from './handshakes.ts'
import type { HandshakeCount } from './handshakes.ts'
import type { Observation, Observer, Outcome } from './observation.ts'
import { Windows } from './window.ts'
import type { Recent } from './window.ts'

/** Upper bounds of the latency buckets, in milliseconds; one more bucket takes what is beyond. */
export const LATENCY_BOUNDS: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000]

/** Everything counted since the proxy started. Plain data. */
export interface Totals {
  exchanges: number
  connections: number
  bytesIn: number
  bytesToNode: number
  bytesFromNode: number
  bytesOut: number
  /** By first digit of the status; `0` is no status at all, and what is above 599 counts as `5`. */
  statuses: Record<'0' | '1' | '2' | '3' | '4' | '5', number>
  outcomes: Partial<Record<Outcome, number>>
  /** Of what is measured: how many ended within each bound and above the one before, and the sum in milliseconds. */
  latency: { buckets: number[], sum: number }
  /** TLS handshakes that were decided, by what came of them. */
  handshakes: HandshakeCount[]
}

/** Keeps one proxy's figures, and passes what it sees on to whoever subscribed. */
export class Recorder implements Observer {
  readonly #handshakes = new HandshakeCounts()
  readonly totals: Totals = {
    exchanges: 0,
    connections: 0,
    bytesIn: 0,
    bytesToNode: 0,
    bytesFromNode: 0,
    bytesOut: 0,
    statuses: { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 },
    outcomes: {},
    latency: { buckets: [...LATENCY_BOUNDS, Infinity].map(() => 0), sum: 0 },
    handshakes: this.#handshakes.list
  }

  readonly #windows = new Windows()
  readonly #measured: 'exchange' | 'connection'
  #observers: readonly Observer[] = []

  /** `measured` is what rates and percentiles are made of: exchanges for http, connections for tcp. */
  constructor (measured: 'exchange' | 'connection') {
    this.#measured = measured
  }

  observe (observation: Observation): void {
    const { totals } = this
    if (observation.kind === 'handshake') return this.#observeHandshake(observation)
    if (observation.kind === 'exchange') {
      totals.exchanges++
      const digit = Math.min(5, Math.trunc(observation.status / 100)) as 0
      totals.statuses[digit]++
    } else {
      totals.connections++
      totals.bytesIn += observation.bytesIn
      totals.bytesToNode += observation.bytesToNode ?? 0
      totals.bytesFromNode += observation.bytesFromNode ?? 0
      totals.bytesOut += observation.bytesOut
    }
    if (observation.kind !== this.#measured) return
    totals.outcomes[observation.outcome] = (totals.outcomes[observation.outcome] ?? 0) + 1
    const ms = observation.endedAt - observation.startedAt
    let bucket = 0
    while (bucket < LATENCY_BOUNDS.length && ms > LATENCY_BOUNDS[bucket]!) bucket++
    totals.latency.buckets[bucket]!++
    totals.latency.sum += ms
    this.#windows.observe(observation)
    for (const observer of this.#observers) observer.observe(observation)
  }

  /** Passes every measured observation, and every handshake, on to `observer` until the returned function is called. */
  subscribe (observer: Observer): () => void {
    this.#observers = [...this.#observers, observer]
    return () => { this.#observers = this.#observers.filter((other) => other !== observer) }
  }

  recent (now: number, seconds = 10): Recent {
    return this.#windows.recent(now, seconds)
  }

  #observeHandshake (observation: Observation): void {
    if (observation.handshake === undefined) return
    this.#handshakes.add(observation.handshake)
    this.#windows.observeHandshake(observation)
    for (const observer of this.#observers) observer.observe(observation)
  }
}
