import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { createSystemClock } from '../../../src/kernel/clock.ts'
import { Copies } from '../../../src/proxy/http1/copies.ts'
import { Upstream } from '../../../src/proxy/upstream.ts'
import { customHttp } from '../../helpers/custom.ts'
import { eventually, startProxy } from '../../helpers/proxy.ts'
import { get, openRaw } from '../../helpers/raw.ts'
import { closedPort, ok, startAnswering, startHttpUpstream, startUpstream } from '../../helpers/upstream.ts'

const nodeAt = (port: number) => new Upstream({ nodes: [{ name: 'a', host: '127.0.0.1', port }], balance: 'round-robin' }).nodes[0]!

test('a request is delivered once more, whole, and its client hears one answer', async (t) => {
  const got: string[] = []
  const node = await startHttpUpstream(t, (request, response) => {
    let body = ''
    request.on('data', (chunk) => { body += chunk }).on('end', () => {
      got.push(`${request.method} ${request.url} ${body}`)
      response.end(`<${got.length}>`)
    })
  })
  const { proxy, port, quiet, observed } = await startProxy(t, { upstream: node.address })
  proxy.addFault(customHttp({ request: () => ({ do: 'duplicate', copies: 2, ms: 5, limit: 10_000 }) }), { source: 'api' })
  const raw = await openRaw(t, port)
  raw.send('POST /pay HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\nonce\r\n0\r\n\r\n')
  t.match(await raw.take((text) => text.includes('<')), /^HTTP\/1.1 200/)
  await eventually(() => got.length === 3, () => got.join())
  t.same(got, Array(3).fill('POST /pay once'))
  t.equal((await observed(1)).length, 1, 'copies are not exchanges')
  raw.end()
  await quiet()
  await eventually(() => node.sockets.every((socket) => socket.closed), () => 'a copy\'s connection stays open')
})

test('a request too long to keep is not copied, and the fault says so', async (t) => {
  const node = await startAnswering(t, () => ok('x'))
  const { proxy, port } = await startProxy(t, { upstream: node.address })
  proxy.addFault(customHttp({ request: () => ({ do: 'duplicate', copies: 1, ms: 0, limit: 10 }) }), { source: 'api' })
  const raw = await openRaw(t, port)
  raw.send(get('/'))
  await raw.take((text) => text.endsWith('x'))
  t.match(proxy.fault('custom-1').counters, { injected: 0, unfit: 1 })
  await sleep(20)
  t.equal(node.sockets.length, 1)
})

test('a copy ends with its answer, however that is framed, and when there is nobody', async (t) => {
  for (const answer of [ok('hi'), 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n', 'nonsense\r\n']) {
    const node = await startAnswering(t, () => answer)
    const copies = new Copies(createSystemClock(), 1000)
    copies.deliver(nodeAt(node.port), Buffer.from(get('/')), 'GET', 0)
    t.equal(copies.size, 1)
    await eventually(() => copies.size === 0, () => answer)
  }
  const copies = new Copies(createSystemClock(), 1000)
  copies.deliver(nodeAt(await closedPort()), Buffer.from(get('/')), 'GET', 0)
  await eventually(() => copies.size === 0, () => 'nobody listens')
})

test('stop cuts what waits and what is under way', async (t) => {
  const silent = await startUpstream(t, (socket) => { socket.resume() })
  const copies = new Copies(createSystemClock(), 1000)
  copies.deliver(nodeAt(silent.port), Buffer.from(get('/')), 'GET', 0)
  copies.deliver(nodeAt(silent.port), Buffer.from(get('/')), 'GET', 60_000)
  await eventually(() => silent.sockets.length === 1, () => 'not sent')
  copies.stop()
  t.equal(copies.size, 0)
  await eventually(() => silent.sockets[0]!.closed || silent.sockets[0]!.readableEnded, () => 'still open')
})
