import type { Cancel, Clock } from '../../kernel/clock.ts'
import type { Random } from '../../kernel/random.ts'
import type { ActiveFault, Plan } from '../../faults/plan.ts'
import type { HttpAction, ResponseHead } from '../../faults/fault.ts'
import { NO_FAULTS } from '../../measure/observation.ts'
import type { Outcome } from '../../measure/observation.ts'
import { recordDelay } from '../delays.ts'
import type { Wire } from '../handler.ts'
import type { ParsedRequest } from './head.ts'

/** A fault that hits an exchange, and the random numbers it has for it. */
interface Hit { active: ActiveFault, n: number, random: Random | null }

/** What a fault may want in place of going on. */
export type Instead = HttpAction & { do: 'respond' | 'abort' }

const NO_HITS: readonly Hit[] = Object.freeze([])

/** What is known of the exchange in progress. */
export class Exchange {
  readonly head: ParsedRequest
  readonly startedAt: number
  readonly bytesInBefore: number
  readonly bytesOutBefore: number
  status = 0
  /** At least one byte has gone to the node. */
  sent = false
  #hits: readonly Hit[] = NO_HITS
  #hold: Hold | null = null

  constructor (head: ParsedRequest, startedAt: number, bytesInBefore: number, bytesOutBefore: number) {
    this.head = head
    this.startedAt = startedAt
    this.bytesInBefore = bytesInBefore
    this.bytesOutBefore = bytesOutBefore
  }

  /** Decides which faults of a plan hit this exchange. */
  choose (plan: Plan, node: string, spared: (fault: ActiveFault) => boolean): void {
    const hits: Hit[] = []
    for (const active of plan.http) {
      if (!active.concerns(node) || spared(active)) continue
      const { n, verdict } = active.decide(this.head)
      if (verdict === 'hit') hits.push({ active, n, random: null })
    }
    if (hits.length > 0) this.#hits = hits
  }

  get hit (): boolean { return this.#hits !== NO_HITS }

  get faults (): readonly string[] {
    return this.hit ? this.#hits.map((hit) => hit.active.id) : NO_FAULTS
  }

  /**
   * Asks the faults that hit, one after the other, about the request, or about the response if one is given. Waits
   * where they say so; then calls `go` with what they want in place of going on, or null.
   */
  consult (clock: Clock, response: ResponseHead | undefined, go: (instead: Instead | null) => void, from = 0): void {
    for (let i = from; i < this.#hits.length; i++) {
      const hit = this.#hits[i]!
      const { active } = hit
      const random = hit.random ??= active.randomOf(hit.n)
      const action = response === undefined
        ? active.http?.request?.(this.head, { random, elapsed: 0, request: this.head })
        : active.http?.response?.(response, { random, elapsed: 0, request: this.head })
      switch (action?.do) {
        case 'delay':
        case 'hang':
          this.#hold = new Hold(active, action.do === 'hang' ? Infinity : action.ms, clock, () => {
            this.#hold = null
            this.consult(clock, response, go, i + 1)
          })
          return
        case 'respond':
        case 'abort':
          return go(action)
      }
    }
    go(null)
  }

  /** Goes on at once if the fault it waits for is gone. */
  planChanged (plan: Plan): void {
    if (this.#hold !== null && !plan.faults.includes(this.#hold.active)) this.#hold.release()
  }

  /** Ends a wait without going on. */
  cancel (): void {
    this.#hold?.cancel()
    this.#hold = null
  }
}

/** One wait that a fault asked for; ends when its time is over or its fault is gone. */
class Hold {
  readonly active: ActiveFault
  readonly #ms: number
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #resume: () => void
  readonly #cancel: Cancel | null

  /** `ms` may be Infinity. */
  constructor (active: ActiveFault, ms: number, clock: Clock, resume: () => void) {
    this.active = active
    this.#ms = ms
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#resume = resume
    this.#cancel = ms === Infinity ? null : clock.at(this.#startedAt + ms, () => { this.#elapsed() })
  }

  /** Goes on at once: the fault is gone. */
  release (): void {
    this.#cancel?.()
    this.#resume()
  }

  /** Never goes on: the connection is gone. */
  cancel (): void {
    this.#cancel?.()
  }

  #elapsed (): void {
    const { counters } = this.active
    recordDelay(counters, this.#ms, this.#clock.now() - this.#startedAt)
    this.#resume()
  }
}

/** Emits the observation of an exchange, when its last byte has been handed to the client's socket. */
export function report (wire: Wire, exchange: Exchange, outcome: Outcome): void {
  const { proxy, node, stageIds, down, up, clock, observer } = wire
  const { head, startedAt, status } = exchange
  const bytesIn = (up?.bytes ?? 0) - exchange.bytesInBefore
  const bytesOut = down.bytes - exchange.bytesOutBefore
  const faults = exchange.hit ? [...stageIds, ...exchange.faults] : stageIds
  const emit = (): void => {
    const { method, path } = head
    const endedAt = clock.now()
    observer.observe({ at: proxy, kind: 'exchange', node, startedAt, endedAt, outcome, method, path, status, bytesIn, bytesOut, faults })
  }
  // Bytes that a stream fault still keeps back have not reached the client yet.
  if (outcome === 'complete' && stageIds.length > 0) down.flushed(emit)
  else emit()
}

interface Seen { status?: number, bytesIn?: number, bytesOut?: number }

/** Emits the observation of an exchange whose request could not be read, or never came. */
export function reportUnframed (wire: Wire, outcome: Outcome, startedAt: number, seen: Seen = {}): void {
  wire.observer.observe({
    at: wire.proxy,
    kind: 'exchange',
    node: wire.node,
    startedAt,
    endedAt: wire.clock.now(),
    outcome,
    method: '',
    path: '',
    status: seen.status ?? 0,
    bytesIn: seen.bytesIn ?? 0,
    bytesOut: seen.bytesOut ?? 0,
    faults: wire.stageIds
  })
}
