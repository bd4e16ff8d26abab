import type { FaultSpec } from '../../src/faults/envelope.ts'
import { emptyCounters } from '../../src/faults/plan.ts'
import type { FaultCounters } from '../../src/faults/plan.ts'
import type { ReceivedAlert } from '../../src/experiment/alerts.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import type { Experiment } from '../../src/experiment/document.ts'
import type { AppliedFault, DataPlane, JournalSink, ProxyInfo, RunPorts, StartLoad, StartSource } from '../../src/experiment/ports.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { Control } from '../../src/experiment/control.ts'
import type { JournalEntry } from '../../src/experiment/journal.ts'
import { Scribe } from '../../src/experiment/scribe.ts'
import type { Begun } from '../../src/measure/arms.ts'
import { Watch } from '../../src/measure/watch.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import type { HandshakeResult, Observation, ObservedConnection, Observer } from '../../src/measure/observation.ts'
import type { VirtualClock } from '../helpers/clock.ts'

/** How the system answers one request: after `ms` with `status`; never, if null. */
export type Answer = { ms: number, status: number } | null

/** One fault that is active in the fake data plane. */
export interface ActiveFake {
  on: string
  id: string
  spec: FaultSpec
  seed: number
  ttl: number
  expiresAt: number
  counters: FaultCounters
}

/** The calls a test may make fail: each hook may throw or wait. */
export interface Hooks {
  apply?: (fault: AppliedFault) => Promise<void> | void
  renew?: (fault: AppliedFault) => Promise<void> | void
  change?: (fault: AppliedFault) => Promise<void> | void
  remove?: (fault: AppliedFault) => Promise<void> | void
  residue?: (fault: AppliedFault) => Promise<void> | void
  read?: () => Promise<void> | void
  mark?: (phase: string) => Promise<void> | void
}

/** A system with one user-facing proxy, `edge`, in front of two others, on virtual time and without sockets. */
export interface World {
  plane: DataPlane
  startLoad: StartLoad
  startSource: StartSource
  hooks: Hooks
  /** Faults by `on/id`; those whose lease ran out are gone. */
  active (): ActiveFake[]
  /** Every fault there ever was. */
  applied: ActiveFake[]
  renewals: number[]
  /** Requests a second that reach edge by themselves. */
  rate: number
  /** How many that faults hit are not over. */
  held: number
  /** Whether faults hit anything. */
  lands: boolean
  answer: (faults: ActiveFake[]) => Answer
  /** What comes of the handshake before each request that a proxy sees; null if there is none, undefined if it does not end. */
  shake: (faults: ActiveFake[], at: string) => HandshakeResult | null | undefined
  /** What such a request comes on. */
  connection: (at: string) => ObservedConnection | undefined
  loads: { stopped: boolean, closed: boolean }[]
  /** What a source says when it is asked; null: nothing, ever. It takes 5 ms. */
  say: (source: string, faults: ActiveFake[]) => 'good' | 'bad' | 'missing' | null
  sources: { name: string, stopped: boolean, closed: boolean, marks: number }[]
}

const begun = (times: Iterable<number>): Begun[] => [...times].map((startedAt) => ({ startedAt }))

/** What of a phase's reading no verdict looks at. */
export const EMPTY: Omit<PhaseReading, 'name' | 'startedAt' | 'endedAt' | 'n' | 'of' | 'bad' | 'bins'> = { unfinished: 0, latency: { p50: 0, p90: 0, p95: 0, p99: 0, max: 0 }, statuses: {}, outcomes: {}, handshakes: { n: 0, unfinished: 0, counts: [] }, survivors: null, arms: null }

/** The proxies there are. */
export const PROXIES: ProxyInfo[] = [
  { name: 'edge', protocol: 'http', nodes: ['edge-1'], guarded: false, rate: 50, tls: 'none', handshakeRate: 0, connections: 0 },
  { name: 'payments', protocol: 'http', nodes: ['payments-1', 'payments-2'], guarded: false, rate: 50, tls: 'none', handshakeRate: 0, connections: 0 },
  { name: 'redis', protocol: 'tcp', nodes: ['redis-1'], guarded: false, rate: 5, tls: 'none', handshakeRate: 0, connections: 0 },
  { name: 'bank', protocol: 'http', nodes: ['bank-1'], guarded: false, rate: 50, tls: 'terminate', handshakeRate: 50, connections: 0 },
  { name: 'mail', protocol: 'tcp', nodes: ['mail-1'], guarded: false, rate: 5, tls: 'passthrough', handshakeRate: 5, connections: 0 }
]

/** Healthy answers, and slow ones while any fault is active. */
export const slowUnderFault = (faults: ActiveFake[]): Answer => ({ ms: faults.length > 0 ? 600 : 20, status: 200 })

export function createWorld (clock: VirtualClock): World {
  const faults = new Map<string, ActiveFake>()
  const applied: ActiveFake[] = []
  const observers = new Set<{ observer: Observer, open: Set<number> }>()
  const keyOf = ({ on, id }: { on: string, id: string }): string => `${on}/${id}`
  const active = (): ActiveFake[] => [...faults.values()].filter(({ expiresAt }) => expiresAt > clock.now())

  const meet = (faults: ActiveFake[]): void => {
    for (const { counters } of faults) {
      counters.eligible++
      if (world.lands) counters.injected++
      else counters.skipped++
    }
  }

  const request = ({ observer, open }: { observer: Observer, open: Set<number> }, at: string): void => {
    const startedAt = clock.now()
    const hit = active()
    meet(hit)
    const answer = world.answer(world.lands ? hit : [])
    const connection = at === 'load' ? undefined : world.connection(at)
    open.add(startedAt)
    if (answer === null) return
    clock.after(answer.ms, () => {
      open.delete(startedAt)
      const observation: Observation = {
        at, kind: 'exchange', node: 'edge-1', startedAt, endedAt: clock.now(), outcome: 'complete', method: 'GET', path: '/', status: answer.status, bytesIn: 0, bytesOut: 0, faults: [], ...connection === undefined ? {} : { connection }
      }
      observer.observe(observation)
    })
  }

  /** Whether the request after it is sent. A handshake takes 1 ms. */
  const shake = ({ observer, shaking }: { observer: Observer, shaking: Set<number> }, at: string): boolean => {
    const startedAt = clock.now()
    const result = world.shake(active(), at)
    if (result === null) return true
    meet(active())
    if (result === undefined) shaking.add(startedAt)
    else {
      clock.after(1, () => observer.observe({
        at, kind: 'handshake', node: '', startedAt, endedAt: clock.now(), outcome: result === 'established' ? 'complete' : 'refused', method: '', path: '', status: 0, bytesIn: 0, bytesOut: 0, faults: [], handshake: { result, version: 'TLSv1.3', resumed: false, sni: '' }
      }))
    }
    return result === 'established'
  }

  const world: World = {
    hooks: {},
    active,
    applied,
    renewals: [],
    rate: 0,
    held: 0,
    lands: true,
    answer: slowUnderFault,
    shake: () => null,
    connection: () => undefined,
    loads: [],
    say: () => 'good',
    sources: [],
    plane: {
      describe: async (name) => PROXIES.find((proxy) => proxy.name === name),
      async apply (on, spec, { ttl, seed }) {
        const fault = { on, id: spec.id!, revision: applied.length + 1 }
        await world.hooks.apply?.(fault)
        const one = { on, id: spec.id!, spec, seed, ttl, expiresAt: clock.now() + ttl, counters: emptyCounters() }
        faults.set(keyOf(fault), one)
        applied.push(one)
        return fault
      },
      async renew (fault, ttl) {
        await world.hooks.renew?.(fault)
        const found = active().find((one) => keyOf(one) === keyOf(fault))
        if (found === undefined) throw new PremortemError('PMT_ERR_FAULT_NOT_FOUND')
        found.expiresAt = clock.now() + ttl
        world.renewals.push(clock.now())
      },
      async change (fault, patch) {
        await world.hooks.change?.(fault)
        const found = active().find((one) => keyOf(one) === keyOf(fault))
        if (found === undefined) throw new PremortemError('PMT_ERR_FAULT_NOT_FOUND')
        found.spec = { ...found.spec, ...patch }
      },
      async remove (fault) {
        await world.hooks.remove?.(fault)
        faults.delete(keyOf(fault))
      },
      figures: async (fault) => {
        const counters = applied.findLast((one) => keyOf(one) === keyOf(fault))?.counters ?? emptyCounters()
        return { counters: { ...counters }, delays: null }
      },
      decisions: async () => ({ complete: true, decisions: [{ method: 'GET', path: '/', connection: 1, hit: world.lands }] }),
      async residue (fault) {
        await world.hooks.residue?.(fault)
        return { active: active().some((one) => keyOf(one) === keyOf(fault)), held: world.held }
      },
      async watch (at, objectives) {
        const watch = new Watch(objectives)
        const seen = { observer: watch, open: new Set<number>(), shaking: new Set<number>() }
        observers.add(seen)
        let cancel = (): void => {}
        const next = (): void => {
          cancel = clock.after(world.rate === 0 ? 1000 : 1000 / world.rate, () => {
            next()
            if (world.rate > 0 && shake(seen, at)) request(seen, at)
          })
        }
        next()
        return {
          async mark (phase) {
            await world.hooks.mark?.(phase)
            watch.mark(phase, clock.now())
          },
          async read ({ final = false } = {}) {
            await world.hooks.read?.()
            return final ? watch.read(begun(seen.open), begun(seen.shaking)) : watch.read()
          },
          open: async () => seen.open.size,
          close: async () => cancel()
        }
      }
    },
    startSource ({ name: source, every }, observer) {
      const state = { name: source, stopped: false, closed: false, marks: 0 }
      world.sources.push(state)
      const open = new Set<number>()
      const cancel = clock.every(every, () => {
        const startedAt = clock.now()
        const said = world.say(source, active())
        open.add(startedAt)
        if (said === null) return
        clock.after(5, () => {
          open.delete(startedAt)
          if (said === 'missing') observer.missing({ source, startedAt, why: 'no answer' })
          else observer.sample({ source, startedAt, endedAt: clock.now(), n: 1, bad: Number(said === 'bad'), took: 5 })
        })
      })
      return {
        mark () { state.marks++ },
        stop () {
          state.stopped = true
          cancel()
        },
        awaited: () => [...open].map((startedAt) => ({ source, startedAt, counts: 'bad' })),
        async close () { state.closed = true }
      }
    },
    startLoad (spec, observer) {
      const load = { stopped: false, closed: false }
      world.loads.push(load)
      const seen = { observer, open: new Set<number>() }
      let sent = 0
      const cancel = clock.every(1000 / spec.rate, () => {
        sent++
        request(seen, 'load')
      })
      return {
        stop () {
          load.stopped = true
          cancel()
        },
        idle: async () => {},
        open: () => begun(seen.open),
        summary: () => ({ sent, unsent: 0, lag: { p50: 0, p99: 0, max: 0 } }),
        async close () { load.closed = true }
      }
    }
  }
  return world
}

/** A journal in memory. */
export interface MemoryJournal extends JournalSink { entries: () => JournalEntry[], files: Map<string, string>, closed: boolean }

export function createJournal (): MemoryJournal {
  const lines: string[] = []
  return {
    folder: 'runs/test',
    files: new Map(),
    closed: false,
    entries: () => lines.map((line) => JSON.parse(line) as JournalEntry),
    append (line) { lines.push(line) },
    write (name, text) { this.files.set(name, text) },
    close () { this.closed = true }
  }
}

/** A document that takes 18 s: 200 requests in the baseline, 400 under the fault, 250 after it. */
export const DOCUMENT = {
  title: 'What if payments answers slower?',
  'steady-state': { at: 'edge', objectives: ['success >= 95%', 'p95 <= 300ms'] },
  load: { url: 'http://127.0.0.1:8080/checkout', rate: '50/s' },
  phases: { warmup: '1s', baseline: '4s', fault: '8s', recovery: '5s' },
  faults: [{ type: 'delay', on: 'payments', delay: '500ms' }]
}

/** The document without its load: edge has traffic of its own, and the proxy counts it. */
export const { load: _, ...PASSIVE } = DOCUMENT

/** Everything a step of a run takes, over a world. */
export function createContext (clock: VirtualClock, world: World, document: object = DOCUMENT, seed = 1) {
  const experiment: Experiment = decodeExperiment(document)
  const journal = createJournal()
  const control = new Control()
  const events: { type: string, data: Record<string, unknown> }[] = []
  const scribe = new Scribe({ clock, log: silentLogger, journal, control, publish: (type, data) => events.push({ type, data }) })
  const { plane, startLoad, startSource } = world
  const lag = () => ({ p50: 0, p99: 0, max: 0 })
  const ports: RunPorts = { clock, random: createRandom(seed), log: silentLogger, plane, startLoad, startSource, journal, lag }
  return { id: 'run-1', experiment, ports, control, scribe, alerts: [] as ReceivedAlert[], spentBefore: 0, journal, events }
}
