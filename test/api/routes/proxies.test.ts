import { test } from 'tap'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { ProxyView } from '../../../src/proxy/view.ts'
import { conforms } from '../conform.ts'
import { EDGE, createHarness } from '../harness.ts'

const portOf = (view: ProxyView): number => Number(view.listen.split(':').at(-1))

test('create, show, list, replace, remove', async (t) => {
  const { api, events } = await createHarness(t)
  t.same((await api.inject('/v1/proxies')).json(), [])
  const { name: _, ...unnamed } = EDGE
  const created = await api.inject({ method: 'PUT', url: '/v1/proxies/edge', payload: unnamed })
  t.equal(created.statusCode, 201)
  t.match(created.json(), { name: 'edge', listen: /^127\.0\.0\.1:\d+$/, protocol: 'http', upstream: [{ name: 'a', address: '127.0.0.1:9' }, { name: 'b' }], faults: [] })
  t.ok(conforms('Proxy', created.json()))
  t.same((await api.inject('/v1/proxies/edge')).json(), created.json())
  t.same((await api.inject('/v1/proxies')).json(), [created.json()])

  const replaced = await api.inject({ method: 'PUT', url: '/v1/proxies/edge', payload: { ...EDGE, protocol: 'tcp' } })
  t.equal(replaced.statusCode, 200)
  t.match(replaced.json(), { protocol: 'tcp' })

  t.equal((await api.inject({ method: 'DELETE', url: '/v1/proxies/edge' })).statusCode, 204)
  t.match((await api.inject('/v1/proxies/edge')).json(), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  t.match((await api.inject({ method: 'DELETE', url: '/v1/proxies/edge' })).json(), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  t.match(events.since(0).map((event) => event.type), ['proxy.added', 'audit', 'proxy.replaced', 'audit', 'proxy.removed', 'audit'])
})

test('PATCH changes what it names and keeps the rest, the port included', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [{ ...EDGE, balance: 'least-connections', 'connect-timeout': '3s', faults: [{ type: 'latency', id: 'slow', latency: '5ms' }] }] })
  const before = (await api.inject('/v1/proxies/edge')).json<ProxyView>()
  const after = await api.inject({ method: 'PATCH', url: '/v1/proxies/edge', payload: { upstream: '[::1]:4000', 'connect-timeout': '1s' } })
  t.equal(after.statusCode, 200)
  const view = after.json<ProxyView>()
  t.match(view, { protocol: 'http', balance: 'least-connections', upstream: [{ address: '[::1]:4000' }], faults: [{ id: 'slow', source: 'config' }] })
  t.equal(portOf(view), portOf(before))

  t.match((await api.inject({ method: 'PATCH', url: '/v1/proxies/edge', payload: { protocl: 'tcp' } })).json(), { code: 'PMT_ERR_INVALID', path: 'protocl', hint: 'did you mean `protocol`?' })
  t.match((await api.inject({ method: 'PATCH', url: '/v1/proxies/edge', payload: { name: 'other' } })).json(), { code: 'PMT_ERR_INVALID', path: 'name' })
  t.match((await api.inject({ method: 'PATCH', url: '/v1/proxies/edge', payload: {} })).statusCode, 400)
  t.match((await api.inject({ method: 'PATCH', url: '/v1/proxies/edge', payload: { protocol: 'tcp', faults: [{ type: 'delay', delay: 5 }] } })).json(), { code: 'PMT_ERR_FAULT_LAYER', path: 'faults.0.type' })
  t.match((await api.inject({ method: 'PATCH', url: '/v1/proxies/no', payload: { protocol: 'tcp' } })).statusCode, 404)
  t.equal((await api.inject('/v1/proxies/edge')).json<ProxyView>().protocol, 'http')
})

test('what the config protects stays protected, whatever is put over REST', async (t) => {
  const { api } = await createHarness(t, { protection: { never: ['/healthz'], tagged: 'x-premortem' } })
  const send = async (method: 'PUT' | 'PATCH', payload: object) => (await api.inject({ method, url: '/v1/proxies/edge', payload })).json()
  t.match(await send('PUT', EDGE), { never: ['/healthz'], tagged: 'x-premortem', explain: false })
  t.match(await send('PATCH', { never: '/pay', tagged: 'x-mine', explain: true }), { never: ['/healthz', '/pay'], tagged: 'x-mine', explain: true })
  t.match(await send('PATCH', { balance: 'least-connections' }), { never: ['/healthz', '/pay'], tagged: 'x-mine', explain: true })
  t.match(await send('PATCH', { never: [] }), { never: ['/healthz'], tagged: 'x-mine' })
  t.match(await send('PATCH', { protocol: 'tcp' }), { code: 'PMT_ERR_INVALID', path: 'explain' })
  t.match((await api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'refuse' } })).json(), { code: 'PMT_ERR_FAULT_LAYER', path: 'type' })
  t.match(await send('PUT', { ...EDGE, protocol: 'tcp' }), { never: [], tagged: null })
  t.match(await send('PATCH', { protocol: 'auto' }), { never: ['/healthz'], tagged: 'x-premortem' })
  t.ok(conforms('Proxy', await send('PUT', { ...EDGE, never: ['/a'] })))
})

test('PATCH with nothing but enabled toggles; with more, what is disabled stays so', async (t) => {
  const { api, events, proxies } = await createHarness(t, { proxySpecs: [EDGE] })
  const patch = async (payload: object) => api.inject({ method: 'PATCH', url: '/v1/proxies/edge', payload })
  const { port } = proxies.get('edge').address
  const disabled = await patch({ enabled: false })
  t.equal(disabled.statusCode, 200)
  t.match(disabled.json(), { enabled: false, listen: `127.0.0.1:${port}` })
  t.ok(conforms('Proxy', disabled.json()))
  t.match((await patch({ balance: 'least-connections' })).json(), { enabled: false, listen: `127.0.0.1:${port}` })
  t.match((await patch({ enabled: true })).json(), { enabled: true, listen: `127.0.0.1:${port}`, balance: 'least-connections' })
  t.match((await patch({ enabled: null })).json(), { code: 'PMT_ERR_INVALID', path: 'enabled' })
  t.match(events.since(0).map((event) => event.type).filter((type) => type !== 'audit'), ['proxy.added', 'proxy.disabled', 'proxy.replaced', 'proxy.enabled'])
})

test('a proxy that does not fit is refused with its path', async (t) => {
  const { api } = await createHarness(t)
  const put = async (payload: object) => (await api.inject({ method: 'PUT', url: '/v1/proxies/edge', payload })).json()
  t.match(await put({ ...EDGE, name: 'other' }), { code: 'PMT_ERR_INVALID', path: 'name', found: 'other' })
  t.match(await put({ ...EDGE, upstream: ['127.0.0.1:0'] }), { code: 'PMT_ERR_INVALID', path: 'upstream.0', found: '127.0.0.1:0' })
  t.match(await put({ ...EDGE, listen: 'nowhere' }), { code: 'PMT_ERR_INVALID', path: 'listen' })
  t.match(await put({ upstream: 'a:1' }), { code: 'PMT_ERR_INVALID', path: 'listen', message: '`listen` is missing' })
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  t.match(await put({ ...EDGE, listen: `127.0.0.1:${(taken.address() as AddressInfo).port}` }), { code: 'PMT_ERR_ADDRESS_IN_USE' })
})

test('connections and figures', async (t) => {
  const upstream = createServer((socket) => { socket.on('error', () => {}) }).listen(0, '127.0.0.1')
  await new Promise((resolve) => upstream.once('listening', resolve))
  const { api, proxies } = await createHarness(t, { proxySpecs: [{ name: 'raw', listen: '127.0.0.1:0', protocol: 'tcp', upstream: `127.0.0.1:${(upstream.address() as AddressInfo).port}` }] })
  t.same((await api.inject('/v1/proxies/raw/connections')).json(), [])
  const socket = connect(proxies.get('raw').address.port, '127.0.0.1')
  t.teardown(() => {
    socket.destroy()
    upstream.close()
  })
  socket.on('error', () => {})
  await new Promise((resolve) => upstream.once('connection', resolve))
  const connections = (await api.inject('/v1/proxies/raw/connections')).json()
  t.equal(connections.length, 1)
  t.ok(conforms('Connection', connections[0]), JSON.stringify(connections[0]))
  const snapshot = (await api.inject('/v1/proxies/raw/snapshot')).json()
  t.ok(conforms('Snapshot', snapshot), JSON.stringify(snapshot))
  t.match(snapshot, { proxy: 'raw', recent: { seconds: 10 }, open: { connections: 1 } })
})
