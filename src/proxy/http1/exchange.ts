import type { Cancel, Clock } from '../../kernel/clock.ts'
import type { Random } from '../../kernel/random.ts'
import { drawnOf } from '../../faults/plan.ts'
import type { ActiveFault, Decision, Plan } from '../../faults/plan.ts'
import type { HttpAction, ResponseHead } from '../../faults/fault.ts'
import type { Traits } from '../../measure/arms.ts'
import { NO_FAULTS } from '../../measure/observation.ts'
import type { Outcome } from '../../measure/observation.ts'
import type { DecisionRecord } from '../decisions.ts'
import { recordDelay } from '../delays.ts'
import type { Wire } from '../handler.ts'
import type { Stage } from '../stage.ts'
import { Changes, Tee } from './changes.ts'
import type { ParsedRequest } from './head.ts'

/** A fault that hits an exchange, and the random numbers it has for it. */
interface Hit { active: ActiveFault, n: number, random: Random | null, acted: boolean, unfit: boolean }

/** What a fault may want in place of going on. */
export type Instead = Extract<HttpAction, { do: 'respond' | 'raw' | 'abort' }>

/** An answer of our own. */
export type Given = Extract<Instead, { do: 'respond' | 'raw' }>

/** Goes on with what faults want in place of the message, or else with what they want changed in it; null is nothing. */
export type GoOn = (instead: Instead | null, changes: Changes | null) => void

const NO_HITS: readonly Hit[] = Object.freeze([])

const SPARED = Object.fromEntries((['never', 'untagged', 'node', 'existing'] as const)
  .map((verdict) => [verdict, { n: 0, verdict, detail: '' } satisfies Decision])) as Record<'never' | 'untagged' | 'node' | 'existing', Decision>

/** What is known of the exchange in progress. */
export class Exchange implements Traits {
  /** As it came, or as a fault has changed it. */
  head: ParsedRequest
  readonly startedAt: number
  readonly bytesInBefore: number
  readonly bytesOutBefore: number
  status = 0
  /** At least one byte has gone to the node. */
  sent = false
  /** What was decided about it; null while no http fault is active. */
  record: DecisionRecord | null = null
  /** The head as it came. */
  readonly #asked: ParsedRequest
  readonly #connection: Pick<Wire, 'drawn'>
  #hits: readonly Hit[] = NO_HITS
  /** Faults that decide by the response. */
  #undecided: readonly ActiveFault[] = []
  readonly #stages: Stage[] = []
  /** The fault that spoke in the place of the node. */
  #answeredBy: ActiveFault | null = null
  #hold: Hold | null = null

  constructor (head: ParsedRequest, startedAt: number, bytesInBefore: number, bytesOutBefore: number, connection: Pick<Wire, 'drawn'>) {
    this.head = this.#asked = head
    this.#connection = connection
    this.startedAt = startedAt
    this.bytesInBefore = bytesInBefore
    this.bytesOutBefore = bytesOutBefore
  }

  /** Decides which faults of the plan hit this exchange. */
  choose (wire: Wire): void {
    const { plan, node, id: connection, exchanges: exchange, clock } = wire
    const { head } = this
    head.client = wire.address
    const hits: Hit[] = []
    const undecided: ActiveFault[] = []
    const guarded = wire.protection(head)
    const met = plan.http.map((active) => {
      const spared = guarded ?? (!active.concerns(node) ? 'node' : wire.spared(active) ? 'existing' : null)
      const decision = spared === null ? active.decide(head) : SPARED[spared]
      if (decision.verdict === 'hit') hits.push(hitOf(active, decision))
      else if (decision.verdict === 'pending') undecided.push(active)
      return { fault: active.id, decision }
    })
    this.record = wire.decisions.record({
      at: clock.now(), connection, exchange, method: head.method, path: head.path, revision: plan.revision, met
    })
    if (hits.length > 0) this.#hits = hits
    this.#undecided = undecided
  }

  header (name: string): string | undefined { return this.#asked.header(name) }

  drawn (fault: string): boolean | undefined {
    const met = this.record?.met.find((one) => one.fault === fault)
    return met === undefined ? this.#connection.drawn(fault) : drawnOf(met.decision)
  }

  /** A fault hits it, or may yet. */
  get concerned (): boolean { return this.#hits !== NO_HITS || this.#undecided.length > 0 }

  /** Ids of the faults that hit it and have acted on it. */
  get faults (): readonly string[] {
    const ids = this.#hits.filter(({ acted, unfit }) => acted && !unfit).map(({ active }) => active.id)
    return ids.length === 0 ? NO_FAULTS : ids
  }

  /**
   * Asks the faults that hit, one after the other, about the request, or about the response if one is given. Waits
   * where they say so; then goes on.
   */
  consult (wire: Wire, response: ResponseHead | undefined, go: GoOn): void {
    if (response !== undefined) this.#decide(response)
    this.#ask(wire, response, go, new Changes(), 0, false)
  }

  #decide (response: ResponseHead): void {
    for (const active of this.#undecided) {
      const decision = active.decideOnResponse(this.head, response)
      this.#settle(active, decision)
      if (decision.verdict === 'hit') this.#hits = [...this.#hits, hitOf(active, decision)]
    }
    this.#undecided = []
  }

  #ask (wire: Wire, response: ResponseHead | undefined, go: GoOn, changes: Changes, from: number, changed: boolean): void {
    const { clock } = wire
    for (let i = from; i < this.#hits.length; i++) {
      const hit = this.#hits[i]!
      if (hit.unfit) continue
      const { active } = hit
      const random = hit.random ??= active.randomOf(hit.n)
      const context = { random, elapsed: clock.now() - active.beganAt, request: this.head }
      const action = response === undefined
        ? active.http?.request?.(this.head, context)
        : active.http?.response?.(response, context)
      if (action === undefined) continue
      switch (action.do) {
        case 'pass': break
        case 'delay':
        case 'hang':
          hit.acted = true
          this.#hold = new Hold(active, action.do === 'hang' ? Infinity : action.ms, clock, () => {
            this.#hold = null
            this.#ask(wire, response, go, changes, i + 1, changed)
          })
          return
        case 'respond':
        case 'raw':
        case 'abort':
          hit.acted = true
          this.#answeredBy = active
          return go(action, null)
        case 'unfit':
          this.#unfit(hit, action.why)
          break
        default:
          hit.acted = true
          this.#change(wire, changes, hit, action, response === undefined)
          changed = true
      }
    }
    go(null, changed ? changes : null)
  }

  #change (wire: Wire, changes: Changes, hit: Hit, action: Change, request: boolean): void {
    const unfit = (why: string): void => { this.#unfit(hit, why) }
    switch (action.do) {
      case 'rewrite': return changes.rewrite(action.set, action.remove)
      case 'last':
        changes.rewrite({ connection: 'close' }, ['keep-alive'])
        changes.last = true
        return
      case 'body': {
        const stage = wire.stage(hit.active, action.behaviour, request ? 'upstream' : 'downstream')
        changes.stages.push(stage)
        this.#stages.push(stage)
        return
      }
      case 'edit':
        changes.editors = [...changes.editors, { active: hit.active, limit: action.limit, edit: action.edit, unfit }]
        return
      case 'record':
        unfit('its answer is the one that is kept')
        changes.tees.push(new Tee(action.limit, (bytes) => { action.keep(bytes, this.status) }, () => {}))
        return
      case 'duplicate': {
        const { method } = this.head
        changes.tees.push(new Tee(action.limit, (bytes) => {
          for (let i = 1; i <= action.copies; i++) wire.deliver(bytes, method, action.ms * i)
        }, () => { unfit('the request is too long') }))
      }
    }
  }

  #unfit (hit: Hit, why: string): void {
    if (hit.unfit) return
    hit.unfit = true
    hit.active.unfit()
    this.#settle(hit.active, { n: hit.n, verdict: 'unfit', detail: why })
  }

  #settle ({ id }: ActiveFault, decision: Decision): void {
    const met = this.record?.met
    const at = met?.findIndex(({ fault }) => fault === id) ?? -1
    if (at !== -1) met![at] = { fault: id, decision }
  }

  /** Nothing more is asked: a fault that hit and never got to act was no fault to this exchange. */
  judge (): void {
    for (const hit of this.#hits) {
      if (hit.acted) continue
      this.#unfit(hit, this.#answeredBy === null ? 'it was over before the fault could act' : `${this.#answeredBy.id} answered first`)
    }
  }

  /** Headers that tell, in test mode, what was decided about it. */
  explanation (wire: Wire): Record<string, string> {
    if (!wire.explain || this.record === null) return {}
    const decision = { 'x-premortem-decision': String(this.record.id) }
    return this.faults.length === 0 ? decision : { ...decision, 'x-premortem-faults': this.faults.join(' ') }
  }

  /** Goes on at once if the fault it waits for is gone. */
  planChanged (plan: Plan): void {
    if (this.#hold !== null && !plan.faults.includes(this.#hold.active)) this.#hold.release()
  }

  /** It is over: ends a wait without going on, and lets go of the faults. */
  end (wire: Wire): void {
    this.#hold?.cancel()
    this.#hold = null
    for (const stage of this.#stages) wire.unstage(stage)
    for (const { active } of this.#hits) active.release()
  }
}

const hitOf = (active: ActiveFault, { n }: Decision): Hit => ({ active, n, random: null, acted: false, unfit: false })

type Change = Extract<HttpAction, { do: 'rewrite' | 'last' | 'body' | 'edit' | 'record' | 'duplicate' }>

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
  exchange.judge()
  const bytesIn = (up?.bytes ?? 0) - exchange.bytesInBefore
  const bytesOut = down.kept - exchange.bytesOutBefore
  const faults = exchange.concerned ? [...stageIds, ...exchange.faults] : stageIds
  const emit = (outcome: Outcome): void => {
    const { method, path } = head
    const endedAt = clock.now()
    exchange.end(wire)
    const seen = { at: proxy, kind: 'exchange', node, startedAt, endedAt, outcome, method, path, status, bytesIn, bytesOut, faults, traits: exchange } as const
    observer.observe(wire.life === undefined ? seen : { ...seen, connection: wire.life })
  }
  // Bytes that a fault still keeps back have not reached the client yet, and may never.
  if (outcome === 'complete') down.flushed((out) => { emit(out ? outcome : 'client-gone') })
  else emit(outcome)
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
    faults: wire.stageIds,
    traits: wire
  })
}
