import { test } from 'tap'
import { createFleetPlane, createRemotePlane } from '../../src/api/remote-plane.ts'
import type { DataPlane } from '../../src/experiment/ports.ts'
import { stickyDraw } from '../../src/faults/arms.ts'
import { emptyCounters } from '../../src/faults/plan.ts'
import { NO_FAULTS } from '../../src/measure/observation.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import { recordDelay } from '../../src/proxy/delays.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import { handshake, observation } from '../helpers/observation.ts'
import { EDGE, createHarness, listen } from './harness.ts'
import type { Teardown } from './harness.ts'

async function setup (t: Teardown) {
  const east = await createHarness(t, { proxySpecs: [EDGE], tokens: { operator: 'of-east' } })
  return { ...east, plane: createRemotePlane({ name: 'east', url: await listen(east.api), token: 'of-east' }) }
}

const LEASE = { ttl: 10_000, run: 'r-1', seed: 9 }

test('a fault from its lease to its end', async (t) => {
  const { plane, proxies, events } = await setup(t)
  const applied = await plane.apply('edge', { type: 'hang', on: 'east/edge', ttl: 'never' }, LEASE)
  t.match(applied, { on: 'edge', id: 'hang-1', revision: 1 })
  const view = proxies.get('edge').fault('hang-1')
  t.match(view, { source: 'run', run: 'r-1', seed: 9 })
  const left = Date.parse(view.expiresAt!) - Date.now()
  t.ok(left > 0 && left <= 10_000, 'the lease decides, not the document')
  proxies.get('edge').plan.find('hang-1')!.counters.eligible = 4
  t.match(await plane.figures(applied), { counters: { eligible: 4, injected: 0 }, delays: null })
  await plane.renew(applied, 60_000)
  t.ok(Date.parse(proxies.get('edge').fault('hang-1').expiresAt!) > Date.parse(view.expiresAt!))
  const { counters } = proxies.get('edge').plan.find('hang-1')!
  counters.eligible = 7
  recordDelay(counters, 5, 6)
  await plane.remove(applied)
  t.same(proxies.get('edge').faultViews(), [])
  await plane.remove(applied)
  t.match(await plane.figures(applied), { counters: { eligible: 7 }, delays: { achieved: { max: 6 } } }, 'readable after it is gone')
  await t.rejects(plane.renew(applied, 1), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
  t.same(events.since(0).filter((event) => event.type === 'audit').map((event) => event.data.method), ['POST', 'DELETE'])
})

test('a seed of the fault\'s own stands', async (t) => {
  const { plane, proxies } = await setup(t)
  await plane.apply('edge', { type: 'hang', seed: 3 }, LEASE)
  t.equal(proxies.get('edge').fault('hang-1').seed, 3)
})

test('what it says of a proxy', async (t) => {
  const { plane, proxies } = await setup(t)
  t.same(await plane.describe('edge'), { name: 'edge', protocol: 'http', nodes: ['a', 'b'], guarded: false, rate: 0, tls: 'none', handshakeRate: 0, connections: 0 })
  t.equal(await plane.describe('no'), undefined)
  await proxies.replace(decodeProxy({ ...EDGE, tagged: 'x-premortem' }))
  t.match(await plane.describe('edge'), { guarded: true })
  await t.rejects(plane.apply('edge', { type: 'hang', node: 'c' }, LEASE), { code: 'PMT_ERR_NODE_NOT_FOUND' })
})

test('counting there, with the objectives as exact as here', async (t) => {
  const { plane, proxies, clock } = await setup(t)
  const objectives = ['success >= 99.9%', 'p99.95 <= 1234.5ms'].map(parseObjective)
  const watch = await plane.watch('edge', objectives)
  await watch.mark('baseline')
  const observe = (ms: number, status = 200) => proxies.get('edge').recorder.observe({
    at: 'edge', kind: 'exchange', node: 'a', startedAt: clock.now(), endedAt: clock.now() + ms, outcome: 'complete', method: 'GET', path: '/', status, bytesIn: 1, bytesOut: 1, faults: NO_FAULTS
  })
  observe(1234.4)
  observe(1234.6)
  observe(1, 503)
  const { phases } = await watch.read()
  t.match(phases, [{ name: 'baseline', n: 3, bad: [1, 1] }])
  t.equal(await watch.open(), 0)
  await watch.read({ final: true })
  await watch.close()
  await watch.close()
})

test('counting there for a run that judges samples only: no objective, and what was seen all the same', async (t) => {
  const { plane, proxies, clock } = await setup(t)
  const watch = await plane.watch('edge', [])
  await watch.mark('baseline')
  for (const status of [200, 503]) proxies.get('edge').recorder.observe(observation(clock.now(), { status }))
  const { objectives, phases } = await watch.read({ final: true })
  t.strictSame(objectives, [])
  t.match(phases, [{ name: 'baseline', n: 2, statuses: { 200: 1, 503: 1 } }])
  t.strictSame([phases[0]!.of, phases[0]!.bad], [[], []])
  await watch.close()
})

test('a sidecar that is not there', async (t) => {
  const plane = createRemotePlane({ name: 'gone', url: 'http://127.0.0.1:1', token: undefined })
  const applied = { on: 'edge', id: 'x', revision: 1 }
  const asks: (() => Promise<unknown>)[] = [
    () => plane.describe('edge'), () => plane.remove(applied), () => plane.figures(applied), () => plane.residue(applied), () => plane.renew(applied, 1), () => plane.change(applied, {}), () => plane.watch('edge', [])
  ]
  for (const ask of asks) {
    await t.rejects(ask(), { code: 'PMT_ERR_SIDECAR_UNREACHABLE', message: /gone/, details: { found: 'http://127.0.0.1:1' } })
  }
})

test('a fleet sends each name where it belongs', async (t) => {
  const calls: unknown[][] = []
  const planeOf = (where: string): DataPlane => ({
    describe: async (name) => name === 'no' ? undefined : { name, protocol: 'tcp', nodes: [], guarded: false, rate: 1, tls: 'none', handshakeRate: 0, connections: 0 },
    apply: async (on) => ({ on, id: `${where}-1`, revision: 1 }),
    change: async (fault, patch) => { calls.push([where, 'change', fault.on, fault.id, patch]) },
    renew: async (fault, ttl) => { calls.push([where, 'renew', fault.on, fault.id, ttl]) },
    remove: async (fault) => { calls.push([where, 'remove', fault.on, fault.id]) },
    decisions: async () => ({ complete: true, decisions: [] }),
    async residue (fault) {
      calls.push([where, 'residue', fault.on, fault.id])
      return { active: false, held: 0 }
    },
    async figures (fault) {
      calls.push([where, 'figures', fault.on, fault.id])
      return { counters: emptyCounters(), delays: null }
    },
    async watch (at) {
      calls.push([where, 'watch', at])
      return null as never
    }
  })
  const fleet = createFleetPlane(planeOf('here'), [{ name: 'east', url: 'http://east', token: undefined }], (sidecar) => planeOf(sidecar.name))
  t.match(await fleet.describe('edge'), { name: 'edge' })
  t.match(await fleet.describe('east/edge'), { name: 'east/edge' })
  t.equal(await fleet.describe('east/no'), undefined)
  for (const on of ['edge', 'east/edge']) {
    const fault = await fleet.apply(on, { type: 'hang' }, LEASE)
    t.equal(fault.on, on)
    await fleet.renew(fault, 5)
    await fleet.change(fault, { delay: 7 })
    await fleet.figures(fault)
    await fleet.residue(fault)
    await fleet.remove(fault)
    await fleet.watch(on, [])
  }
  t.same(calls, ['here', 'east'].flatMap((where) => [
    [where, 'renew', 'edge', `${where}-1`, 5], [where, 'change', 'edge', `${where}-1`, { delay: 7 }], [where, 'figures', 'edge', `${where}-1`], [where, 'residue', 'edge', `${where}-1`], [where, 'remove', 'edge', `${where}-1`], [where, 'watch', 'edge']
  ]))
  await t.rejects(fleet.describe('west/edge'), { code: 'PMT_ERR_SIDECAR_NOT_FOUND', details: { found: 'west/edge', wanted: /east/ } })
})

test('handshakes are counted there as here', async (t) => {
  const { plane, proxies, clock } = await setup(t)
  const proxy = proxies.get('edge')
  const watch = await plane.watch('edge', ['success >= 99%', 'handshake >= 99%'].map(parseObjective))
  await watch.mark('baseline')
  const now = clock.now()
  for (const result of ['established', 'alert:certificate_expired'] as const) proxy.recorder.observe(handshake(now, result))
  proxy.recorder.observe(observation(now, { connection: { openedAt: 0, resumed: false } }))
  const { phases } = await watch.read()
  t.match(phases, [{
    of: [1, 2], bad: [0, 1], handshakes: { n: 2, unfinished: 0, counts: [{ result: 'established', count: 1 }, { result: 'alert:certificate_expired', count: 1 }] }
  }])
  t.match(phases[0]!.survivors, { subject: 'requests', old: 1, fresh: 0 })
  await watch.close()
})

test('arms are told there as here, by a key or by what the dice said', async (t) => {
  const { plane, proxies, clock } = await setup(t)
  const rule = { fault: 'r-1.0', by: 'header:x-user-id', seed: 7, share: 0.5 }
  const watch = await plane.watch('edge', [parseObjective('success >= 99%')], [rule])
  await watch.mark('fault')
  for (let user = 0; user < 20; user++) {
    const header = (name: string): string | undefined => name === 'x-user-id' ? String(user) : undefined
    proxies.get('edge').recorder.observe(observation(clock.now(), { traits: { header } }))
  }
  proxies.get('edge').recorder.observe(observation(clock.now(), { traits: { header: () => undefined } }))
  const [phase] = (await watch.read()).phases
  const inShare = Array.from({ length: 20 }, (_, user) => stickyDraw(7, String(user)) < 0.5).filter(Boolean).length
  t.match(phase, { n: 21, arms: { fault: { n: inShare }, control: { n: 20 - inShare } } })
  await watch.close()

  const dice = await plane.watch('edge', [parseObjective('success >= 99%')], [{ ...rule, by: null }])
  await dice.mark('fault')
  for (const drawn of [true, false, false]) proxies.get('edge').recorder.observe(observation(clock.now(), { traits: { drawn: () => drawn } }))
  t.match((await dice.read()).phases, [{ n: 3, arms: { fault: { n: 1, of: [1] }, control: { n: 2, of: [2] } } }])
  await dice.close()
})

test('a fault changes where it is', async (t) => {
  const { plane, proxies } = await setup(t)
  const applied = await plane.apply('edge', { type: 'delay', delay: 0 }, LEASE)
  const before = proxies.get('edge').fault('delay-1')
  await plane.change(applied, { delay: 250 })
  const after = proxies.get('edge').fault('delay-1')
  t.match(after, { spec: { delay: 250 } })
  // The end of a lease is monotonic; told as a date it may differ by a millisecond each time.
  t.ok(Math.abs(Date.parse(after.expiresAt!) - Date.parse(before.expiresAt!)) <= 2, 'and its lease goes on')
  await plane.remove(applied)
  await t.rejects(plane.change(applied, { delay: 5 }), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
})
