import { test } from 'tap'
import type { ToxicView } from '../../src/faults/toxics.ts'
import type { ToxiproxyView } from '../../src/proxy/toxiproxy.ts'
import { openRaw } from '../helpers/raw.ts'
import { startUpstream } from '../helpers/upstream.ts'
import { hasPorts, portOf, refusal, startServer } from './server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

test('as Testcontainers calls it: fixed ports, updates by POST, one direction cut and joined again', async (t) => {
  if (!await hasPorts(t, 8666, 8667)) return
  const { call } = await startServer(t)
  t.equal((await call('GET', '/version')).status, 200, 'what it waits for')
  const upstream = await startUpstream(t, (socket) => { socket.pipe(socket) })
  const ports: number[] = []
  for (const [i, name] of ['first', 'second'].entries()) {
    const listen = `0.0.0.0:${8666 + i}`
    const created = await call<ToxiproxyView>('POST', '/proxies', { name, listen, upstream: upstream.address, enabled: true }, JSON_TYPE)
    t.equal(created.status, 201)
    ports.push(portOf(created.json.listen))
  }
  t.same(ports, [8666, 8667])
  const { listen } = (await call<ToxiproxyView>('GET', '/proxies/first')).json
  const raw = await openRaw(t, 8666)
  await raw.send('a').take((text) => text === 'a')

  for (const stream of ['downstream', 'upstream']) {
    const name = `CUT_CONNECTION_${stream.toUpperCase()}`
    t.match(await call('POST', '/proxies/first/toxics', { name, type: 'bandwidth', stream, toxicity: 1, attributes: { rate: 0 } }, JSON_TYPE), {
      status: 200, json: { name, type: 'bandwidth', stream, toxicity: 1, attributes: { rate: 0 } }
    })
    raw.send(stream)
    // The other proxy is not cut; once it has answered, this one could have.
    const beside = await openRaw(t, 8667)
    await beside.send('b').take((text) => text === 'b')
    t.equal(raw.text, '')
    t.equal((await call('DELETE', `/proxies/first/toxics/${name}`)).status, 204)
    t.equal(await raw.take((text) => text === stream), stream)
  }

  const toggle = (enabled: boolean) => call<ToxiproxyView>('POST', '/proxies/first', { enabled, listen, upstream: upstream.address }, JSON_TYPE)
  t.match(await toggle(false), { status: 200, json: { enabled: false } })
  t.equal(await refusal(8666), 'ECONNREFUSED')
  t.equal((await raw.closed).code, 'ECONNRESET')
  t.equal(portOf((await toggle(true)).json.listen), 8666)
  t.equal(await refusal(8666), null)
})

test('as Ruby calls it: an empty body that says it is JSON, null for enabled, PATCH because of the version', async (t) => {
  const { call } = await startServer(t)
  t.equal((await call('POST', '/reset', '', JSON_TYPE)).status, 204)
  const { version } = (await call<{ version: string }>('GET', '/version')).json
  t.match(version, /^\d+\.\d+\.\d+$/, 'Gem::Version takes it')
  t.ok(Number(version.split('.')[1]) >= 6)
  const created = await call<ToxiproxyView>('POST', '/proxies', { name: 'ruby', listen: 'localhost:0', upstream: 'localhost:3306', enabled: null }, JSON_TYPE)
  t.match(created, { status: 201, json: { enabled: true } })
  const [host, port] = created.json.listen.split(':')
  t.equal(host, '127.0.0.1', 'it splits at the colon')
  t.match(await call('PATCH', '/proxies/ruby', { enabled: false }, JSON_TYPE), { status: 200, json: { enabled: false } })
  t.equal(await refusal(Number(port)), 'ECONNREFUSED')
  t.match(await call('PATCH', '/proxies/ruby', { enabled: true }, JSON_TYPE), { json: { listen: created.json.listen } })
  for (const [path, body, status] of [['/proxies', { name: 'ruby', upstream: 'a:1' }, 409], ['/proxies/ruby/toxics', { type: 'nope' }, 400], ['/proxies/none/toxics', {}, 404]] as const) {
    t.equal((await call('POST', path, body, JSON_TYPE)).status, status, 'the exception follows the status')
  }
})

test('as Java calls it: JSON that says it is a form, every field of the models, errors parsed', async (t) => {
  const { call } = await startServer(t)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.equal((await call('POST', '/proxies', { name: 'java', listen: '127.0.0.1:0', upstream: '127.0.0.1:3306' }, form)).status, 201)
  t.match((await call('POST', '/proxies', { name: 'java', listen: '127.0.0.1:0', upstream: '127.0.0.1:3306' }, form)).json, { error: 'proxy already exists', status: 409 })
  const toxic = await call<ToxicView>('POST', '/proxies/java/toxics', { name: 'slow', stream: 'DOWNSTREAM', type: 'latency', attributes: { latency: 100 } }, form)
  t.strictSame(toxic.json, { attributes: { latency: 100, jitter: 0 }, name: 'slow', type: 'latency', stream: 'downstream', toxicity: 1 })
  t.match(await call('POST', '/proxies/java/toxics/slow', { attributes: { jitter: 5 } }, form), { json: { attributes: { latency: 100, jitter: 5 } } })
  // Its list of toxics throws on one type it does not know.
  await call('POST', '/v1/proxies/java/faults', { type: 'hang', ttl: '1m' }, JSON_TYPE)
  t.same((await call<ToxicView[]>('GET', '/proxies/java/toxics')).json.map(({ type }) => type), ['latency'])
  t.equal((await call('POST', '/reset', '', form)).status, 204)
})

test('as Python and Go call it', async (t) => {
  const { call } = await startServer(t)
  // Python populates by itself: it lists, then creates what is missing.
  t.strictSame((await call('GET', '/proxies')).json, {})
  t.equal((await call('POST', '/proxies', { name: 'py', listen: '127.0.0.1:0', upstream: 'localhost:1', enabled: true })).status, 201)
  // Go sends every field it has, and composes its error from two of the answer's.
  const go = { name: 'go', listen: 'localhost:0', upstream: 'localhost:1', enabled: true, toxics: null }
  const created = (await call<ToxiproxyView>('POST', '/proxies', go)).json
  t.match(created, { name: 'go', toxics: [] })
  t.match(await call('POST', '/proxies', go), { status: 409, json: { error: 'proxy already exists', status: 409 } })
  t.match(await call('POST', '/proxies/go', { ...created, enabled: false }), { status: 200, json: { enabled: false, listen: created.listen } })
  await call('POST', '/proxies/go/toxics', { name: '', type: 'latency', stream: 'upstream', toxicity: 1, attributes: {} })
  t.match(await call('PATCH', '/proxies/go/toxics/latency_upstream', { name: 'latency_upstream', type: '', stream: '', toxicity: 0.5, attributes: { latency: 7 } }), {
    status: 200, json: { type: 'latency', stream: 'upstream', toxicity: 0.5, attributes: { latency: 7, jitter: 0 } }
  })
  t.match(await call('POST', '/populate', [go]), { status: 201, json: { proxies: [{ name: 'go' }] } })
})

test('what it carried is in the metrics under the names of Toxiproxy, while the connection is open', async (t) => {
  const server = await startServer(t)
  const upstream = await startUpstream(t, (socket) => { socket.on('data', () => { socket.write('xy') }) })
  const { name, port } = await server.proxy(upstream.address)
  const raw = await openRaw(t, port)
  await raw.send('abc').take((text) => text === 'xy')
  const { text } = await server.call('GET', '/metrics')
  for (const what of ['received', 'sent']) {
    for (const [direction, bytes] of [['upstream', 3], ['downstream', 2]] as const) {
      const labels = `direction="${direction}",proxy="${name}",listener="127.0.0.1:${port}",upstream="${upstream.address}"`
      t.ok(text.includes(`toxiproxy_proxy_${what}_bytes_total{${labels}} ${bytes}\n`), `${what} ${direction}`)
    }
  }
})
