import type { Direction, StreamBehaviour } from '../faults/fault.ts'
import type { ActiveFault, FaultCounters } from '../faults/plan.ts'
import { Pacer, sharedPacer } from './pacer.ts'

/** A stream behaviour at work on one direction of a connection. */
export class Stage {
  readonly behaviour: StreamBehaviour
  readonly counters: FaultCounters
  /** When its fault began, in monotonic milliseconds. */
  readonly beganAt: number
  /** Its fault is gone: it is asked no more. */
  retired = false
  readonly #direction: Direction
  readonly #now: number
  #pacer: Pacer | undefined

  /** `now` in monotonic milliseconds. */
  constructor (behaviour: StreamBehaviour, active: Pick<ActiveFault, 'counters' | 'beganAt'>, direction: Direction, now: number) {
    this.behaviour = behaviour
    this.counters = active.counters
    this.beganAt = active.beganAt
    this.#direction = direction
    this.#now = now
  }

  /** What keeps its pace: of this connection alone, or shared by all connections of the fault. */
  pacer (shared: boolean): Pacer {
    this.#pacer ??= shared ? sharedPacer(this.counters, this.#direction, this.#now) : new Pacer(this.#now)
    return this.#pacer
  }
}
