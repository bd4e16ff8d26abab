import type { Cancel, Clock } from '../kernel/clock.ts'
import type { ActiveFault, Plan } from '../faults/plan.ts'
import { recordDelay } from './delays.ts'

/** What one fault asks a pause for, in milliseconds. */
export interface Ask { active: ActiveFault, ms: number }

/** A wait made of what several faults ask for, one after the other; shorter when one of them goes. */
export class Pause {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #limit: number
  readonly #done: (asked: number) => void
  #asks: readonly Ask[]
  #cancel: Cancel = () => {}

  /** Calls `done` with the sum of what was asked for, after that time or after `limit` milliseconds, never at once. */
  constructor (clock: Clock, asks: readonly Ask[], limit: number, done: (asked: number) => void) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#limit = limit
    this.#done = done
    this.#asks = asks
    this.#arm()
  }

  planChanged (plan: Plan): void {
    const left = this.#asks.filter(({ active }) => plan.faults.includes(active))
    if (left.length === this.#asks.length) return
    this.#asks = left
    this.#cancel()
    this.#arm()
  }

  cancel (): void { this.#cancel() }

  get #asked (): number { return this.#asks.reduce((sum, { ms }) => sum + ms, 0) }

  #arm (): void {
    const end = this.#startedAt + Math.min(this.#asked, this.#limit)
    if (this.#asks.length === 0) this.#done(0)
    else if (end < Infinity) this.#cancel = this.#clock.at(end, () => { this.#elapsed() })
    else this.#cancel = () => {}
  }

  #elapsed (): void {
    const asked = this.#asked
    const late = this.#clock.now() - this.#startedAt - asked
    if (asked <= this.#limit) {
      for (const { active: { counters }, ms } of this.#asks) recordDelay(counters, ms, ms + Math.max(0, late))
    }
    this.#done(asked)
  }
}
