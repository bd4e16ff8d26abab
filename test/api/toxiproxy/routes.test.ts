import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import type { ToxiproxyView } from '../../../src/proxy/toxiproxy.ts'
import { EDGE, createHarness } from '../harness.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

async function setUp (t: Test, options: Parameters<typeof createHarness>[1] = {}) {
  const harness = await createHarness(t, options)
  const { api } = harness
  const call = async (method: Method, url: string, payload?: unknown, headers: Record<string, string> = {}) => {
    const body = payload === undefined || typeof payload === 'string' ? payload : JSON.stringify(payload)
    const answer = await api.inject({ method, url, ...(body === undefined ? {} : { payload: body }), headers })
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: answer.body.startsWith('{') || answer.body.startsWith('[') ? answer.json() : undefined }
  }
  return { ...harness, call }
}

const REDIS = { name: 'redis', listen: 'localhost:0', upstream: 'localhost:6379' }

test('version, to the byte', async (t) => {
  const { call } = await setUp(t)
  const { status, text, headers } = await call('GET', '/version')
  t.match({ status, text }, { status: 200, text: '{"version": "2.12.0"}\n' })
  t.equal(headers['content-type'], 'application/json;charset=utf-8')
  t.ok(headers['x-toxiproxy-request-id'])
})

test('the life of a proxy', async (t) => {
  const { call } = await setUp(t)
  const created = await call('POST', '/proxies', REDIS)
  t.equal(created.status, 201)
  t.match(created.headers['content-type'], 'application/json')
  t.match(created.json, { name: 'redis', listen: /^127\.0\.0\.1:\d+$/, upstream: 'localhost:6379', enabled: true, toxics: [] })
  t.strictSame((await call('GET', '/proxies/redis')).json, created.json)
  t.strictSame((await call('GET', '/proxies')).json, { redis: created.json })
  t.match(await call('POST', '/proxies', REDIS), { status: 409, json: { error: 'proxy already exists', status: 409 } })
  for (const method of ['POST', 'PATCH'] as const) {
    const { listen } = created.json as ToxiproxyView
    t.match(await call(method, '/proxies/redis', { enabled: false }), { status: 200, json: { enabled: false, listen } })
    t.match(await call(method, '/proxies/redis', { enabled: true, listen, upstream: 'somehost:12345', name: 'ignored' }), { status: 200, json: { name: 'redis', enabled: true, listen, upstream: 'somehost:12345' } })
    t.match(await call(method, '/proxies/redis', {}), { status: 200, json: { enabled: true, upstream: 'somehost:12345' } })
  }
  const removed = await call('DELETE', '/proxies/redis')
  t.match(removed, { status: 204, text: '' })
  for (const method of ['GET', 'DELETE', 'PATCH', 'POST'] as const) {
    t.match(await call(method, '/proxies/redis', method === 'PATCH' ? 'not json' : undefined), { status: 404, json: { error: 'proxy not found', status: 404 } }, method)
  }
})

test('the life of a toxic', async (t) => {
  const { call } = await setUp(t, { proxySpecs: [EDGE] })
  const url = '/proxies/edge/toxics'
  t.strictSame((await call('GET', url)).json, [])
  const created = await call('POST', url, { type: 'latency', attributes: { latency: 100, unknown: 5 } })
  t.equal(created.status, 200, 'not 201')
  t.strictSame(created.json, { attributes: { latency: 100, jitter: 0 }, name: 'latency_downstream', type: 'latency', stream: 'downstream', toxicity: 1 })
  t.match(await call('POST', url, { name: 'latency_downstream', type: 'bandwidth', stream: 'upstream', attributes: { rate: -1 } }), { status: 409, json: { error: 'toxic already exists', status: 409 } }, 'the name is looked at before the attributes')
  await call('POST', url, { name: 'up', type: 'bandwidth', stream: 'upstream', toxicity: 0.25, attributes: { rate: 0 } })
  t.same((await call('GET', url)).json.map((toxic: { name: string }) => toxic.name), ['up', 'latency_downstream'])
  t.match((await call('GET', '/proxies/edge')).json, { toxics: [{ name: 'up', toxicity: 0.25 }, { name: 'latency_downstream' }] })
  t.match(await call('GET', `${url}/up`), { status: 200, json: { attributes: { rate: 0 }, stream: 'upstream' } })
  for (const [method, jitter] of [['PATCH', 10], ['POST', 20]] as const) {
    t.match(await call(method, `${url}/latency_downstream`, { attributes: { Jitter: jitter }, stream: 'upstream' }), { status: 200, json: { attributes: { latency: 100, jitter }, stream: 'downstream', toxicity: 1 } })
    t.match(await call(method, `${url}/latency_downstream`, { attributes: { jitter: 0.5 } }), { status: 400, json: { error: /^bad request body: attributes\.jitter: .*found 0\.5, wanted a whole number/ } })
    t.match(await call(method, `${url}/none`, 'not json'), { status: 404, json: { error: 'toxic not found', status: 404 } })
  }
  t.match(await call('DELETE', `${url}/up`), { status: 204, text: '' })
  t.match(await call('DELETE', `${url}/up`), { status: 404, json: { error: 'toxic not found' } })
  for (const [method, path] of [['GET', ''], ['POST', ''], ['GET', '/x'], ['POST', '/x'], ['PATCH', '/x'], ['DELETE', '/x']] as const) {
    t.match(await call(method, `/proxies/none/toxics${path}`, method === 'POST' ? '{' : undefined), { status: 404, json: { error: 'proxy not found' } }, `${method} ${path}`)
  }
})

test('native faults are no toxics, and share the names', async (t) => {
  const { call } = await setUp(t, { proxySpecs: [{ ...EDGE, faults: [{ type: 'latency', id: 'native', latency: 1 }] }] })
  const url = '/proxies/edge/toxics'
  t.strictSame((await call('GET', url)).json, [])
  for (const method of ['GET', 'DELETE', 'PATCH'] as const) t.match(await call(method, `${url}/native`, method === 'PATCH' ? '{}' : undefined), { status: 404 })
  t.match(await call('POST', url, { name: 'native', type: 'noop' }), { status: 409 })
  await call('POST', url, { type: 'noop' })
  t.match((await call('GET', '/v1/proxies/edge/faults')).json, [{ id: 'native', source: 'config' }, { id: 'noop_downstream', source: 'toxiproxy', expiresAt: null }])
  t.match((await call('GET', '/v1/state')).json, { staying: [{ id: 'native' }, { id: 'noop_downstream' }] })
})

test('bodies: any content type, none at all, empty ones', async (t) => {
  const { call } = await setUp(t, { proxySpecs: [EDGE] })
  for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/plain', 'nonsense', 'multipart/form-data']) {
    t.equal((await call('POST', '/proxies/edge/toxics', { type: 'noop', name: type.replace('/', '-') }, { 'content-type': type })).status, 200, type)
    t.equal((await call('POST', '/reset', '', { 'content-type': type })).status, 204, type)
  }
  t.equal((await call('POST', '/reset')).status, 204)
  t.equal((await call('POST', '/reset', 'not json')).status, 204)
  for (const [url, body] of [['/proxies', ''], ['/proxies', undefined], ['/populate', '  '], ['/proxies/edge', ''], ['/proxies/edge/toxics', undefined]] as const) {
    t.match(await call('POST', url, body), { status: 400, json: { error: 'bad request body: EOF', status: 400 } }, url)
  }
  t.match(await call('POST', '/proxies', '{"name"'), { status: 400, json: { error: /^bad request body: not JSON: .* \(line 1, column 8\)$/ } })
  t.match(await call('POST', '/proxies', `{"name":"${'x'.repeat(1024 * 1024)}"}`), { status: 413, json: { error: 'the body is too large', status: 413 } })
  t.match((await call('POST', '/proxies', { NAME: 'upper', Listen: 'localhost:0', UPSTREAM: 'a:1', enabled: null })).json, { name: 'upper', enabled: true })
})

test('what is refused, and how', async (t) => {
  const { call } = await setUp(t, { proxySpecs: [EDGE] })
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`
  const table: [Method, string, unknown, number, string | RegExp][] = [
    ['POST', '/proxies', {}, 400, 'missing required field: name'],
    ['POST', '/proxies', { name: 'a' }, 400, 'missing required field: upstream'],
    ['POST', '/proxies', { ...REDIS, name: 'a/b' }, 400, /^bad request body: name: not a name/],
    ['POST', '/proxies', { ...REDIS, upstream: 'nowhere' }, 400, /^bad request body: upstream: not an address/],
    ['POST', '/proxies', { ...REDIS, listen: address }, 500, `listen tcp ${address}: bind: address already in use`],
    ['POST', '/proxies/edge', { listen: address }, 500, `listen tcp ${address}: bind: address already in use`],
    ['POST', '/proxies/edge', { listen: 'local373' }, 500, 'listen tcp: address local373: missing port in address'],
    ['POST', '/proxies/edge/toxics', { type: 'nope', stream: 'x' }, 400, 'stream was invalid, can be either upstream or downstream'],
    ['POST', '/proxies/edge/toxics', { type: 'down' }, 400, 'invalid toxic type'],
    ['POST', '/proxies/edge/toxics', { type: 'bandwidth', attributes: { rate: '64' } }, 400, /attributes\.rate: .*found "64", wanted a number/],
    ['POST', '/proxies/edge/toxics', { type: 'slicer' }, 400, /average_size does not fit, found 0/],
    ['POST', '/proxies/edge/toxics', { type: 'noop', toxicity: 7 }, 400, /toxicity: .*wanted a number from 0 to 1/]
  ]
  for (const [method, url, body, status, error] of table) t.match(await call(method, url, body), { status, json: { error, status } }, `${url} ${JSON.stringify(body)}`)
  t.same((await call('GET', '/proxies/edge/toxics')).json, [])
})

test('names hold any character but a slash, and may stand in a path as they are', async (t) => {
  const { call } = await setUp(t)
  for (const name of ['10.96.147.83:9094_host', 'postgres:5432', 'a@b', 'x;y=1', '__proto__']) {
    t.equal((await call('POST', '/proxies', { ...REDIS, name })).status, 201, name)
    t.match((await call('GET', `/proxies/${name}`)).json, { name })
    t.equal((await call('POST', `/proxies/${name}/toxics`, { type: 'noop', name })).status, 200)
    t.equal((await call('POST', `/proxies/${name}/toxics/${name}`, { toxicity: 0.5 })).status, 200)
    t.equal((await call('GET', `/v1/proxies/${encodeURIComponent(name)}`)).json.faults[0].id, name)
    t.equal((await call('DELETE', `/proxies/${name}`)).status, 204)
  }
  await call('POST', '/proxies', { ...REDIS, name: 'ü b' })
  t.equal((await call('GET', `/proxies/${encodeURIComponent('ü b')}`)).status, 200)
})

test('the list is sorted, numbers and all', async (t) => {
  const { call } = await setUp(t)
  for (const name of ['b', '9', '10', 'a', '__proto__']) await call('POST', '/proxies', { ...REDIS, name })
  t.same([...(await call('GET', '/proxies')).text.matchAll(/"([^"]+)":\{"name"/g)].map(([, name]) => name), ['10', '9', '__proto__', 'a', 'b'])
})

test('populate answers with what is there, also when it fails', async (t) => {
  const { call } = await setUp(t)
  t.strictSame(await call('POST', '/populate', []).then(({ status, json }) => ({ status, json })), { status: 201, json: { proxies: [] } })
  t.match(await call('POST', '/populate', [{ ...REDIS, toxics: [{ type: 'timeout' }] }, { ...REDIS, name: 'b', enabled: false }]), {
    status: 201, json: { proxies: [{ name: 'redis', toxics: [{ name: 'timeout_downstream' }] }, { name: 'b', enabled: false }] }
  })
  t.match(await call('POST', '/populate', [{ ...REDIS, name: 'c' }, { ...REDIS, name: 'd', listen: 'local373' }, { ...REDIS, name: 'e' }]), {
    status: 500, json: { error: 'listen tcp: address local373: missing port in address', status: 500, proxies: [{ name: 'c' }] }
  })
  t.match(await call('POST', '/populate', [{ ...REDIS, name: 'f' }, { listen: ':0', upstream: 'a:1' }]), { status: 400, json: { error: 'missing required field: name at proxy 2' } })
  t.match(await call('POST', '/populate', REDIS), { status: 400, json: { error: /^bad request body: not a list/ } })
  t.same(Object.keys((await call('GET', '/proxies')).json), ['b', 'c', 'redis'])
})

test('web pages are kept out, here and nowhere else; the guard stands in front', async (t) => {
  const { call } = await setUp(t, { proxySpecs: [EDGE], tokens: { operator: 'secret', readOnly: 'looking' } })
  const browser = { 'user-agent': 'Mozilla/5.0 (X11)', authorization: 'Bearer secret' }
  for (const url of ['/version', '/proxies', '/proxies/edge']) t.match(await call('GET', url, undefined, browser), { status: 403, text: 'User agent not allowed' })
  t.equal((await call('GET', '/v1/proxies', undefined, browser)).status, 200)
  t.match(await call('GET', '/proxies'), { status: 401, json: { error: 'the token is missing or wrong', status: 401 }, headers: { 'www-authenticate': 'Bearer' } })
  t.equal((await call('GET', '/proxies', undefined, { authorization: 'Bearer looking' })).status, 200)
  t.match(await call('POST', '/reset', undefined, { authorization: 'Bearer looking' }), { status: 403, json: { status: 403 } })
  t.match(await call('GET', '/version', undefined, { ...browser, 'user-agent': 'x', host: 'evil.example' }), { status: 403 })
})

test('changes are audited, and a bug stays inside', async (t) => {
  const { call, events, proxies, log } = await setUp(t, { proxySpecs: [EDGE] })
  await call('POST', '/proxies/edge/toxics', { type: 'noop' })
  t.match(events.since(0).filter(({ type }) => type === 'audit'), [{ data: { method: 'POST', path: '/proxies/edge/toxics', status: 200 } }])
  proxies.get = () => { throw new Error('secret detail') }
  t.match(await call('GET', '/proxies/edge'), { status: 500, json: { error: 'premortem failed', status: 500 } })
  t.match(log.lines.at(-1), { level: 'error' })
})
