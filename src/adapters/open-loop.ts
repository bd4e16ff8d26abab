import type { LoadSpec, LoadSummary, RunningLoad } from '../experiment/ports.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { Histogram } from '../measure/histogram.ts'
import type { Traits } from '../measure/arms.ts'
import { NO_FAULTS } from '../measure/observation.ts'
import type { Observer, Outcome } from '../measure/observation.ts'

/** How many requests may be open at a time; what is due beyond that is counted as bad and not sent. */
export const MAX_OPEN = 10_000

/**
 * Above this rate the exact timer is left alone: it polls for the last 2 ms before each send, which at 100 a second
 * is already a fifth of a core that the proxies may need. Faster loads are then sent 1 to 2 ms late, and say so.
 */
const EXACT_UP_TO = 100

/** How one request ended. */
export interface RequestEnd { outcome: Outcome, status: number, bytesIn: number, bytesOut: number }

/** Sends one request, calls `done` when it has ended, and returns what cuts it. A late or second `done` is ignored. */
export type Send = (done: (end: RequestEnd) => void, user: number) => Cancel

/** When requests are due: at fixed intervals from `start`, whatever becomes of the ones before. Monotonic milliseconds. */
export class Schedule {
  readonly #start: number
  readonly #rate: number
  #taken = 0

  constructor (start: number, rate: number) {
    this.#start = start
    this.#rate = rate
  }

  /** When the next request is due. Counted from the start each time, so that rounding does not add up. */
  get next (): number { return this.#start + this.#taken * 1000 / this.#rate }

  /** The intended time of a request that is due by `now`, once each; undefined if none is. */
  take (now: number): number | undefined {
    const due = this.next
    if (due > now) return undefined
    this.#taken++
    return due
  }
}

/** What open-loop load is made of. `free` closes the sockets. */
export interface OpenLoopDeps {
  clock: Clock
  spec: LoadSpec
  observer: Observer
  send: Send
  free: () => Promise<void>
  /** What the arm of a user's request can be told by. */
  traitsOf?: (user: number) => Traits
  maxOpen?: number
}

/**
 * Sends requests at their intended times and never waits for answers. If the process was late, all that is due goes out
 * at once, and each latency counts from the intended time: otherwise slow moments would get few samples and look fine
 * (coordinated omission). Every request ends in exactly one observation at `load`.
 */
export function startOpenLoop ({ clock, spec, observer, send, free, traitsOf, maxOpen = MAX_OPEN }: OpenLoopDeps): RunningLoad {
  const schedule = new Schedule(clock.now(), spec.rate)
  const path = new URL(spec.url).pathname
  const lag = new Histogram()
  const open = new Set<Request>()
  let waiting: (() => void)[] = []
  let unsent = 0
  let begun = 0
  let cancel: Cancel = () => {}

  const observe = (startedAt: number, endedAt: number, user: number, end: RequestEnd): void => observer.observe({
    at: 'load', kind: 'exchange', node: '', startedAt, endedAt, method: spec.method, path, faults: NO_FAULTS, ...end, ...traitsOf === undefined ? {} : { traits: traitsOf(user) }
  })

  const end = (request: Request, how: RequestEnd): void => {
    if (!open.delete(request)) return
    request.cancelTimeout()
    observe(request.intended, clock.now(), request.user, how)
    if (open.size > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  const cut = (request: Request, outcome: Outcome): void => {
    end(request, { ...NOTHING, outcome })
    request.cut()
  }

  const begin = (intended: number): void => {
    const user = spec.users === undefined ? 0 : begun++ % spec.users + 1
    if (open.size >= maxOpen) {
      unsent++
      // As though it had waited its whole time: an end at once would make the percentiles look better.
      return observe(intended, intended + spec.timeout, user, { ...NOTHING, outcome: 'timeout' })
    }
    const now = clock.now()
    lag.record(now - intended)
    const request: Request = { intended, user, cut: () => {}, cancelTimeout: () => {} }
    open.add(request)
    request.cancelTimeout = clock.after(Math.max(0, intended + spec.timeout - now), () => cut(request, 'timeout'))
    request.cut = send((how) => end(request, how), user)
  }

  const turn = (): void => {
    const now = clock.now()
    for (let due = schedule.take(now); due !== undefined; due = schedule.take(now)) begin(due)
    cancel = spec.rate <= EXACT_UP_TO
      ? clock.at(schedule.next, turn)
      : clock.after(Math.max(1, schedule.next - clock.now()), turn)
  }
  turn()

  const stop = (): void => cancel()

  return {
    stop,
    open: () => [...open].map(({ intended, user }) => ({ startedAt: intended, traits: traitsOf?.(user) })),
    idle (signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        if (open.size === 0) return resolve()
        const abort = (): void => reject(signal?.reason)
        signal?.addEventListener('abort', abort, { once: true })
        waiting.push(() => {
          signal?.removeEventListener('abort', abort)
          resolve()
        })
      })
    },
    summary: (): LoadSummary => {
      const { p50, p99, max } = lag.percentiles()
      return { sent: lag.count, unsent, lag: { p50, p99, max } }
    },
    async close () {
      stop()
      for (const request of [...open]) cut(request, 'unfinished')
      await free()
    }
  }
}

interface Request { intended: number, user: number, cut: Cancel, cancelTimeout: Cancel }

const NOTHING = { status: 0, bytesIn: 0, bytesOut: 0 }
