import type { Cancel, Clock } from '../../src/kernel/clock.ts'

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on by `ms`, step by step: each callback due on the way runs at its own time, in the order of
   * deadlines (of setting, where they are equal), and promises settle before the next one runs. Callbacks that
   * these set within the same stretch run too.
   */
  advance (ms: number): Promise<void>
  /** How many callbacks wait: what a test of cleaning up asks. */
  pending (): number
}

interface Timer { due: number, order: number, fn: () => void }

// A turn of the real event loop drains every microtask, however long the chain of awaits.
const settle = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

/** A virtual clock; `now()` begins at `start`, `wall()` at `wall` (2026-01-01T00:00:00Z if left out). */
export function createVirtualClock (start = 0, wall = Date.UTC(2026, 0, 1)): VirtualClock {
  const timers = new Set<Timer>()
  let now = start
  let orders = 0

  const at = (due: number, fn: () => void): Cancel => {
    const timer: Timer = { due, order: orders++, fn }
    timers.add(timer)
    return () => { timers.delete(timer) }
  }

  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) {
      if (timer.due > until) continue
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer
    }
    return first
  }

  return {
    now: () => now,
    wall: () => wall + (now - start),
    after: (ms, fn) => at(now + Math.max(0, ms), fn),
    at,
    every (ms, fn) {
      // Node turns an interval below 1 ms into one of 1 ms; without that, time would never get past it.
      const step = Math.max(1, ms)
      let cancel: Cancel
      let due = now
      const again = (): void => {
        due += step
        cancel = at(due, () => {
          again()
          fn()
        })
      }
      again()
      return () => cancel()
    },
    sleep (ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = (): void => {
          cancel()
          reject(signal?.reason)
        }
        const cancel = at(now + Math.max(0, ms), () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        })
        signal?.addEventListener('abort', stop, { once: true })
      })
    },
    async advance (ms) {
      const until = now + ms
      await settle()
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.due)
        timer.fn()
        await settle()
      }
      now = until
    },
    pending: () => timers.size
  }
}
