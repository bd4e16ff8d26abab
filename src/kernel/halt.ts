import type { Clock } from './clock.ts'
import { PremortemError } from './errors.ts'
import type { EventBus } from './events.ts'

/** Who engaged the lever: somebody over the control API or in this process, the HALT file, or a signal. */
export type HaltedBy = 'api' | 'file' | 'signal'

/** Why and since when premortem is halted, and how. `since` is ISO 8601. */
export interface HaltState { reason: string, since: string, by: HaltedBy }

/** The panic lever. Sticky: once engaged, nothing starts until it is released. */
export class Halt {
  readonly #clock: Clock
  readonly #events: EventBus | undefined
  readonly #engaged = new Set<(state: HaltState) => void>()
  readonly #released = new Set<(state: HaltState, reason: string) => void>()
  #state: HaltState | null = null

  /** With `events`, it publishes `halt.engaged` and `halt.released`. */
  constructor (clock: Clock, events?: EventBus) {
    this.#clock = clock
    this.#events = events
  }

  /** null while not engaged. */
  get state (): HaltState | null { return this.#state }

  /**
   * Engages the lever and tells everybody; engaging it again changes nothing. Throws the first error of a listener, after
   * all were told.
   */
  engage (reason: string, by: HaltedBy = 'api'): HaltState {
    if (this.#state === null) {
      this.#state = { reason, since: new Date(this.#clock.wall()).toISOString(), by }
      const failures: unknown[] = []
      for (const listener of this.#engaged) {
        // The panic lever reaches everybody, whoever fails on the way.
        try {
          listener(this.#state)
        } catch (error) {
          failures.push(error)
        }
      }
      this.#events?.publish('halt.engaged', { ...this.#state })
      if (failures.length > 0) throw failures[0]
    }
    return this.#state
  }

  /** Releases the lever; nothing happens if it is not engaged. It stays where it is if a listener throws, and so does this. */
  release (reason: string): void {
    const state = this.#state
    if (state === null) return
    for (const listener of this.#released) listener(state, reason)
    this.#state = null
    this.#events?.publish('halt.released', { reason, halted: { ...state } })
  }

  /** Throws PMT_ERR_HALTED while engaged. */
  check (): void {
    if (this.#state === null) return
    const { since, reason } = this.#state
    throw new PremortemError('PMT_ERR_HALTED', { message: `premortem is halted since ${since}: ${reason}` })
  }

  /** Calls `listener` when the lever is engaged, until the returned function is called. */
  onEngage (listener: (state: HaltState) => void): () => void {
    this.#engaged.add(listener)
    return () => { this.#engaged.delete(listener) }
  }

  /** Calls `listener` before the lever is released, until the returned function is called; if it throws, it is not released. */
  onRelease (listener: (state: HaltState, reason: string) => void): () => void {
    this.#released.add(listener)
    return () => { this.#released.delete(listener) }
  }
}
