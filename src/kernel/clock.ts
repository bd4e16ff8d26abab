import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

/** Ends a pending wait; safe to call twice and after the wait is over. */
export type Cancel = () => void

/** The only source of time in the project. Times are milliseconds; `now` is monotonic and fractional. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary origin. */
  now (): number
  /** Milliseconds since the Unix epoch. For people and files, never for durations. */
  wall (): number
  /** Calls `fn` once, not before `ms` have passed; up to 3 ms late. Does not keep the process alive. */
  after (ms: number, fn: () => void): Cancel
  /**
   * Calls `fn` once, never before the monotonic time `deadline` and, for short waits, within a few
   * hundredths of a millisecond after it. What an injected delay is made of.
   */
  at (deadline: number, fn: () => void): Cancel
  /** Calls `fn` every `ms` until cancelled. Does not keep the process alive. */
  every (ms: number, fn: () => void): Cancel
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. Keeps the process alive. */
  sleep (ms: number, signal?: AbortSignal): Promise<void>
}

/** The longest wait Node's timers take (2^31 - 1 ms, 24.8 days); a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1

/**
 * A timer of Node fires up to 1.3 ms early and 1.9 ms late. Waits shorter than this get their last
 * stretch from `setImmediate`, because there the timer's error would exceed 1 % of the delay.
 */
const PRECISE_BELOW = 200

/** How long before the deadline the timer hands over to `setImmediate`; above the timer's lateness. */
const STRETCH = 2

interface Waiter { deadline: number, fn: (() => void) | null }

/** The real clock of this process. */
export function createSystemClock (): Clock {
  const spinning = new Set<Waiter>()
  let looping = false

  // One loop serves all waits in their last stretch; each turn still polls the sockets.
  const turn = (): void => {
    const now = performance.now()
    // Waits that the callbacks set belong to the next turn, or a chain of due ones would starve the sockets.
    let left = spinning.size
    try {
      for (const waiter of spinning) {
        if (left-- === 0) break
        if (waiter.deadline > now) continue
        spinning.delete(waiter)
        waiter.fn?.()
      }
    } finally {
      looping = spinning.size > 0
      if (looping) setImmediate(turn)
    }
  }

  const spin = (waiter: Waiter): void => {
    spinning.add(waiter)
    if (looping) return
    looping = true
    setImmediate(turn)
  }

  const at = (deadline: number, fn: () => void): Cancel => {
    const waiter: Waiter = { deadline, fn }
    const precise = deadline - performance.now() < PRECISE_BELOW
    let timer: NodeJS.Timeout | undefined
    const wait = (): void => {
      if (waiter.fn === null) return
      const left = deadline - performance.now()
      if (left <= 0) waiter.fn()
      else if (precise && left <= STRETCH) spin(waiter)
      else timer = setTimeout(wait, precise ? left - STRETCH : Math.min(Math.ceil(left), LONGEST))
    }
    const left = deadline - performance.now()
    if (left <= STRETCH) spin(waiter)
    else timer = setTimeout(wait, precise ? left - STRETCH : Math.min(Math.ceil(left), LONGEST))
    return () => {
      waiter.fn = null
      spinning.delete(waiter)
      clearTimeout(timer)
    }
  }

  // A timer of Node may fire early, and at once if the wait is longer than it can take: look again, and go on waiting.
  const wait = (ms: number, fn: () => void, keepsAlive: boolean): Cancel => {
    const deadline = performance.now() + ms
    let timer: NodeJS.Timeout
    const arm = (left: number): void => {
      timer = setTimeout(check, Math.min(Math.ceil(left), LONGEST))
      if (!keepsAlive) timer.unref()
    }
    const check = (): void => {
      const left = deadline - performance.now()
      if (left > 0) arm(left)
      else fn()
    }
    arm(ms)
    return () => clearTimeout(timer)
  }

  return {
    now: () => performance.now(),
    wall: () => Date.now(),
    after: (ms, fn) => wait(ms, fn, false),
    at,
    every (ms, fn) {
      const timer = setInterval(fn, ms).unref()
      return () => clearInterval(timer)
    },
    sleep (ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = (): void => {
          cancel()
          reject(signal?.reason)
        }
        const cancel = wait(ms, () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        }, true)
        signal?.addEventListener('abort', stop, { once: true })
      })
    }
  }
}

/** How late this process's event loop was, in milliseconds, since it was last read. */
export interface LoopLag { p50: number, p99: number, max: number }

/** Starts measuring event-loop lag; `read` returns the lag since the last call and starts afresh. */
export function createLoopLagMeter (): { read: () => LoopLag, stop: () => void } {
  const resolution = 10
  const meter = monitorEventLoopDelay({ resolution })
  meter.enable()
  const lag = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolution)
  return {
    read () {
      const empty = meter.count === 0
      const read = empty
        ? { p50: 0, p99: 0, max: 0 }
        : { p50: lag(meter.percentile(50)), p99: lag(meter.percentile(99)), max: lag(meter.max) }
      meter.reset()
      return read
    },
    stop: () => { meter.disable() }
  }
}
