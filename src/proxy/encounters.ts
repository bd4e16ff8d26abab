import type { Cancel, Clock } from '../kernel/clock.ts'
import type { ActiveFault, Decision, Plan } from '../faults/plan.ts'
import type { StreamAction, StreamBehaviour } from '../faults/fault.ts'
import { NO_FAULTS } from '../measure/observation.ts'
import type { Decisions, Met } from './decisions.ts'
import type { Ask } from './pause.ts'
import type { Ending } from './pipe.ts'
import { Stage } from './stage.ts'

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
  /** It counts among those that the fault hits at the moment. */
  readonly hit: boolean
  readonly up: Stage | null
  readonly down: Stage | null
  /** How long the connection's opening waits for it, in milliseconds. */
  wait: number
  /** Ends the connection after a time. */
  timer: { does: StreamAction['do'], cancel: Cancel } | null
}

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

  constructor (meeting: Meeting) {
    this.#meeting = meeting
  }

  /** Whether an http fault leaves this connection alone. */
  spares (fault: ActiveFault): boolean {
    return this.#met.get(fault.id)?.ignored === true
  }

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

  #elapsed (active: ActiveFault): number { return this.#meeting.clock.now() - active.beganAt }

  // A fault goes, or `next` takes its place.
  #part (before: Encounter, next: ActiveFault | undefined, found: Met[]): void {
    const { active, behaviour, hit, timer } = before
    timer?.cancel()
    if (hit) active.release()
    this.#met.delete(active.id)
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
    const decision = active.decideOnConnection(this.#meeting.address)
    found.push({ fault: active.id, decision })
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
      if (encounter.behaviour === undefined) continue
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
  return { active, behaviour: undefined, ignored, hit, up: null, down: null, wait: 0, timer: null }
}
