import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import { createLoadStarter, outcomeOf } from '../../src/adapters/load.ts'
import type { LoadSpec } from '../../src/experiment/ports.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import type { Observation } from '../../src/measure/observation.ts'

const clock = createSystemClock()

async function serve (t: Test, listener: RequestListener) {
  const server = createServer(listener)
  t.teardown(() => new Promise<void>((resolve) => { server.close(() => resolve()).closeAllConnections() }))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function serveRaw (t: Test, onSocket: (socket: Socket) => void) {
  const server = createTcpServer(onSocket)
  t.teardown(() => new Promise<void>((resolve) => { server.close(() => resolve()) }))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function begin (t: Test, spec: Partial<LoadSpec>) {
  const seen: Observation[] = []
  const start = createLoadStarter({ clock, log: silentLogger })
  const load = start({ url: '', method: 'GET', headers: {}, body: undefined, rate: 50, timeout: 2000, ...spec }, {
    observe: (observation) => { seen.push(observation) }
  })
  t.teardown(() => load.close())
  return { load, seen }
}

/** Runs load until `count` observations are there, and stops. */
async function collect (t: Test, spec: Partial<LoadSpec>, count: number) {
  const { load, seen } = begin(t, spec)
  while (seen.length < count) await clock.sleep(5)
  load.stop()
  await load.idle()
  return seen
}

test('sends method, path, query, headers and body; reads bodies to their end', async (t) => {
  const asked: string[] = []
  const url = await serve(t, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk })
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers['x-a']} ${body}`)
      response.writeHead(503).end('x'.repeat(100_000))
    })
  })
  const seen = await collect(t, { url: `${url}/pay?x=1`, method: 'POST', headers: { 'x-a': 'b' }, body: 'é' }, 3)
  t.equal(asked[0], 'POST /pay?x=1 b é')
  t.match(seen[0], { method: 'POST', path: '/pay', status: 503, outcome: 'complete', bytesIn: 2, bytesOut: 100_000 })
})

test('in the names of users, in turn, and their arms are told by what was sent', async (t) => {
  const asked: string[] = []
  const url = await serve(t, (request, response) => {
    asked.push(`${request.url} ${request.headers['x-user']}`)
    response.end()
  })
  const seen = await collect(t, { url: `${url}/of/{user}?u={user}`, headers: { 'X-User': 'u-{user}' }, users: 2 }, 4)
  t.strictSame(asked.slice(0, 4).sort(), ['/of/1?u=1 u-1', '/of/1?u=1 u-1', '/of/2?u=2 u-2', '/of/2?u=2 u-2'])
  t.strictSame(seen.slice(0, 4).map(({ traits }) => traits?.header?.('x-user')).sort(), ['u-1', 'u-1', 'u-2', 'u-2'])
})

test('a freeze of 500 ms shows in the p99, because the schedule does not wait', async (t) => {
  let frozen = false
  const held: (() => void)[] = []
  const url = await serve(t, (_, response) => {
    if (frozen) held.push(() => response.end('ok'))
    else response.end('ok')
  })
  const { load, seen } = begin(t, { url, rate: 100 })
  await clock.sleep(1000)
  frozen = true
  await clock.sleep(500)
  frozen = false
  for (const answer of held) answer()
  await clock.sleep(500)
  load.stop()
  await load.idle()
  const latencies = seen.map((o) => o.endedAt - o.startedAt).sort((a, b) => a - b)
  const p99 = latencies[Math.ceil(latencies.length * 0.99) - 1]!
  t.ok(seen.length > 150, `${seen.length} requests in two seconds at 100 a second`)
  t.ok(held.length >= 30, `${held.length} were sent into the freeze: a closed loop would have sent one`)
  t.ok(p99 > 400, `p99 is ${p99} ms`)
  t.ok(latencies[Math.floor(latencies.length / 2)]! < 100, 'and the median is not')
  t.equal(load.summary().sent, seen.length)
})

test('a request that is not answered in time is given up', async (t) => {
  let gone = 0
  const url = await serve(t, (request) => { request.on('close', () => { gone++ }) })
  const seen = await collect(t, { url, timeout: 100 }, 3)
  t.ok(seen.every((o) => o.outcome === 'timeout' && o.endedAt - o.startedAt >= 95))
  while (gone < seen.length) await clock.sleep(5)
  t.pass('and its connection is cut')
})

test('what goes wrong has its name', async (t) => {
  const refused = await serveRaw(t, () => {})
  const closed = refused.replace(/\d+$/, '1')
  const cases: [string, string, string][] = [
    ['refused', 'nobody listens', closed],
    ['reset', 'RST instead of an answer', await serveRaw(t, (socket) => { socket.once('data', () => socket.resetAndDestroy()) })],
    ['truncated', 'FIN instead of an answer', await serveRaw(t, (socket) => { socket.once('data', () => socket.end()) })],
    ['truncated', 'a body that ends early', await serveRaw(t, (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
    })],
    ['malformed', 'not http', await serveRaw(t, (socket) => { socket.once('data', () => socket.end('hello, who is there?\r\n\r\n')) })]
  ]
  for (const [outcome, what, url] of cases) {
    const seen = await collect(t, { url }, 2)
    t.same([...new Set(seen.map((o) => o.outcome))], [outcome], what)
  }
  t.equal(outcomeOf(Object.assign(new Error('x'), { code: 'EPIPE' })), 'reset')
  t.equal(outcomeOf(new Error('something else')), 'truncated')
})

test('close cuts what is open', async (t) => {
  const url = await serve(t, () => {})
  const { load, seen } = begin(t, { url })
  while (load.open().length < 2) await clock.sleep(5)
  await load.close()
  t.same([...new Set(seen.map((o) => o.outcome))], ['unfinished'])
  t.same(load.open(), [])
})

test('a URL that cannot be read is named', async (t) => {
  t.throws(() => begin(t, { url: 'http://:::/' }), { code: 'PMT_ERR_INVALID', details: { path: 'load.url' } })
})
