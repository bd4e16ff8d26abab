import { test } from 'tap'
import type { Test } from 'tap'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import { Proxies } from '../../src/proxy/proxies.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import type { ProxySpec } from '../../src/proxy/spec.ts'
import { get, openRaw } from '../helpers/raw.ts'
import { ok, startAnswering } from '../helpers/upstream.ts'

async function setUp (t: Test) {
  const clock = createSystemClock()
  const events = new EventBus(clock)
  const halt = new Halt(clock)
  const node = await startAnswering(t, () => ok('hi'))
  const proxies = new Proxies({ clock, random: createRandom(1), log: silentLogger, events, halt })
  await proxies.start()
  t.teardown(() => proxies.stop())
  const spec = (written: Partial<ProxySpec>) => decodeProxy({ name: 'a', listen: '127.0.0.1:0', upstream: node.address, ...written })
  const seen = (): string[] => events.since(0).map((event) => `${event.type} ${String(event.data.name ?? event.data.id)}`)
  const works = async (port: number): Promise<boolean> => {
    const raw = await openRaw(t, port)
    return (await raw.send(get('/')).take((text) => text.endsWith('hi'))).includes('200')
  }
  return { proxies, halt, spec, seen, works, node }
}

test('proxies are added, found, listed and removed', async (t) => {
  const { proxies, spec, seen, works } = await setUp(t)
  const b = await proxies.add(spec({ name: 'bb' }))
  const a = await proxies.add(spec({}))
  t.same(proxies.list().map((proxy) => proxy.name), ['a', 'bb'])
  t.equal(proxies.get('a'), a)
  t.equal(proxies.find('none'), undefined)
  t.throws(() => proxies.get('b'), { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { found: 'b', wanted: /bb/, hint: /bb/ } })
  t.ok(await works(b.address.port))
  await proxies.remove('bb')
  await t.rejects(openRaw(t, b.address.port), { code: 'ECONNREFUSED' })
  await t.rejects(proxies.remove('bb'), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  t.same(seen(), ['proxy.added bb', 'proxy.added a', 'proxy.removed bb'])
})

test('a name or an address that is taken is refused', async (t) => {
  const { proxies, spec } = await setUp(t)
  const a = await proxies.add(spec({}))
  await t.rejects(proxies.add(spec({})), { code: 'PMT_ERR_PROXY_EXISTS' })
  const listen = `127.0.0.1:${a.address.port}`
  await t.rejects(proxies.add(spec({ name: 'b', listen })), { code: 'PMT_ERR_ADDRESS_IN_USE', details: { found: listen } })
  t.equal(proxies.find('b'), undefined)
  t.equal((await proxies.add(spec({ name: 'b' }))).name, 'b', 'the name is free again')
})

test('two adds of one name at once: one of them', async (t) => {
  const { proxies, spec } = await setUp(t)
  const found = await Promise.allSettled([proxies.add(spec({})), proxies.add(spec({}))])
  t.same(found.map((one) => one.status), ['fulfilled', 'rejected'])
  t.equal(proxies.list().length, 1)
})

test('replacing keeps the address, and cuts the connections', async (t) => {
  const { proxies, spec, seen, works } = await setUp(t)
  const before = await proxies.replace(spec({}))
  const raw = await openRaw(t, before.address.port)
  await raw.send(get('/')).take((text) => text.endsWith('hi'))
  const after = await proxies.replace(spec({ protocol: 'http', faults: [{ type: 'latency', latency: '1ms' }] }))
  t.equal((await raw.closed).code, 'ECONNRESET')
  t.equal(after.address.port, before.address.port)
  t.ok(await works(after.address.port))
  t.match(proxies.get('a').faultViews(), [{ source: 'config', expiresAt: null }])
  t.same(seen(), ['proxy.added a', 'fault.added latency-1', 'proxy.replaced a'])
})

test('a replacement that cannot listen leaves the old one in place', async (t) => {
  const { proxies, spec, works } = await setUp(t)
  const a = await proxies.add(spec({}))
  const b = await proxies.add(spec({ name: 'b' }))
  await t.rejects(proxies.replace(spec({ listen: `127.0.0.1:${b.address.port}` })), { code: 'PMT_ERR_ADDRESS_IN_USE' })
  t.equal(proxies.get('a').address.port, a.address.port)
  t.ok(await works(a.address.port))
})

test('a replacement for any port keeps the port, however often', async (t) => {
  const { proxies, spec } = await setUp(t)
  const { port } = (await proxies.add(spec({}))).address
  for (let i = 0; i < 2; i++) t.equal((await proxies.replace(spec({}))).address.port, port)
})

test('a disabled proxy refuses connections, resets what is open, and comes back on its port with its faults', async (t) => {
  const { proxies, spec, seen, works } = await setUp(t)
  const a = await proxies.add(spec({}))
  const { port } = a.address
  a.addFault(decodeFault({ type: 'latency', id: 'slow', latency: '1ms' }), { source: 'api' })
  const raw = await openRaw(t, port)
  await raw.send(get('/')).take((text) => text.endsWith('hi'))
  await proxies.setEnabled('a', false)
  await t.rejects(openRaw(t, port), { code: 'ECONNREFUSED' })
  t.equal((await raw.closed).code, 'ECONNRESET')
  t.match(a.view(), { enabled: false, listen: `127.0.0.1:${port}`, connections: 0, faults: [{ id: 'slow', counters: { eligible: 1 } }] })
  await proxies.setEnabled('a', false)
  await proxies.setEnabled('a', true)
  t.ok(await works(port))
  t.match(a.view(), { enabled: true, listen: `127.0.0.1:${port}`, faults: [{ id: 'slow', counters: { eligible: 2 } }] })
  t.same(seen(), ['proxy.added a', 'fault.added slow', 'proxy.disabled a', 'proxy.enabled a'])
  await t.rejects(proxies.setEnabled('none', true), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
})

test('a proxy whose port was taken meanwhile stays disabled', async (t) => {
  const { proxies, spec } = await setUp(t)
  const { port } = (await proxies.add(spec({}))).address
  await proxies.setEnabled('a', false)
  await proxies.add(spec({ name: 'b', listen: `127.0.0.1:${port}` }))
  await t.rejects(proxies.setEnabled('a', true), { code: 'PMT_ERR_ADDRESS_IN_USE', details: { found: `127.0.0.1:${port}` } })
  t.equal(proxies.get('a').enabled, false)
  await proxies.remove('b')
  await proxies.setEnabled('a', true)
  t.equal(proxies.get('a').address.port, port)
})

test('one that begins disabled does not listen, and comes back so when it cannot be replaced', async (t) => {
  const { proxies, spec } = await setUp(t)
  const a = await proxies.add(spec({ enabled: false }))
  t.match(a.view(), { enabled: false, listen: '127.0.0.1:0' })
  const b = await proxies.add(spec({ name: 'b' }))
  await t.rejects(proxies.replace(spec({ listen: `127.0.0.1:${b.address.port}` })), { code: 'PMT_ERR_ADDRESS_IN_USE' })
  t.match(proxies.get('a').view(), { enabled: false, listen: '127.0.0.1:0' })
  t.not((await proxies.setEnabled('a', true)).address.port, 0)
})

test('toggled from two sides at once it listens once', async (t) => {
  const { proxies, spec, works } = await setUp(t)
  const { address } = await proxies.add(spec({}))
  await Promise.all([false, true, true, false, true].map((enabled) => proxies.setEnabled('a', enabled)))
  t.ok(await works(address.port))
  await Promise.all([proxies.setEnabled('a', false), proxies.setEnabled('a', true), proxies.remove('a')])
  await t.rejects(openRaw(t, address.port), { code: 'ECONNREFUSED' })
})

test('toxics are there from the start, and a replacement that brings some keeps no other fault', async (t) => {
  const { proxies, spec } = await setUp(t)
  const toxic = (id: string) => ({ ...decodeFault({ type: 'latency', latency: '1ms' }), id })
  const a = await proxies.add(spec({}), [toxic('a:1@ü')])
  t.match(a.faultViews(), [{ id: 'a:1@ü', source: 'toxiproxy', expiresAt: null }])
  await t.rejects(proxies.add(spec({ name: 'b' }), [toxic('x'), toxic('x')]), { code: 'PMT_ERR_FAULT_EXISTS' })
  t.equal(proxies.find('b'), undefined)
  a.addFault(decodeFault({ type: 'hang', id: 'by-hand' }), { source: 'api' })
  t.same((await proxies.replace(spec({}))).faultViews().map(({ id }) => id), ['a:1@ü', 'by-hand'])
  t.same((await proxies.replace(spec({}), [toxic('other')])).faultViews().map(({ id }) => id), ['other'])
})

test('halting removes every fault, and none can be added', async (t) => {
  const { proxies, spec, halt } = await setUp(t)
  const a = await proxies.add(spec({ faults: [{ type: 'hang' }] }))
  const b = await proxies.add(spec({ name: 'b' }))
  b.addFault(decodeFault({ type: 'latency', latency: '1s', ttl: 'never' }), { source: 'api' })
  halt.engage('enough')
  t.same([...a.faultViews(), ...b.faultViews()], [])
  t.throws(() => b.addFault(decodeFault({ type: 'hang' }), { source: 'api' }), { code: 'PMT_ERR_HALTED' })
})

test('faults have the same seed under the same name, and another under another', async (t) => {
  const seeds = async (): Promise<number[]> => {
    const { proxies, spec } = await setUp(t)
    const both = [await proxies.add(spec({})), await proxies.add(spec({ name: 'b' }))]
    return both.map((proxy) => proxy.addFault(decodeFault({ type: 'hang' }), { source: 'api' }).seed)
  }
  const [first, second] = [await seeds(), await seeds()]
  t.same(first, second)
  t.not(first[0], first[1])
})
