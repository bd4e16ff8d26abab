import type { Clock } from './clock.ts'

/** Something that happened, for the event stream and the audit log. `id` counts up from 1 without gaps. */
export interface Event {
  id: number
  /** ISO 8601. */
  time: string
  /** Dotted: `fault.added`, `run.phase`. */
  type: string
  data: Record<string, unknown>
}

/** How many events are kept for those who come late. */
const KEPT = 1000

/** Passes events on to whoever listens, and keeps the last thousand. */
export class EventBus {
  readonly #clock: Clock
  readonly #listeners = new Set<(event: Event) => void>()
  readonly #kept: Event[] = []
  #last = 0

  constructor (clock: Clock) {
    this.#clock = clock
  }

  publish (type: string, data: Record<string, unknown>): void {
    const event: Event = { id: ++this.#last, time: new Date(this.#clock.wall()).toISOString(), type, data }
    this.#kept.push(event)
    if (this.#kept.length > KEPT) this.#kept.shift()
    for (const listener of this.#listeners) listener(event)
  }

  /** Calls `listener`, which must not throw, for every event from now on, until the returned function is called. */
  subscribe (listener: (event: Event) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** The kept events after `id`. */
  since (id: number): Event[] {
    return this.#kept.filter((event) => event.id > id)
  }
}
