import { test } from 'tap'
import type { Test } from 'tap'
import { addToxic, changeProxy, createProxy, findToxic, populate, reset } from '../../../src/api/toxiproxy/change.ts'
import { decodeToxic } from '../../../src/faults/toxics.ts'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { readChange, readPopulation, readToxiproxy, toxicsOf } from '../../../src/proxy/toxiproxy.ts'
import { EDGE, createHarness } from '../harness.ts'

async function setUp (t: Test) {
  const { proxies, halt } = await createHarness(t, { proxySpecs: [{ ...EDGE, faults: [{ type: 'hang', id: 'native' }] }] })
  const body = { name: 'redis', listen: 'localhost:0', upstream: 'localhost:6379' }
  const names = (name: string): string[] => toxicsOf(proxies.get(name)).map((toxic) => toxic.name)
  return { proxies, halt, body, names }
}

test('created with its toxics', async (t) => {
  const { proxies, body, names } = await setUp(t)
  const proxy = await createProxy(proxies, readToxiproxy({ ...body, toxics: [{ type: 'latency' }] }))
  t.match(proxy.view(), { enabled: true, protocol: 'auto', faults: [{ id: 'latency_downstream', source: 'toxiproxy', expiresAt: null }] })
  t.same(names('redis'), ['latency_downstream'])
  await t.rejects(createProxy(proxies, readToxiproxy({ ...body, listen: 'nonsense' })), { code: 'PMT_ERR_PROXY_EXISTS' }, 'the name is looked at before the address')
  await t.rejects(createProxy(proxies, readToxiproxy({ ...body, name: 'other', listen: 'nonsense' })), { code: 'PMT_ERR_ADDRESS' })
})

test('moving and redirecting keep toxics and native faults; a place that is taken changes nothing', async (t) => {
  const { proxies, names } = await setUp(t)
  const edge = proxies.get('edge')
  addToxic(edge, decodeToxic({ type: 'latency' }))
  const change = async (written: unknown) => changeProxy(proxies, proxies.get('edge'), readChange(written))
  t.equal(await change({ enabled: true }), edge)
  const redirected = await change({ upstream: '127.0.0.1:5' })
  t.match(redirected.view(), { listen: edge.view().listen, protocol: 'http', upstream: [{ address: '127.0.0.1:5' }] })
  t.same(names('edge'), ['latency_downstream'])
  t.same(redirected.faultViews().map(({ id }) => id), ['native', 'latency_downstream'])
  const other = await proxies.add({ ...redirected.settings, name: 'other', port: 0 })
  await t.rejects(change({ listen: other.view().listen }), { code: 'PMT_ERR_ADDRESS_IN_USE' })
  t.match(proxies.get('edge').view(), { enabled: true, listen: edge.view().listen })
  t.match((await change({ enabled: false, upstream: '127.0.0.1:6' })).view(), { enabled: false, upstream: [{ address: '127.0.0.1:6' }] })
  t.match((await change({ enabled: true })).view(), { enabled: true, listen: edge.view().listen })
})

test('populate leaves what is the same, replaces what is not, and stops at the first error', async (t) => {
  const { proxies, body, names } = await setUp(t)
  const list = (...entries: unknown[]) => populate(proxies, readPopulation(entries))
  const [first] = (await list({ ...body, toxics: [{ type: 'latency' }] })).done
  const listen = first!.view().listen
  addToxic(first!, decodeToxic({ type: 'noop', name: 'n' }))
  await proxies.setEnabled('redis', false)
  t.equal((await list({ ...body, listen })).done[0], first, 'the same one')
  t.equal(first!.enabled, false, 'whether it is enabled is neither compared nor changed')
  t.same(names('redis'), ['latency_downstream', 'n'])
  t.equal((await list({ ...body, listen, toxics: [{ type: 'timeout' }] })).done[0], first)
  t.same(names('redis'), ['timeout_downstream'], 'unless it brings some')
  const [replaced] = (await list({ ...body, listen, upstream: 'localhost:6380' })).done
  t.match(replaced!.view(), { listen, enabled: true, faults: [] })

  const { done, error } = await list({ ...body, name: 'a' }, { ...body, name: 'b', listen: 'local373' }, { ...body, name: 'c' })
  t.same(done.map(({ name }) => name), ['a'])
  t.match(error, { code: 'PMT_ERR_ADDRESS' })
  t.same(proxies.list().map(({ name }) => name), ['a', 'edge', 'redis'])
})

test('reset enables every proxy, removes every toxic and leaves native faults', async (t) => {
  const { proxies, body } = await setUp(t)
  const { done: [redis] } = await populate(proxies, readPopulation([{ ...body, enabled: false, toxics: [{ type: 'latency' }, { type: 'noop' }] }]))
  addToxic(proxies.get('edge'), decodeToxic({ type: 'latency' }))
  await reset(proxies)
  t.match(redis!.view(), { enabled: true, faults: [] })
  t.same(proxies.get('edge').faultViews().map(({ id }) => id), ['native'])
})

test('only what was set through this API is a toxic', async (t) => {
  const { proxies, halt } = await setUp(t)
  const edge = proxies.get('edge')
  edge.addFault(decodeFault({ type: 'latency', id: 'by-hand', latency: 1 }), { source: 'api' })
  for (const name of ['native', 'by-hand', 'none']) t.throws(() => findToxic(edge, name), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
  t.throws(() => addToxic(edge, decodeToxic({ type: 'noop', name: 'by-hand' })), { code: 'PMT_ERR_FAULT_EXISTS' })
  addToxic(edge, decodeToxic({ type: 'noop', name: 'n' }))
  t.equal(findToxic(edge, 'n').id, 'n')
  halt.engage('enough')
  t.throws(() => findToxic(edge, 'n'), { code: 'PMT_ERR_FAULT_NOT_FOUND' }, 'halting removes toxics too')
  t.throws(() => addToxic(edge, decodeToxic({ type: 'noop' })), { code: 'PMT_ERR_HALTED' })
})
