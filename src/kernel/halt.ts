import type { Clock } from './clock.ts'
import { PremortemError } from './errors.ts'

/** Why and since when premortem is halted. `since` is ISO 8601. */
export interface HaltState { reason: string, since: string }

/** The panic lever. Sticky: once engaged, nothing starts until it is released. */
export class Halt {
  readonly #clock: Clock
  readonly #listeners = new Set<(state: HaltState) => void>()
  #state: HaltState | null = null

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** null while not engaged. */
  get state (): HaltState | null { return this.#state }

  /**
   * Engages the lever and tells everybody; engaging it again changes nothing. Throws the first error of a listener, after
   * all were told.
   */
  engage (reason: string): HaltState {
    if (this.#state === null) {
      this.#state = { reason, since: new Date(this.#clock.wall()).toISOString() }
      const failures: unknown[] = []
      for (const listener of this.#listeners) {
        // The panic lever reaches everybody, whoever fails on the way.
        try {
          listener(this.#state)
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    }
    return this.#state
  }

  release (): void {
    this.#state = null
  }

  /** Throws PMT_ERR_HALTED while engaged. */
  check (): void {
    if (this.#state === null) return
    const { since, reason } = this.#state
    throw new PremortemError('PMT_ERR_HALTED', { message: `premortem is halted since ${since}: ${reason}` })
  }

  /** Calls `listener` when the lever is engaged, until the returned function is called. */
  onEngage (listener: (state: HaltState) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }
}
