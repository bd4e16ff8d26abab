import { test } from 'tap'
import type { Test } from 'tap'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import type { FaultInput } from '../../src/faults/input.ts'
import type { ActiveFault } from '../../src/faults/plan.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { FaultHandle, checkRunning } from '../../src/library/fault-handle.ts'
import { Proxies } from '../../src/proxy/proxies.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { requestHead } from '../helpers/heads.ts'

/** Proxies with `shop`, on a virtual clock; and its plan's fault of an id, to be asked as the engine asks it. */
async function shop (t: Test) {
  const clock = createVirtualClock()
  const halt = new Halt(clock)
  const proxies = new Proxies({ clock, halt, random: createRandom(1), log: silentLogger, events: new EventBus(clock) })
  t.teardown(() => proxies.stop())
  await proxies.start()
  await proxies.add(decodeProxy({ name: 'shop', listen: '127.0.0.1:0', upstream: ['a=127.0.0.1:1', 'b=127.0.0.1:2'] }))
  const active = (id: string): ActiveFault => proxies.get('shop').plan.find(id)!
  return { proxies, clock, halt, active }
}

test('it is set from the start, has no lease of its own, and goes when it is removed, once', async (t) => {
  const { proxies, clock, active } = await shop(t)
  const fault = new FaultHandle(proxies, { on: 'shop', type: 'hang' })
  t.match(fault, { on: 'shop', id: 'hang-1', type: 'hang', active: true, landed: false, seed: active('hang-1').seed })
  await clock.advance(365 * 86_400_000)
  t.ok(fault.active, 'a year later')
  fault.remove()
  t.notOk(fault.active)
  fault.remove()
  t.same(proxies.get('shop').faultViews(), [])
})

test('a lease that is asked for ends it', async (t) => {
  const { proxies, clock } = await shop(t)
  const fault = new FaultHandle(proxies, { on: 'shop', type: 'hang', ttl: '10s' })
  await clock.advance(10_000)
  t.notOk(fault.active)
  fault.remove()
})

test('using removes it at the end of the block', async (t) => {
  const { proxies } = await shop(t)
  {
    using fault = new FaultHandle(proxies, { on: 'shop', type: 'hang' })
    t.ok(fault.active)
  }
  t.same(proxies.get('shop').faultViews(), [])
})

test('it does not take another away that has its id now', async (t) => {
  const { proxies } = await shop(t)
  const first = new FaultHandle(proxies, { on: 'shop', type: 'hang', id: 'x' })
  proxies.removeAllFaults()
  const second = new FaultHandle(proxies, { on: 'shop', type: 'hang', id: 'x' })
  first.remove()
  t.same([first.active, second.active], [false, true])
})

test('its counters go on being readable, and are a copy', async (t) => {
  const { proxies, active } = await shop(t)
  const fault = new FaultHandle(proxies, { on: 'shop', type: 'hang' })
  active(fault.id).decide(requestHead())
  const { counters } = fault
  active(fault.id).decide(requestHead())
  fault.remove()
  t.equal(counters.injected, 1)
  t.match(fault.counters, { eligible: 2, injected: 2, active: 2 })
})

test('a change keeps the counters', async (t) => {
  const { proxies, active } = await shop(t)
  const fault = new FaultHandle(proxies, { on: 'shop', type: 'delay', delay: '1s' })
  active(fault.id).decide(requestHead())
  fault.change({ delay: '2s' })
  active(fault.id).decide(requestHead())
  t.equal(active(fault.id).fault.params.delay, 2000)
  t.equal(fault.counters.injected, 2)
  t.throws(() => fault.change({ delay: 'soon' }), { code: 'PMT_ERR_INVALID', details: { path: 'delay', found: 'soon' } })
  fault.remove()
  t.throws(() => fault.change({ delay: '3s' }), { code: 'PMT_ERR_FAULT_NOT_FOUND', message: /delay-1 is no longer on shop/ })
})

test('mustHit says what became of the traffic', async (t) => {
  const { proxies, active } = await shop(t)
  const after = (written: Pick<FaultSpec, 'match' | 'share' | 'select'>, requests: number): FaultHandle => {
    const fault = new FaultHandle(proxies, { on: 'shop', type: 'hang', ...written })
    for (let i = 0; i < requests; i++) active(fault.id).decide(requestHead({ path: '/a' }))
    return fault
  }
  const refused = (fault: FaultHandle, message: RegExp, hint: RegExp): void =>
    void t.throws(() => fault.mustHit(), { code: 'PMT_ERR_FAULT_NOT_LANDED', exit: 6, message, hint, details: { path: `shop.${fault.id}`, wanted: 'at least one hit' } })
  t.doesNotThrow(() => after({}, 1).mustHit())
  refused(after({}, 0), /^the fault never landed: 0 of 0 eligible were hit by hang-2 on shop$/, /talks to the proxy/)
  refused(after({ match: { path: '/b' } }, 3), /0 of 0 eligible/, /`match`/)
  refused(after({ share: 0 }, 3), /0 of 3 eligible were hit by hang-4 on shop \(3 spared by share\)/, /share/)
  refused(after({ select: { after: 2 }, share: 0 }, 3), /\(1 spared by share, 2 passed over by selection\)/, /select/)
  const unfit = after({}, 2)
  active(unfit.id).unfit()
  t.doesNotThrow(() => unfit.mustHit(), 'one was still hit')
  active(unfit.id).unfit()
  refused(unfit, /\(2 unfit\)/, /eligible/)
})

test('connections it reset or drained when it began are hits', async (t) => {
  const { proxies, active } = await shop(t)
  const fault = new FaultHandle(proxies, { on: 'shop', type: 'refuse', existing: 'reset' })
  t.notOk(fault.landed)
  active(fault.id).counters.existing.ignore++
  t.notOk(fault.landed)
  active(fault.id).counters.existing.reset++
  t.ok(fault.landed)
})

test('what cannot be set says why, and is not set', async (t) => {
  const { proxies, halt } = await shop(t)
  const refused = (written: unknown, code: string, details: object, on?: string): void =>
    void t.throws(() => new FaultHandle(proxies, written as FaultInput, on), { code, details }, JSON.stringify(written))
  refused(null, 'PMT_ERR_INVALID', { found: null, wanted: /mapping/ })
  refused({ type: 'hang' }, 'PMT_ERR_INVALID', { path: 'on', found: 'nothing', wanted: 'the name of a proxy' })
  refused({ on: 'shop', type: 'hnag' }, 'PMT_ERR_FAULT_UNKNOWN', { path: 'type', found: 'hnag', hint: /hang/ })
  refused({ on: 'shop', type: 'delay' }, 'PMT_ERR_INVALID', { path: 'delay' })
  refused({ on: 'shpo', type: 'hang' }, 'PMT_ERR_PROXY_NOT_FOUND', { found: 'shpo', hint: /shop/ })
  refused({ on: 'shop', type: 'hang', node: 'c' }, 'PMT_ERR_NODE_NOT_FOUND', { path: 'node', found: 'c', wanted: 'one of a, b' })
  refused({ on: 'edge', type: 'hang' }, 'PMT_ERR_INVALID', { path: 'on', found: 'edge', wanted: /shop/ }, 'shop')
  new FaultHandle(proxies, { on: 'shop', type: 'hang', id: 'x' }).remove()
  using taken = new FaultHandle(proxies, { on: 'shop', type: 'hang', id: 'x' })
  refused({ on: 'shop', type: 'hang', id: taken.id }, 'PMT_ERR_FAULT_EXISTS', { found: 'x' })
  halt.engage('enough')
  refused({ on: 'shop', type: 'hang' }, 'PMT_ERR_HALTED', {})
  await proxies.stop()
  refused({ on: 'shop', type: 'hang' }, 'PMT_ERR_STATE', { hint: /startPremortem/ })
  t.throws(() => checkRunning(proxies), { code: 'PMT_ERR_STATE' })
})
