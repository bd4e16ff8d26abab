import { test } from 'tap'
import { createLocalPlane } from '../../src/adapters/local-plane.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { NO_FAULTS } from '../../src/measure/observation.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import { recordDelay } from '../../src/proxy/delays.ts'
import { Proxies } from '../../src/proxy/proxies.ts'
import type { Proxy } from '../../src/proxy/proxy.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import { handshake } from '../helpers/observation.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { NO_TLS } from '../../src/proxy/tls/settings.ts'

const EDGE = { name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: ['a=127.0.0.1:9', 'b=127.0.0.1:10'] }
const LEASE = { ttl: 10_000, run: 'r-1', seed: 9 }

async function setup (t: { teardown (fn: () => unknown): unknown }) {
  const clock = createVirtualClock()
  const events = new EventBus(clock)
  const proxies = new Proxies({ clock, random: createRandom(1), log: silentLogger, events, halt: new Halt(clock) })
  await proxies.start()
  t.teardown(() => proxies.stop())
  const proxy = await proxies.add(decodeProxy(EDGE))
  const observe = (at: Proxy, status = 200, ms = 10): void => at.recorder.observe({
    at: 'edge', kind: 'exchange', node: 'a', startedAt: clock.now(), endedAt: clock.now() + ms, outcome: 'complete', method: 'GET', path: '/', status, bytesIn: 1, bytesOut: 1, faults: NO_FAULTS
  })
  return { clock, proxies, proxy, observe, plane: createLocalPlane({ proxies, clock }) }
}

test('what it says of a proxy', async (t) => {
  const { plane, proxy, observe, clock } = await setup(t)
  await clock.advance(20_000)
  for (let i = 0; i < 50; i++) observe(proxy)
  await clock.advance(1000)
  t.match(await plane.describe('edge'), { name: 'edge', protocol: 'http', nodes: ['a', 'b'], guarded: false, rate: 5 })
  t.equal(await plane.describe('no'), undefined)
})

test('a proxy that protects requests says so', async (t) => {
  const { plane, proxies } = await setup(t)
  await proxies.replace(decodeProxy({ ...EDGE, never: '/healthz' }))
  t.match(await plane.describe('edge'), { guarded: true })
  await t.rejects(plane.apply('edge', { type: 'refuse' }, LEASE), { code: 'PMT_ERR_FAULT_LAYER' })
})

test('a fault from its lease to its end', async (t) => {
  const { plane, proxy, clock } = await setup(t)
  const applied = await plane.apply('edge', { type: 'hang', on: 'edge', ttl: 'never' }, LEASE)
  t.match(applied, { on: 'edge', id: 'hang-1', revision: 1 })
  t.match(proxy.fault('hang-1'), { source: 'run', run: 'r-1', seed: 9, expiresAt: '2026-01-01T00:00:10.000Z' })
  const { counters } = proxy.plan.find('hang-1')!
  counters.eligible = 4
  t.match(await plane.figures(applied), { counters: { eligible: 4, injected: 0 }, delays: null })
  await clock.advance(9000)
  await plane.renew(applied, 10_000)
  await clock.advance(9000)
  t.equal(proxy.faultViews().length, 1, 'renewed')
  await clock.advance(1000)
  t.equal(proxy.faultViews().length, 0, 'not renewed')
  await t.rejects(plane.renew(applied, 1), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
  await plane.remove(applied)
  recordDelay(counters, 5, 7)
  t.match(await plane.figures(applied), { counters: { eligible: 4, delays: 1 }, delays: { requested: { max: 5 }, achieved: { max: 7 } } }, 'what ended after the removal counts')
  t.match(await plane.figures({ ...applied, id: 'unheard-of' }), { counters: { eligible: 0 }, delays: null })
})

test('removing', async (t) => {
  const { plane, proxy, proxies } = await setup(t)
  const applied = await plane.apply('edge', { type: 'hang' }, LEASE)
  await plane.remove(applied)
  t.same(proxy.faultViews(), [])
  await plane.remove(applied)
  await proxies.remove('edge')
  await plane.remove(applied)
  await t.rejects(plane.apply('edge', { type: 'hang' }, LEASE), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  t.match(await plane.figures(applied), { counters: { eligible: 0 } })
})

test('an id used again begins anew', async (t) => {
  const { plane, proxy } = await setup(t)
  const first = await plane.apply('edge', { type: 'hang', id: 'h' }, LEASE)
  proxy.plan.find('h')!.counters.eligible = 4
  await plane.remove(first)
  await plane.apply('edge', { type: 'hang', id: 'h' }, LEASE)
  t.match(await plane.figures(first), { counters: { eligible: 0 } })
})

test('counting', async (t) => {
  const { plane, proxy, observe, clock } = await setup(t)
  const watch = await plane.watch('edge', [parseObjective('success >= 99%')])
  observe(proxy, 500)
  await clock.advance(1)
  await watch.mark('baseline')
  observe(proxy)
  await clock.advance(1)
  await watch.mark('fault')
  observe(proxy, 500)
  t.match(await watch.read(), { phases: [{ name: 'baseline', startedAt: 1, n: 1, bad: [0] }, { name: 'fault', n: 1, bad: [1] }] })
  await watch.close()
  observe(proxy, 500)
  t.match((await watch.read()).phases[1], { n: 1 })
  await t.rejects(plane.watch('no', []), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
})

test('what is still open counts as bad, but only in the end', async (t) => {
  const { plane, proxy, clock } = await setup(t)
  proxy.openExchanges = () => [0, 5, 12].map((startedAt) => ({ startedAt }))
  const watch = await plane.watch('edge', [parseObjective('success >= 99%')])
  await clock.advance(3)
  t.equal(await watch.open(), 0, 'nothing counts before the first phase')
  await watch.mark('baseline')
  await clock.advance(7)
  await watch.mark('fault')
  t.equal(await watch.open(), 2)
  t.match((await watch.read()).phases, [{ n: 0 }, { n: 0 }])
  t.match((await watch.read({ final: true })).phases, [{ n: 1, bad: [1], unfinished: 1 }, { n: 1, bad: [1] }])
})

test('counting goes on when the proxy is replaced, and stays when it is removed', async (t) => {
  const { plane, proxies, proxy, observe } = await setup(t)
  const watch = await plane.watch('edge', [parseObjective('success >= 99%')])
  await watch.mark('baseline')
  observe(proxy)
  const next = await proxies.replace(decodeProxy(EDGE))
  await watch.read()
  observe(next)
  t.match((await watch.read()).phases, [{ n: 2 }])
  await proxies.remove('edge')
  t.match((await watch.read()).phases, [{ n: 2 }])
  await watch.close()
})

test('handshakes: their rate, and those that are not decided', async (t) => {
  const { plane, proxy, clock } = await setup(t)
  t.match(await plane.describe('edge'), { tls: 'none', handshakeRate: 0, connections: 0 })
  Object.assign(proxy.settings, { tls: { ...NO_TLS, accept: 'passthrough' } })
  Object.assign(proxy, { openHandshakes: () => [{ startedAt: 6 }] })
  const watch = await plane.watch('edge', ['success >= 99%', 'handshake >= 99%'].map(parseObjective))
  await watch.mark('baseline')
  await clock.advance(5)
  for (let i = 0; i < 10; i++) proxy.recorder.observe(handshake(clock.now(), i === 0 ? 'reset' : 'established'))
  await clock.advance(19_995)
  for (let i = 0; i < 50; i++) proxy.recorder.observe(handshake(clock.now() - 5))
  await clock.advance(1000)
  t.match(await plane.describe('edge'), { rate: 0, tls: 'passthrough', handshakeRate: 5, connections: 0 })
  t.match(await watch.read(), { phases: [{ n: 0, of: [0, 60], bad: [0, 1], handshakes: { n: 60, unfinished: 0 } }] })
  t.match(await watch.read({ final: true }), {
    phases: [{ n: 0, of: [0, 61], bad: [0, 2], handshakes: { n: 61, unfinished: 1 } }]
  })
})

test('a fault changes where it is: its lease and its counters go on', async (t) => {
  const { plane, proxy, clock } = await setup(t)
  const applied = await plane.apply('edge', { type: 'delay', delay: 0 }, LEASE)
  proxy.plan.find('delay-1')!.counters.injected = 3
  await clock.advance(4000)
  await plane.change(applied, { delay: 250 })
  t.match(proxy.fault('delay-1'), { spec: { delay: 250 }, expiresAt: '2026-01-01T00:00:10.000Z' })
  t.match(await plane.figures(applied), { counters: { injected: 3 } })
  await t.rejects(plane.change(applied, { delay: 'long' }), { code: 'PMT_ERR_INVALID' })
  await plane.remove(applied)
  await t.rejects(plane.change(applied, { delay: 5 }), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
})
