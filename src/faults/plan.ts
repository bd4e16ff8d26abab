import { createRandom, draw } from '../kernel/random.ts'
import type { Random } from '../kernel/random.ts'
import type { Fault } from './envelope.ts'
import type { HttpBehaviour, RequestHead, StreamBehaviour } from './fault.ts'
import { compileMatch } from './match.ts'

/** What a fault has done so far. Delays are sums in milliseconds over the delays that ended. */
export interface FaultCounters {
  /** Requests or connections that fitted. */
  eligible: number
  /** Of those, the ones hit. In shadow mode: that would have been hit. */
  injected: number
  /** Of those, the ones spared by `share`. */
  skipped: number
  /** Open connections reset or drained when the fault began. */
  existing: number
  delays: number
  delayRequested: number
  delayAchieved: number
}

/** A fault on a proxy, from when it was set until it goes. Its settings never change: an update is a new one. */
export class ActiveFault {
  readonly id: string
  readonly fault: Fault
  readonly seed: number
  readonly counters: FaultCounters
  /** The behaviour on http exchanges; undefined for stream faults, which begin anew on each connection. */
  readonly http: HttpBehaviour | undefined
  readonly #matches: (head: RequestHead) => boolean
  readonly #random: Random

  constructor (id: string, fault: Fault, seed: number, counters: FaultCounters = emptyCounters()) {
    this.id = id
    this.fault = fault
    this.seed = fault.seed ?? seed
    this.counters = counters
    this.#matches = compileMatch(fault.match)
    this.#random = createRandom(this.seed)
    this.http = fault.type.layer === 'http' ? fault.type.begin(fault.params as never) : undefined
  }

  get shadow (): boolean { return this.fault.mode === 'shadow' }

  /** Whether it is on connections to this node. */
  concerns (node: string): boolean {
    return this.fault.node === undefined || this.fault.node === node
  }

  /**
   * Decides about the next request. The ordinal of a hit (from 1), or 0. Under one seed the n-th fitting request always
   * gets the same answer.
   */
  hits (head: RequestHead): number {
    return this.#matches(head) ? this.#decide() : 0
  }

  /** Decides about the next connection: its behaviour, or undefined when it is spared or only counted. */
  beginOn (): StreamBehaviour | undefined {
    const type = this.fault.type
    if (type.layer !== 'stream') return undefined
    const n = this.#decide()
    return n === 0 || this.shadow ? undefined : type.begin(this.fault.params as never, this.#random.fork(n))
  }

  /** The generator that belongs to the n-th decision. */
  randomOf (n: number): Random {
    return this.#random.fork(n)
  }

  #decide (): number {
    const n = ++this.counters.eligible
    // Drawn even at 100 %, or at 0 %, so that changing the share alone changes nothing else.
    if (draw(this.seed, n) >= this.fault.share) {
      this.counters.skipped++
      return 0
    }
    this.counters.injected++
    return n
  }
}

/** Counters that have counted nothing. */
export function emptyCounters (): FaultCounters {
  return { eligible: 0, injected: 0, skipped: 0, existing: 0, delays: 0, delayRequested: 0, delayAchieved: 0 }
}

/** The faults active on a proxy at one moment. Never changes; a change is a new plan with the next revision. */
export class Plan {
  static readonly EMPTY = new Plan(0, [])
  readonly revision: number
  readonly faults: readonly ActiveFault[]
  readonly stream: readonly ActiveFault[]
  readonly http: readonly ActiveFault[]

  constructor (revision: number, faults: readonly ActiveFault[]) {
    this.revision = revision
    this.faults = faults
    this.stream = faults.filter((active) => active.fault.type.layer === 'stream')
    this.http = faults.filter((active) => active.fault.type.layer === 'http')
  }

  find (id: string): ActiveFault | undefined {
    return this.faults.find((active) => active.id === id)
  }

  /** The next plan, with this fault added, or put in the place of the one with its id. */
  with (active: ActiveFault): Plan {
    const place = this.faults.findIndex((other) => other.id === active.id)
    return new Plan(this.revision + 1, place === -1 ? [...this.faults, active] : this.faults.with(place, active))
  }

  /** The next plan, without the fault of this id. */
  without (id: string): Plan {
    return new Plan(this.revision + 1, this.faults.filter((active) => active.id !== id))
  }
}
