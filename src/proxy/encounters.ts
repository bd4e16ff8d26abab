import type { Cancel, Clock } from '../kernel/clock.ts'
import { drawnOf } from '../faults/plan.ts'
import type { ActiveFault, Decision, Plan } from '../faults/plan.ts'
import { PASS } from '../faults/fault.ts'
import type { StreamAction, StreamBehaviour } from '../faults/fault.ts'
import type { Handshake } from '../faults/handshake.ts'
import { NO_FAULTS } from '../measure/observation.ts'
import type { Decisions, Met } from './decisions.ts'
import type { Ask } from './pause.ts'
import type { Ending } from './pipe.ts'
import { Stage } from './stage.ts'
import type { Order } from './tls/reception.ts'

/** What faults may do to a connection, and what they need to know of it. */
export interface Meeting {
  readonly id: number
  readonly clock: Clock
  readonly plan: Plan
  readonly decisions: Decisions
  /** The client's IP address. */
  readonly address: string
  readonly node: string
  /** Monotonic milliseconds. */
  readonly openedAt: number
  readonly over: boolean
  /** Ends at the next boundary of the protocol. */
  drain (): void
  /** A stage for what goes to the client as records of TLS, which goes with its fault. */
  stage (active: ActiveFault, behaviour: StreamBehaviour, direction: 'downstream'): Stage
  /** By RST, both ends, now. */
  resetByFault (): void
  /** By FIN, both ends, now. */
  closeByFault (): void
  abandon (keep: 'client' | 'node'): void
}

/** What a fault is to one connection: at work, spared by its share, or none of its business. */
interface Encounter {
  readonly active: ActiveFault
  readonly behaviour: StreamBehaviour | undefined
  /** It leaves this connection alone, whatever is sent on it (`existing: ignore`). */
  readonly ignored: boolean
  /** It is a certificate with a flaw that this connection was shown. */
  readonly serves: boolean
  /** It counts among those that the fault hits at the moment. */
  readonly hit: boolean
  readonly up: Stage | null
  readonly down: Stage | null
  /** How long the connection's opening waits for it, in milliseconds. */
  wait: number
  /** Ends the connection after a time. */
  timer: { does: StreamAction['do'], cancel: Cancel } | null
}

/** How long connections may take to drain because their handshakes are to be made anew, in milliseconds. */
const DRAIN = 2000

const NOT_HERE: Decision = { n: 0, verdict: 'node', detail: '' }
const OPEN_BEFORE: Decision = { n: 0, verdict: 'existing', detail: '' }

/** The faults that one connection has met, and what they have put to work on it. */
export class Encounters {
  /** Ids of the stream faults at work. */
  ids = NO_FAULTS
  up: readonly Stage[] = []
  down: readonly Stage[] = []
  readonly #meeting: Meeting
  readonly #met = new Map<string, Encounter>()
  /** What the dice said of this connection, or its handshake, by the ids of faults; null while none were thrown. */
  #drawn: Map<string, boolean> | null = null
  /** The handshake of this connection, once the faults have had their say about it. */
  #handshake: Handshake | null = null

  constructor (meeting: Meeting) {
    this.#meeting = meeting
  }

  /** Whether an http fault leaves this connection alone. */
  spares (fault: ActiveFault): boolean {
    return this.#met.get(fault.id)?.ignored === true
  }

  /** Whether a fault's share has this connection, or its handshake; undefined if that was never decided. */
  drawn (fault: string): boolean | undefined { return this.#drawn?.get(fault) }

  /** What the opening has to wait for. */
  get openings (): Ask[] {
    return [...this.#met.values()].filter(({ wait }) => wait > 0).map(({ active, wait }) => ({ active, ms: wait }))
  }

  /** What a dial that begins now has to wait for. */
  dials (): Ask[] {
    const asks: Ask[] = []
    for (const { active, behaviour } of this.#met.values()) {
      const action = behaviour?.dial?.(this.#elapsed(active))
      if (action?.do === 'delay' && action.ms > 0) asks.push({ active, ms: action.ms })
    }
    return asks
  }

  /** Meets the faults of the plan that concern this connection; `fresh` if it opens now, or has come to another node. */
  meet (fresh: boolean): void {
    const { plan, decisions, id, node } = this.#meeting
    if (plan.faults.length === 0 && this.#met.size === 0) return
    const found: Met[] = []
    for (const [id, before] of this.#met) {
      const active = plan.find(id)
      if (active === before.active && active.concerns(node)) continue
      this.#part(before, active !== undefined && active.concerns(node) ? active : undefined, found)
      if (this.#meeting.over) return
    }
    for (const active of plan.faults) {
      if (this.#met.has(active.id)) continue
      // Faults on handshakes are met when there is one.
      if (active.tls !== undefined && this.#handshake === null) continue
      if (!active.concerns(node)) {
        if (fresh && active.fault.type.layer === 'stream') found.push({ fault: active.id, decision: NOT_HERE })
        continue
      }
      if (fresh) this.#begin(active, found, 0)
      else this.#beginExisting(active, found)
      if (this.#meeting.over) break
    }
    if (found.length > 0) decisions.record({ at: this.#meeting.clock.now(), connection: id, exchange: 0, method: '', path: '', revision: plan.revision, met: found })
    this.#arrange()
  }

  /** A ClientHello is there: what the faults on handshakes want, in the order of the plan. */
  handshake (handshake: Handshake): Order[] {
    this.#handshake = handshake
    const { plan, decisions, id, node, clock } = this.#meeting
    const orders: Order[] = []
    const found: Met[] = []
    for (const active of plan.tls) {
      if (active.concerns(node)) this.#shake(active, handshake, orders, found)
      else found.push({ fault: active.id, decision: NOT_HERE })
    }
    if (found.length > 0) decisions.record({ at: clock.now(), connection: id, exchange: 0, method: '', path: '', revision: plan.revision, met: found })
    this.#arrange()
    return orders
  }

  /** A stage wants the connection to end. */
  end (stage: Stage, action: Ending): void {
    for (const encounter of this.#met.values()) {
      if (encounter.up === stage || encounter.down === stage) return this.#act(encounter, action)
    }
  }

  /** The connection is over. */
  leave (): void {
    for (const { active, hit, timer } of this.#met.values()) {
      timer?.cancel()
      if (hit) active.release()
    }
    this.#met.clear()
  }

  #shake (active: ActiveFault, handshake: Handshake, orders: Order[], found: Met[]): void {
    const decision = this.#noted(active, active.decideOnHandshake(handshake))
    const { n } = decision
    const hit = decision.verdict === 'hit'
    const action = hit ? active.tls!.handshake(handshake, { random: active.randomOf(n), elapsed: this.#elapsed(active) }) : PASS
    if (action.do === 'unfit') {
      active.unfit()
      active.release()
      found.push({ fault: active.id, decision: { n, verdict: 'unfit', detail: action.why } })
      this.#met.set(active.id, encounterOf(active, {}))
      return
    }
    found.push({ fault: active.id, decision })
    const encounter = encounterOf(active, { hit })
    if (action.do !== 'records') {
      this.#met.set(active.id, { ...encounter, serves: action.do === 'serve' })
      if (hit) orders.push({ active, action, stage: null })
      return
    }
    // Below TLS, if it ends here; otherwise what is passed on are the records.
    if (handshake.terminated) orders.push({ active, action, stage: this.#meeting.stage(active, action.behaviour, 'downstream') })
    const stage = handshake.terminated ? null : new Stage(action.behaviour, active, 'downstream', this.#meeting.clock.now())
    this.#met.set(active.id, { ...encounter, down: stage })
  }

  #elapsed (active: ActiveFault): number { return this.#meeting.clock.now() - active.beganAt }

  // A fault goes, or `next` takes its place.
  #part (before: Encounter, next: ActiveFault | undefined, found: Met[]): void {
    const { active, behaviour, hit, timer } = before
    timer?.cancel()
    if (hit) active.release()
    this.#met.delete(active.id)
    if (active.tls !== undefined) {
      if (next !== undefined) this.#met.set(active.id, encounterOf(next, { ignored: true }))
      // Who takes a certificate with a flaw would keep it for as long as the connection lasts.
      else if (before.serves) this.#drain(active)
      return
    }
    if (next !== undefined && before.ignored) this.#met.set(active.id, { ...before, active: next })
    else if (next !== undefined) this.#begin(next, found)
    if (this.#meeting.over || this.#met.get(active.id)?.behaviour !== undefined) return
    const last = behaviour?.gone?.(this.#elapsed(active)).do
    if (last === 'reset' || last === 'close') this.#blame(active)
    if (last === 'reset') this.#meeting.resetByFault()
    else if (last === 'close') this.#meeting.closeByFault()
  }

  // A fault begins on a connection that was open before it.
  #beginExisting (active: ActiveFault, found: Met[]): void {
    const { existing, type } = active.fault
    const { counters } = active
    if (active.tls !== undefined) return this.#shakeAnew(active)
    if (existing === 'ignore') {
      counters.existing.ignore++
      if (type.layer === 'stream') found.push({ fault: active.id, decision: OPEN_BEFORE })
      this.#met.set(active.id, encounterOf(active, { ignored: true }))
      return
    }
    if (existing === 'affect') {
      const encounter = this.#begin(active, found)
      if (type.layer === 'http' ? !active.shadow : encounter.hit) counters.existing.affect++
      return
    }
    // Stream faults choose connections by their share; http faults choose requests, so all their connections go.
    const chosen = type.layer === 'http' ? !active.shadow : this.#decide(active, found).verdict === 'hit'
    this.#met.set(active.id, encounterOf(active, { ignored: type.layer === 'stream', hit: chosen && type.layer === 'stream' }))
    if (!chosen) return
    counters.existing[existing]++
    if (existing === 'drain') return this.#meeting.drain()
    this.#blame(active)
    this.#meeting.resetByFault()
  }

  // Its handshake is over, so what a fault on handshakes can do to it is to make it shake hands anew.
  #shakeAnew (active: ActiveFault): void {
    const { counters, fault: { existing } } = active
    this.#met.set(active.id, encounterOf(active, { ignored: true }))
    if (active.shadow || !active.fits(this.#handshake!) || existing === 'affect') return
    counters.existing[existing]++
    if (existing === 'drain') return this.#drain(active)
    if (existing === 'ignore') return
    this.#blame(active)
    this.#meeting.resetByFault()
  }

  #drain ({ id }: ActiveFault): void {
    this.#meeting.drain()
    const { clock } = this.#meeting
    const encounter = this.#met.get(id)
    const cancel = clock.after(DRAIN, () => { if (!this.#meeting.over) this.#meeting.resetByFault() })
    if (encounter === undefined || this.#meeting.over) cancel()
    else encounter.timer = { does: 'close', cancel }
  }

  #begin (active: ActiveFault, found: Met[], age = this.#meeting.clock.now() - this.#meeting.openedAt): Encounter {
    const decision = active.fault.type.layer === 'stream' ? this.#decide(active, found) : undefined
    const hit = decision?.verdict === 'hit'
    const encounter = encounterOf(active, { hit })
    this.#met.set(active.id, encounter)
    if (!hit) return encounter
    const { clock } = this.#meeting
    const behaviour = active.begin(decision.n)
    const { direction } = active.fault
    const begun: Encounter = {
      ...encounter,
      behaviour,
      up: direction === 'downstream' ? null : new Stage(behaviour, active, 'upstream', clock.now()),
      down: direction === 'upstream' ? null : new Stage(behaviour, active, 'downstream', clock.now())
    }
    this.#met.set(active.id, begun)
    const action = behaviour.open?.(age, this.#elapsed(active))
    if (action !== undefined) this.#act(begun, action)
    return begun
  }

  #decide (active: ActiveFault, found: Met[]): Decision {
    const decision = this.#noted(active, active.decideOnConnection(this.#meeting.address))
    found.push({ fault: active.id, decision })
    return decision
  }

  #noted ({ id }: ActiveFault, decision: Decision): Decision {
    const drawn = drawnOf(decision)
    if (drawn !== undefined) (this.#drawn ??= new Map()).set(id, drawn)
    return decision
  }

  #act (encounter: Encounter, action: StreamAction): void {
    const meeting = this.#meeting
    switch (action.do) {
      case 'delay':
        encounter.wait = action.ms
        return
      case 'hold':
      case 'reset':
        return this.#after(encounter, action, () => { meeting.resetByFault() })
      case 'drop':
      case 'close':
        return this.#after(encounter, action, () => { meeting.closeByFault() })
      case 'abandon':
        return this.#after(encounter, action, () => { meeting.abandon(action.keep) })
    }
  }

  #after (encounter: Encounter, { do: does, ms }: { do: StreamAction['do'], ms: number }, act: () => void): void {
    // The clock of a `drop` starts anew with each; every other runs from the first.
    if (encounter.timer !== null && does !== 'drop' && encounter.timer.does === does) return
    encounter.timer?.cancel()
    if (ms === Infinity) return
    const blamed = (): void => {
      this.#blame(encounter.active)
      act()
    }
    const { clock } = this.#meeting
    if (ms === 0) blamed()
    else encounter.timer = { does, cancel: clock.at(clock.now() + ms, blamed) }
  }

  // A fault that ends the connection may do so before it is among the stages.
  #blame ({ id }: ActiveFault): void {
    if (!this.ids.includes(id)) this.ids = [...this.ids, id]
  }

  #arrange (): void {
    const ids: string[] = []
    const up: Stage[] = []
    const down: Stage[] = []
    for (const encounter of this.#met.values()) {
      if (encounter.behaviour === undefined && !(encounter.hit && encounter.active.tls !== undefined)) continue
      ids.push(encounter.active.id)
      if (encounter.up !== null) up.push(encounter.up)
      if (encounter.down !== null) down.push(encounter.down)
    }
    this.ids = ids.length === 0 ? NO_FAULTS : ids
    this.up = up
    this.down = down
  }
}

function encounterOf (active: ActiveFault, { ignored = false, hit = false }: { ignored?: boolean, hit?: boolean }): Encounter {
  return { active, behaviour: undefined, ignored, serves: false, hit, up: null, down: null, wait: 0, timer: null }
}
