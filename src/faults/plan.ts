import { createRandom, draw } from '../kernel/random.ts'
import type { Random } from '../kernel/random.ts'
import { formatShare } from '../kernel/units.ts'
import { stickyDraw } from './arms.ts'
import { compileBy } from './by.ts'
import type { KeyOf } from './by.ts'
import type { Fault } from './envelope.ts'
import type { HttpBehaviour, RequestHead, ResponseHead, StreamBehaviour, TlsBehaviour } from './fault.ts'
import type { Handshake } from './handshake.ts'
import { compileMatch } from './match.ts'
import type { Matcher } from './match.ts'

/** What a fault has done so far. Delays are sums in milliseconds over the delays that ended. */
export interface FaultCounters {
  /** Requests or connections that fitted. */
  eligible: number
  /** Of those, the ones hit. In shadow mode: that would have been hit. */
  injected: number
  /** Of those, the ones spared by `share` (or by `replay`). */
  skipped: number
  /** Of those, the ones passed over by `after`, `first`, `for`, `every`, or because `by` found nothing to go by. */
  passed: number
  /** Of those, the ones spared by `max`. */
  capped: number
  /** Of those, the ones that the fault could do nothing to. */
  unfit: number
  /** Hit and not over yet. */
  active: number
  /** What became of the connections that were open when the fault began. */
  existing: { affect: number, reset: number, drain: number, ignore: number }
  delays: number
  delayRequested: number
  delayAchieved: number
}

/**
 * Why a fault hit or did not. `never` and `untagged` are the proxy's own protection, `node` and `existing` the
 * connection's; `pending` waits for the response.
 */
export type Verdict =
  'hit' | 'shadow' | 'unmatched' | 'after' | 'first' | 'for' | 'every' | 'by' | 'share' | 'replay' | 'concurrent' | 'total' |
  'unfit' | 'pending' | 'never' | 'untagged' | 'node' | 'existing'

/**
 * What was decided about one request or connection: `n` is its ordinal among those that fitted, 0 if it did not. `detail`
 * is the field of `match` that did not fit, what of the fault spared it (`every 3rd`), or why it was unfit.
 */
export interface Decision { readonly n: number, readonly verdict: Verdict, readonly detail: string }

/** What the dice of a fault said, whatever came of it then: whether its share has it; undefined if they were not thrown. */
export function drawnOf ({ verdict }: Decision): boolean | undefined {
  switch (verdict) {
    case 'hit': case 'shadow': case 'unfit': case 'concurrent': case 'total': return true
    case 'share': case 'replay': return false
    default: return undefined
  }
}

const PENDING: Decision = { n: 0, verdict: 'pending', detail: '' }

/** A fault on a proxy, from when it was set until it goes. Its settings never change: an update is a new one. */
export class ActiveFault {
  readonly id: string
  readonly fault: Fault
  readonly seed: number
  readonly counters: FaultCounters
  /** Monotonic milliseconds. */
  readonly beganAt: number
  /** The behaviour on http exchanges; undefined for stream faults, which begin anew on each connection. */
  readonly http: HttpBehaviour | undefined
  /** The behaviour on TLS handshakes; undefined for other faults. */
  readonly tls: TlsBehaviour | undefined
  readonly #match: Matcher
  readonly #details: Details
  readonly #by: KeyOf | undefined
  readonly #replay: ReadonlySet<number> | undefined
  readonly #random: Random

  constructor (id: string, fault: Fault, seed: number, counters: FaultCounters = emptyCounters(), beganAt = 0) {
    this.id = id
    this.fault = fault
    this.seed = fault.seed ?? seed
    this.counters = counters
    this.beganAt = beganAt
    this.#match = compileMatch(fault.match)
    this.#details = detailsOf(fault)
    this.#by = fault.by === undefined ? undefined : compileBy(fault.by)
    this.#replay = fault.replay === undefined ? undefined : new Set(fault.replay)
    this.#random = createRandom(this.seed)
    const { type, params } = fault
    this.http = type.layer === 'http' ? type.begin(params as never) : undefined
    this.tls = type.layer === 'tls' ? type.begin(params as never) : undefined
  }

  get shadow (): boolean { return this.fault.mode === 'shadow' }

  /** Whether it is on connections to this node. */
  concerns (node: string): boolean {
    return this.fault.node === undefined || this.fault.node === node
  }

  /**
   * Decides about the next request. Under one seed the n-th fitting request always gets the same answer; with `by`, the
   * same key does. `pending` if it depends on the response.
   */
  decide (head: RequestHead): Decision {
    const miss = this.#match.request(head)
    if (miss !== null) return { n: 0, verdict: 'unmatched', detail: miss }
    return this.#match.response === null ? this.#choose(head) : PENDING
  }

  /** Decides about a request that was `pending`, now that its response is there. */
  decideOnResponse (head: RequestHead, response: ResponseHead): Decision {
    const miss = this.#match.response?.(response) ?? null
    return miss === null ? this.#choose(head) : { n: 0, verdict: 'unmatched', detail: miss }
  }

  /** Decides about the next connection, by the client's IP address. */
  decideOnConnection (client: string): Decision {
    const miss = this.#match.client(client)
    return miss === null ? this.#choose({ client }) : { n: 0, verdict: 'unmatched', detail: miss }
  }

  /** Whether a handshake is one that it may hit, whatever the dice say. */
  fits (handshake: Handshake): boolean { return this.#match.handshake(handshake) === null }

  /** Decides about the next handshake. */
  decideOnHandshake (handshake: Handshake): Decision {
    const miss = this.#match.handshake(handshake)
    return miss === null ? this.#choose({ client: handshake.client, sni: handshake.hello.sni }) : { n: 0, verdict: 'unmatched', detail: miss }
  }

  /** A stream fault's behaviour on the connection that is the n-th decision. */
  begin (n: number): StreamBehaviour {
    const { type, params } = this.fault
    return type.layer === 'stream' ? type.begin(params as never, this.#random.fork(n)) : {}
  }

  /** The generator that belongs to the n-th decision. */
  randomOf (n: number): Random {
    return this.#random.fork(n)
  }

  /** One that it hit is over. */
  release (): void {
    this.counters.active--
  }

  /** One that it hit was nothing it could do anything to. */
  unfit (): void {
    this.counters.injected--
    this.counters.unfit++
  }

  #choose (subject: Parameters<KeyOf>[0]): Decision {
    const { counters } = this
    const n = ++counters.eligible
    const because = (verdict: keyof Details): Decision => ({ n, verdict, detail: this.#details[verdict] })
    const outside = this.#outside(n)
    if (outside !== null) {
      counters.passed++
      return because(outside)
    }
    const key = this.#by?.(subject)
    if (this.#by !== undefined && key === undefined) {
      counters.passed++
      return because('by')
    }
    if (!this.#drawn(n, key)) {
      counters.skipped++
      return because(this.#replay === undefined ? 'share' : 'replay')
    }
    const { concurrent = Infinity, total = Infinity } = this.fault.max ?? {}
    if (counters.active >= concurrent || counters.injected >= total) {
      counters.capped++
      return because(counters.injected >= total ? 'total' : 'concurrent')
    }
    counters.injected++
    if (this.shadow) return { n, verdict: 'shadow', detail: '' }
    counters.active++
    return { n, verdict: 'hit', detail: '' }
  }

  /** Which field passes the n-th over; null if none does. `first` and `for` count from where `after` ends. */
  #outside (n: number): 'after' | 'first' | 'for' | 'every' | null {
    const { after = 0, first = Infinity, for: span = Infinity, every = 1 } = this.fault.select
    if (n <= after) return 'after'
    if (n - after > first) return 'first'
    if (n - after > span) return 'for'
    return (n - after) % every === 0 ? null : 'every'
  }

  #drawn (n: number, key: string | undefined): boolean {
    if (this.#replay !== undefined) return this.#replay.has(n)
    // Drawn even at 100 %, or at 0 %, so that changing the share alone changes nothing else.
    const drawn = key === undefined ? draw(this.seed, n) : stickyDraw(this.seed, key)
    return drawn < this.fault.share
  }
}

type Details = Readonly<Record<'after' | 'first' | 'for' | 'every' | 'by' | 'share' | 'replay' | 'concurrent' | 'total', string>>

// Made once for each fault, so that deciding costs no text.
function detailsOf ({ select, by, share, max }: Fault): Details {
  const from = select.after === undefined ? '' : ` after the first ${select.after}`
  return {
    after: `after ${select.after}`,
    first: `first ${select.first}${from}`,
    for: `for ${select.for}${from}`,
    every: `every ${ordinal(select.every ?? 1)}${from}`,
    by: `by ${by}`,
    share: `share ${formatShare(share)}`,
    replay: 'replay',
    concurrent: `max.concurrent ${max?.concurrent}`,
    total: `max.total ${max?.total}`
  }
}

function ordinal (n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13
  return `${n}${teens ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'}`
}

/** Counters that have counted nothing. */
export function emptyCounters (): FaultCounters {
  return {
    eligible: 0,
    injected: 0,
    skipped: 0,
    passed: 0,
    capped: 0,
    unfit: 0,
    active: 0,
    existing: { affect: 0, reset: 0, drain: 0, ignore: 0 },
    delays: 0,
    delayRequested: 0,
    delayAchieved: 0
  }
}

/** What two counted together. */
export function addCounters (a: FaultCounters, b: FaultCounters = emptyCounters()): FaultCounters {
  const sum = <T extends object>(one: T, other: T): T => Object.fromEntries(Object.entries(one).map(([key, value]) => {
    const added = other[key as keyof T]
    return [key, typeof value === 'number' ? value + (added as number) : sum(value as object, added as object)]
  })) as T
  return sum(a, b)
}

/** Of those that the dice were thrown for, how many they hit, whatever came of it: what `share` is to be held against. */
export function diceOf ({ injected, capped, unfit, skipped }: FaultCounters): { thrown: number, hit: number } {
  const hit = injected + capped + unfit
  return { thrown: hit + skipped, hit }
}

/** The faults active on a proxy at one moment. Never changes; a change is a new plan with the next revision. */
export class Plan {
  static readonly EMPTY = new Plan(0, [])
  readonly revision: number
  readonly faults: readonly ActiveFault[]
  readonly stream: readonly ActiveFault[]
  readonly http: readonly ActiveFault[]
  readonly tls: readonly ActiveFault[]

  constructor (revision: number, faults: readonly ActiveFault[]) {
    this.revision = revision
    this.faults = faults
    this.stream = faults.filter((active) => active.fault.type.layer === 'stream')
    this.http = faults.filter((active) => active.fault.type.layer === 'http')
    this.tls = faults.filter((active) => active.fault.type.layer === 'tls')
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
