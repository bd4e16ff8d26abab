import type { Cancel, Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { EventBus } from '../kernel/events.ts'
import type { Halt } from '../kernel/halt.ts'
import { hash } from '../kernel/random.ts'
import { DEFAULT_TTL, decodeFault } from '../faults/envelope.ts'
import type { Fault, FaultSpec } from '../faults/envelope.ts'
import { ActiveFault, Plan, diceOf, emptyCounters } from '../faults/plan.ts'
import type { FaultCounters } from '../faults/plan.ts'
import { clopperPearson } from '../measure/statistics/clopper-pearson.ts'
import { delayView } from './delays.ts'
import { checkFault } from './spec.ts'
import type { ProxySettings } from './spec.ts'
import type { FaultView } from './view.ts'

/** Who set a fault, and for how long. `ttl` in milliseconds; Infinity stays until removed. */
export interface AddOptions { source: FaultView['source'], run?: string, seed?: number, ttl?: number }

interface FaultSetDeps {
  settings: () => ProxySettings
  seed: number
  clock: Clock
  events: EventBus
  halt: Halt
  changed: () => void
}

interface Lease { source: FaultView['source'], run: string | null, expiresAt: number, revision: number, cancel: Cancel }

/** How many faults are known by their ids, gone ones included: as many as there are decisions that may name them. */
const KNOWN = 1000

/** The faults set on one proxy, with their leases. Every change makes a new plan and hands it over at once. */
export class FaultSet {
  readonly #settings: () => ProxySettings
  readonly #seed: number
  readonly #clock: Clock
  readonly #events: EventBus
  readonly #halt: Halt
  readonly #changed: () => void
  readonly #leases = new Map<string, Lease>()
  readonly #known = new Map<string, ActiveFault>()
  #ordinals = new Map<string, number>()
  #plan = Plan.EMPTY

  /** `changed` is called after every change, within the call that made it. */
  constructor (deps: FaultSetDeps) {
    this.#settings = deps.settings
    this.#seed = deps.seed
    this.#clock = deps.clock
    this.#events = deps.events
    this.#halt = deps.halt
    this.#changed = deps.changed
  }

  get plan (): Plan { return this.#plan }

  /** Throws PMT_ERR_HALTED, PMT_ERR_FAULT_EXISTS, PMT_ERR_FAULT_LAYER, PMT_ERR_NODE_NOT_FOUND. */
  add (fault: Fault, options: AddOptions): FaultView {
    this.#halt.check()
    const settings = this.#settings()
    this.#check(fault)
    const id = fault.id ?? this.#nextId(fault.type.type)
    if (this.#plan.find(id) !== undefined) {
      throw new PremortemError('PMT_ERR_FAULT_EXISTS', { message: `a fault ${id} is active on ${settings.name}`, path: 'id', found: id })
    }
    const ttl = options.ttl ?? fault.ttl ?? (options.source === 'config' ? Infinity : DEFAULT_TTL)
    const seed = options.seed ?? hash(this.#seed, id)
    this.#lease(id, { source: options.source, run: options.run ?? null }, ttl)
    this.#set(this.#plan.with(new ActiveFault(id, fault, seed, emptyCounters(), this.#clock.now())), 'fault.added', id)
    return this.view(id)
  }

  /** Merges `patch` over the fault as it was written. Throws PMT_ERR_FAULT_NOT_FOUND and decodeFault's errors. */
  change (id: string, patch: Record<string, unknown>): FaultView {
    const active = this.#get(id)
    const { ttl: _, ...written } = active.fault.spec
    const fault = decodeFault({ ...written, ...patch })
    this.#check(fault)
    if (fault.type !== active.fault.type || (fault.id !== undefined && fault.id !== id)) {
      throw new PremortemError('PMT_ERR_INVALID', { message: 'a fault keeps its type and id', path: fault.type === active.fault.type ? 'id' : 'type', found: patch.type ?? patch.id, wanted: active.fault.type === fault.type ? id : active.fault.type.type })
    }
    if (fault.ttl !== undefined) this.#lease(id, this.#leases.get(id)!, fault.ttl)
    // A longer lease alone must not let go of what the fault holds.
    const same = Object.keys(patch).every((key) => key === 'ttl')
    this.#set(this.#plan.with(same ? active : new ActiveFault(id, fault, active.seed, active.counters, active.beganAt)), 'fault.changed', id)
    return this.view(id)
  }

  /** Starts the lease anew. Throws PMT_ERR_FAULT_NOT_FOUND. */
  renew (id: string, ttl: number): FaultView {
    this.#get(id)
    this.#lease(id, this.#leases.get(id)!, ttl)
    return this.view(id)
  }

  /** Removes it and returns how it stood. Throws PMT_ERR_FAULT_NOT_FOUND. */
  remove (id: string, event = 'fault.removed'): FaultView {
    const view = this.view(id)
    this.#leases.get(id)?.cancel()
    this.#set(this.#plan.without(id), event, id, view)
    this.#leases.delete(id)
    return view
  }

  /** Removes all, and returns how many there were. */
  clear (): number {
    const ids = this.#plan.faults.map((active) => active.id)
    for (const id of ids) this.remove(id)
    return ids.length
  }

  /** Takes over what was set by hand or by a run on `other` and fits here, with its ids, counters and leases. */
  inherit (other: FaultSet): void {
    for (const active of other.#plan.faults) {
      const lease = other.#leases.get(active.id)!
      if (lease.source === 'config' || this.#plan.find(active.id) !== undefined || !fits(this.#settings(), active)) continue
      this.#plan = this.#plan.with(active)
      this.#remember(active.id)
      this.#lease(active.id, lease, lease.expiresAt - this.#clock.now())
    }
  }

  /** Ends every lease and tells nobody: the proxy itself is going. */
  dispose (): void {
    for (const { cancel } of this.#leases.values()) cancel()
    this.#leases.clear()
    this.#plan = new Plan(this.#plan.revision + 1, [])
  }

  view (id: string): FaultView {
    const active = this.#get(id)
    const { source, run, expiresAt, revision } = this.#leases.get(id)!
    return {
      id,
      on: this.#settings().name,
      type: active.fault.type.type,
      spec: active.fault.spec as FaultSpec,
      source,
      run,
      seed: active.seed,
      expiresAt: expiresAt === Infinity ? null : new Date(this.#clock.wall() + expiresAt - this.#clock.now()).toISOString(),
      revision,
      counters: { ...structuredClone(active.counters), share: shareOf(active.counters) },
      delays: delayView(active.counters)
    }
  }

  /** A fault that is active, or was not long ago. Throws PMT_ERR_FAULT_NOT_FOUND. */
  known (id: string): ActiveFault {
    return this.#known.get(id) ?? this.#get(id)
  }

  /** Whether it is active, and how many that it hit are not over; nothing of one that is not known. */
  residue (id: string): { active: boolean, held: number } {
    const active = this.#plan.find(id)
    return { active: active !== undefined, held: (active ?? this.#known.get(id))?.counters.active ?? 0 }
  }

  views (): FaultView[] {
    return this.#plan.faults.map((active) => this.view(active.id))
  }

  #get (id: string): ActiveFault {
    const active = this.#plan.find(id)
    if (active === undefined) {
      throw new PremortemError('PMT_ERR_FAULT_NOT_FOUND', { message: `no fault ${id} is active on ${this.#settings().name}`, found: id, wanted: this.#plan.faults.map((other) => other.id).join(', ') || 'none is active' })
    }
    return active
  }

  #check (fault: Fault): void {
    const settings = this.#settings()
    checkFault(settings, fault)
    if (fault.on !== undefined && fault.on !== settings.name) {
      throw new PremortemError('PMT_ERR_INVALID', { message: 'the fault is meant for another proxy', path: 'on', found: fault.on, wanted: `${settings.name}, or no \`on\`` })
    }
  }

  #nextId (type: string): string {
    // An id stands in paths.
    const stem = type.replace('/', '-')
    for (let n = this.#ordinals.get(stem) ?? 1; ; n++) {
      this.#ordinals.set(stem, n + 1)
      if (this.#plan.find(`${stem}-${n}`) === undefined) return `${stem}-${n}`
    }
  }

  #lease (id: string, owner: Pick<Lease, 'source' | 'run'>, ttl: number): void {
    this.#leases.get(id)?.cancel()
    const cancel = ttl === Infinity ? () => {} : this.#clock.after(ttl, () => { this.remove(id, 'fault.expired') })
    const revision = this.#leases.get(id)?.revision ?? 0
    this.#leases.set(id, { source: owner.source, run: owner.run, expiresAt: this.#clock.now() + ttl, revision, cancel })
  }

  #set (plan: Plan, event: string, id: string, view?: FaultView): void {
    this.#plan = plan
    this.#remember(id)
    const lease = this.#leases.get(id)
    if (lease !== undefined) lease.revision = plan.revision
    this.#changed()
    const { type, source } = view ?? this.view(id)
    this.#events.publish(event, { proxy: this.#settings().name, id, type, source, revision: plan.revision })
  }

  #remember (id: string): void {
    const active = this.#plan.find(id)
    if (active === undefined) return
    this.#known.delete(id)
    this.#known.set(id, active)
    if (this.#known.size > KNOWN) this.#known.delete(this.#known.keys().next().value!)
  }
}

function fits (settings: ProxySettings, active: ActiveFault): boolean {
  try {
    checkFault(settings, active.fault)
    return true
  } catch {
    return false
  }
}

function shareOf (counters: FaultCounters): FaultView['counters']['share'] {
  const { thrown, hit } = diceOf(counters)
  return thrown === 0 ? null : { achieved: hit / thrown, ...clopperPearson(hit, thrown, 0.025) }
}
