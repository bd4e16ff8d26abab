import { test } from 'tap'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { DEFAULT_TTL, decodeFault } from '../../src/faults/envelope.ts'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import { recordDelay } from '../../src/proxy/delays.ts'
import { FaultSet } from '../../src/proxy/fault-set.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { requestHead } from '../helpers/heads.ts'

function setUp (protocol: 'http' | 'tcp' = 'http', seed = 7, protection: { never?: string[], tagged?: string } = {}) {
  const clock = createVirtualClock(5000)
  const events = new EventBus(clock)
  const halt = new Halt(clock)
  const settings = decodeProxy({ name: 'shop', listen: '127.0.0.1:0', protocol, upstream: ['a=127.0.0.1:1', 'b=127.0.0.1:2'], ...protection })
  const changes: number[] = []
  const set: FaultSet = new FaultSet({
    settings: () => settings, seed, clock, events, halt, changed: () => { changes.push(set.plan.revision) }
  })
  const add = (spec: FaultSpec, options: Partial<Parameters<FaultSet['add']>[1]> = {}) => set.add(decodeFault(spec), { source: 'api', ...options })
  const ids = (): string[] => set.views().map((view) => view.id)
  const seen = (): string[] => events.since(0).map((event) => `${event.type} ${String(event.data.id)} ${String(event.data.revision)}`)
  return { clock, events, halt, set, add, ids, seen, changes }
}

const latency = { type: 'latency', latency: '1s' }
const head = requestHead()

test('a fault is at work at once, and says what it is', async (t) => {
  const { add, set, changes } = setUp()
  const view = add({ ...latency, ttl: '1m' })
  t.match(view, { id: 'latency-1', on: 'shop', type: 'latency', spec: latency, source: 'api', run: null, revision: 1, expiresAt: '2026-01-01T00:01:00.000Z' })
  t.match(view.counters, { eligible: 0, injected: 0, share: null })
  t.equal(set.plan.faults.length, 1)
  t.same(changes, [1], 'the connections were told, once')
  t.same(set.view('latency-1'), view)
})

test('ids are given by type and count, around those in use', async (t) => {
  const { add, set } = setUp()
  t.equal(add(latency).id, 'latency-1')
  t.equal(add({ ...latency, id: 'latency-3' }).id, 'latency-3')
  t.equal(add(latency).id, 'latency-2')
  t.equal(add(latency).id, 'latency-4')
  t.equal(add({ type: 'hang' }).id, 'hang-1')
  set.remove('latency-4')
  t.equal(add(latency).id, 'latency-5', 'an id is not given twice')
})

test('a lease ends by itself', async (t) => {
  const { add, ids, seen, clock, set } = setUp()
  add({ ...latency, ttl: '10s' })
  add({ ...latency, ttl: 'never' })
  await clock.advance(9999)
  t.same(ids(), ['latency-1', 'latency-2'])
  await clock.advance(1)
  t.same(ids(), ['latency-2'])
  t.same(seen(), ['fault.added latency-1 1', 'fault.added latency-2 2', 'fault.expired latency-1 3'])
  await clock.advance(1e9)
  t.same(ids(), ['latency-2'])
  t.equal(set.view('latency-2').expiresAt, null)
  t.equal(clock.pending(), 0)
})

test('how long a lease is when nobody, or somebody, says', async (t) => {
  const { add, clock, ids } = setUp()
  add({ ...latency, id: 'default' })
  add({ ...latency, id: 'config' }, { source: 'config' })
  add({ ...latency, id: 'limited', ttl: '10s' }, { source: 'config' })
  add({ ...latency, id: 'caller', ttl: '10s' }, { ttl: 20_000, source: 'run', run: 'r1' })
  await clock.advance(10_000)
  t.same(ids(), ['default', 'config', 'caller'])
  await clock.advance(10_000)
  t.same(ids(), ['default', 'config'])
  await clock.advance(DEFAULT_TTL - 20_000)
  t.same(ids(), ['config'])
})

test('a lease is renewed', async (t) => {
  const { add, set, clock, ids } = setUp()
  add({ ...latency, ttl: '10s' })
  await clock.advance(9000)
  t.equal(set.renew('latency-1', 10_000).expiresAt, '2026-01-01T00:00:19.000Z')
  await clock.advance(9999)
  t.same(ids(), ['latency-1'])
  await clock.advance(1)
  t.same(ids(), [])
  t.throws(() => set.renew('latency-1', 1000), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
})

test('a change merges, keeps counters and seed, and leaves the lease alone', async (t) => {
  const { add, set, clock, seen, ids } = setUp()
  const before = add({ type: 'delay', delay: '1s', jitter: '5ms', ttl: '10s' })
  set.plan.faults[0]!.decide(head)
  await clock.advance(5000)
  const after = set.change('delay-1', { delay: '2s', share: '50%' })
  t.same(after.spec, { type: 'delay', delay: '2s', jitter: '5ms', share: '50%' })
  t.equal(after.counters.eligible, 1)
  t.equal(after.seed, before.seed)
  t.equal(after.expiresAt, before.expiresAt)
  t.equal(after.revision, 2)
  t.same(seen(), ['fault.added delay-1 1', 'fault.changed delay-1 2'])
  set.change('delay-1', { ttl: '7s' })
  await clock.advance(6999)
  t.same(ids(), ['delay-1'])
  await clock.advance(1)
  t.same(ids(), [])
})

test('a change of the lease alone keeps the fault at work as it is', async (t) => {
  const { add, set } = setUp()
  add({ type: 'hang', ttl: '10s' })
  const [active] = set.plan.faults
  set.change('hang-1', { ttl: '1m' })
  t.equal(set.plan.faults[0], active, 'what it holds stays held')
})

test('a change that does not fit changes nothing', async (t) => {
  const { add, set } = setUp()
  add(latency)
  const { plan } = set
  t.throws(() => set.change('latency-1', { latency: 'soon' }), { code: 'PMT_ERR_INVALID', details: { path: 'latency' } })
  t.throws(() => set.change('latency-1', { type: 'hang' }), { name: 'PremortemError' })
  t.throws(() => set.change('latency-1', { id: 'other' }), { code: 'PMT_ERR_INVALID', details: { path: 'id' } })
  t.throws(() => set.change('latency-1', { node: 'c' }), { code: 'PMT_ERR_NODE_NOT_FOUND' })
  t.throws(() => set.change('latency-1', { on: 'other' }), { code: 'PMT_ERR_INVALID', details: { path: 'on', found: 'other' } })
  t.throws(() => set.change('none', {}), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
  t.equal(set.plan, plan)
})

test('faults that a proxy cannot carry are refused', async (t) => {
  const { add, set } = setUp('tcp')
  t.throws(() => add({ type: 'hang' }), { code: 'PMT_ERR_FAULT_LAYER' })
  t.throws(() => add({ ...latency, node: 'c' }), { code: 'PMT_ERR_NODE_NOT_FOUND' })
  t.throws(() => add({ ...latency, on: 'other' }), { code: 'PMT_ERR_INVALID', details: { path: 'on' } })
  add({ ...latency, id: 'x', on: 'shop' })
  t.throws(() => add({ ...latency, id: 'x' }), { code: 'PMT_ERR_FAULT_EXISTS' })
  t.throws(() => set.remove('y'), { code: 'PMT_ERR_FAULT_NOT_FOUND', details: { wanted: 'x' } })
  t.equal(set.plan.revision, 1)
})

test('a proxy that protects requests takes no stream fault, by hand or from the proxy before it', async (t) => {
  for (const protection of [{ never: ['/healthz'] }, { tagged: 'x-premortem' }]) {
    const { add, set, ids } = setUp('http', 7, protection)
    t.throws(() => add(latency), { code: 'PMT_ERR_FAULT_LAYER', details: { path: 'type', found: 'latency' } })
    const before = setUp()
    before.add(latency)
    before.add({ type: 'hang' })
    set.inherit(before.set)
    t.same(ids(), ['hang-1'])
    set.dispose()
    before.set.dispose()
  }
})

test('a fault that is gone is still known, for what it decided; the newest of an id', async (t) => {
  const { add, set, clock } = setUp()
  add({ type: 'hang', id: 'x', seed: 1 })
  const [first] = set.plan.faults
  set.remove('x')
  t.equal(set.known('x'), first)
  add({ type: 'hang', id: 'x', seed: 2, ttl: '1s' })
  t.match(set.known('x'), { seed: 2 })
  await clock.advance(1000)
  t.match(set.known('x'), { seed: 2 }, 'expired')
  t.throws(() => set.known('y'), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
  for (let i = 0; i < 1000; i++) {
    add({ type: 'hang' })
    set.clear()
  }
  t.throws(() => set.known('x'), { code: 'PMT_ERR_FAULT_NOT_FOUND' }, 'but not for ever')
})

test('what was inherited is known too', async (t) => {
  const [before, after] = [setUp(), setUp()]
  before.add({ type: 'hang', seed: 3 })
  after.set.inherit(before.set)
  after.set.remove('hang-1')
  t.match(after.set.known('hang-1'), { seed: 3 })
  before.set.dispose()
})

test('the share is of those that the dice were thrown for, whatever came of them', async (t) => {
  const { add, set } = setUp()
  add({ type: 'hang', share: 0.5, seed: 3, select: { after: 100 }, max: { total: 20 } })
  for (let i = 0; i < 1000; i++) set.plan.faults[0]!.decide(head)
  const { counters } = set.view('hang-1')
  t.match(counters, { eligible: 1000, passed: 100, injected: 20 })
  t.equal(counters.skipped + counters.capped, 880)
  t.equal(counters.share!.achieved, (20 + counters.capped) / 900)
  t.ok(Math.abs(counters.share!.achieved - 0.5) < 0.06)
})

test('delays are shown as they were spread', async (t) => {
  const { add, set } = setUp()
  add(latency)
  t.equal(set.view('latency-1').delays, null)
  const { counters } = set.plan.faults[0]!
  for (let ms = 1; ms <= 100; ms++) recordDelay(counters, ms, ms + 1)
  t.match(set.view('latency-1'), { counters: { delays: 100, delayRequested: 5050, delayAchieved: 5150 }, delays: { requested: { max: 100 }, achieved: { max: 101 } } })
  set.change('latency-1', { latency: '2s' })
  t.match(set.view('latency-1').delays, { requested: { max: 100 } }, 'counters outlive a change')
})

test('nothing is added while halted', async (t) => {
  const { add, halt, set } = setUp()
  halt.engage('enough')
  t.throws(() => add(latency), { code: 'PMT_ERR_HALTED' })
  t.equal(set.plan.revision, 0)
  halt.release('over')
  t.equal(add(latency).id, 'latency-1')
})

test('removal says how the fault stood, and all can go at once', async (t) => {
  const { add, set, seen, clock } = setUp()
  add({ type: 'hang', share: 0.5, seed: 3 })
  for (let i = 0; i < 100; i++) set.plan.faults[0]!.decide(head)
  const { counters } = set.remove('hang-1')
  t.equal(counters.eligible, 100)
  t.equal(counters.injected + counters.skipped, 100)
  t.equal(counters.share!.achieved, counters.injected / 100)
  t.ok(counters.share!.lower < counters.share!.achieved && counters.share!.achieved < counters.share!.upper)
  add(latency)
  add({ type: 'hang' })
  t.equal(set.clear(), 2)
  t.equal(set.clear(), 0)
  t.same(seen().slice(-2), ['fault.removed latency-1 5', 'fault.removed hang-2 6'])
  t.equal(clock.pending(), 0, 'no lease is left')
})

test('seeds: by proxy and id, or as asked', async (t) => {
  const seedOf = (seed: number, spec: FaultSpec, given?: number): number => setUp('http', seed).add(spec, { seed: given }).seed
  t.equal(seedOf(7, latency), seedOf(7, latency))
  t.not(seedOf(7, latency), seedOf(8, latency))
  t.not(seedOf(7, latency), seedOf(7, { ...latency, id: 'other' }))
  t.equal(seedOf(7, latency, 42), 42)
  t.equal(seedOf(7, { ...latency, seed: 41 }, 42), 41, 'what the fault itself says wins')
})

test('what is left of a fault: active or not, and what it hit that is not over', async (t) => {
  const { set, add } = setUp()
  add({ type: 'hang', id: 'h' })
  t.strictSame(set.residue('h'), { active: true, held: 0 })
  const active = set.plan.find('h')!
  active.decide(requestHead())
  t.strictSame(set.residue('h'), { active: true, held: 1 })
  set.remove('h')
  t.strictSame(set.residue('h'), { active: false, held: 1 })
  active.release()
  t.strictSame(set.residue('h'), { active: false, held: 0 })
  t.strictSame(set.residue('never was'), { active: false, held: 0 })
})
