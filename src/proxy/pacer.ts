import type { Direction } from '../faults/fault.ts'
import type { FaultCounters } from '../faults/plan.ts'

/** Deals out moments at which bytes may leave, so that a rate is kept. */
export class Pacer {
  #free: number

  /** Nothing leaves before `now`, in monotonic milliseconds. */
  constructor (now: number) {
    this.#free = now
  }

  /**
   * When the last of `bytes` may be out at `rate` (bytes a second), ready from `ready` on. Counted from when the bytes
   * before were due, not from when they went out: errors of timers do not add up.
   */
  reserve (bytes: number, rate: number, ready: number): number {
    this.#free = Math.max(this.#free, ready) + bytes * 1000 / rate
    return this.#free
  }
}

// By counters, which outlive a change of the fault's settings.
const shared = new WeakMap<FaultCounters, Partial<Record<Direction, Pacer>>>()

/** The pacer that all connections of a fault share, one for each direction. */
export function sharedPacer (counters: FaultCounters, direction: Direction, now: number): Pacer {
  let pacers = shared.get(counters)
  if (pacers === undefined) shared.set(counters, pacers = {})
  pacers[direction] ??= new Pacer(now)
  return pacers[direction]
}
