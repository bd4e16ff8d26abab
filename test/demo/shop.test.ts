import { createServer, request } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import { PATIENCE, startShop } from '../../src/demo/shop.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { createAuthority } from '../../src/proxy/tls/authority.ts'
import { Identities } from '../../src/proxy/tls/identities.ts'

const clock = createSystemClock()

async function setup (t: Test, resilient: boolean) {
  const shop = await startShop({ resilient, clock, random: createRandom(1) })
  t.teardown(() => shop.stop())
  shop.connect(shop.payments[0]!.address)
  return shop
}

/** Payments that do as they are told; how often they were asked. */
async function stubPayments (t: Test, listener: RequestListener) {
  let asked = 0
  const server = createServer((incoming, response) => {
    asked++
    listener(incoming, response)
  })
  t.teardown(() => new Promise<void>((resolve) => { server.close(() => resolve()).closeAllConnections() }))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked }
}

function get (address: string, path: string): Promise<{ status: number, body: string, took: number }> {
  const began = clock.now()
  return new Promise((resolve, reject) => {
    request(`http://${address}${path}`, { agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => { body += chunk })
      response.on('end', () => resolve({ status: response.statusCode!, body, took: clock.now() - began }))
    }).on('error', reject).end()
  })
}

for (const resilient of [false, true]) {
  test(`a healthy ${resilient ? 'resilient' : 'naive'} shop answers with the price of payments`, async (t) => {
    const shop = await setup(t, resilient)
    t.same(shop.payments.map(({ name }) => name), ['payments-1', 'payments-2'])
    for (const { address } of shop.payments) {
      shop.connect(address)
      const { status, body, took } = await get(shop.edge, '/checkout')
      t.equal(status, 200)
      t.same(JSON.parse(body), { price: 42 })
      t.ok(took >= 14, `payments takes about 20 ms (${took})`)
    }
    t.equal((await get(shop.edge, '/nothing')).status, 404)
  })
}

test('the naive shop waits for as long as it takes, and passes errors on', async (t) => {
  const shop = await setup(t, false)
  const slow = await stubPayments(t, (_, response) => { clock.after(3 * PATIENCE, () => response.end('{"price":1}')) })
  shop.connect(slow.address)
  const waited = await get(shop.edge, '/checkout')
  t.equal(waited.status, 200)
  t.ok(waited.took >= 3 * PATIENCE - 2)
  const broken = await stubPayments(t, (incoming) => { incoming.socket.resetAndDestroy() })
  shop.connect(broken.address)
  t.equal((await get(shop.edge, '/checkout')).status, 502)
  t.equal(broken.asked(), 1, 'and does not ask again')
})

test('the resilient shop asks once more, on a new connection', async (t) => {
  const shop = await setup(t, true)
  const ports = new Set<number | undefined>()
  const shaky = await stubPayments(t, (incoming, response) => {
    ports.add(incoming.socket.remotePort)
    if (shaky.asked() === 1) incoming.socket.resetAndDestroy()
    else response.end('{"price":7}')
  })
  shop.connect(shaky.address)
  t.match(await get(shop.edge, '/checkout'), { status: 200, body: '{"price":7}' })
  t.equal(shaky.asked(), 2)
  t.equal(ports.size, 2)
})

test('the resilient shop gives up in time and takes the last price it knows; without one it says so', async (t) => {
  const shop = await setup(t, true)
  const deaf = await stubPayments(t, () => {})
  shop.connect(deaf.address)
  t.equal((await get(shop.edge, '/checkout')).status, 502)
  shop.connect(shop.payments[1]!.address)
  t.equal((await get(shop.edge, '/checkout')).status, 200)
  shop.connect(deaf.address)
  const remembered = await get(shop.edge, '/checkout')
  t.match(remembered, { status: 200, body: '{"price":42}' })
  t.ok(remembered.took >= 2 * PATIENCE - 4, 'two tries')
  const failing = await stubPayments(t, (_, response) => { response.writeHead(503).end() })
  shop.connect(failing.address)
  t.equal((await get(shop.edge, '/checkout')).status, 200, 'an error of payments is a failure too')
  t.equal(failing.asked(), 2)
})

/** Payments over TLS, with a certificate of a CA of its own, good until it is told otherwise. */
async function securePayments (t: Test, takes = 0) {
  const identities = new Identities(await createAuthority({ hosts: [], clock }), clock)
  const since = new Date(clock.wall())
  const good = await identities.identity({ host: '127.0.0.1', since })
  const bad = await identities.identity({ host: '127.0.0.1', since, flaw: { flaw: 'expired', ago: 3_600_000 } })
  const seen = { handshakes: 0, resumed: 0, asked: 0, closed: 0 }
  const server = createTlsServer(good, (_, response) => {
    seen.asked++
    clock.after(takes, () => response.end('{"price":9}'))
  })
  server.on('secureConnection', (socket) => {
    seen.handshakes++
    if (socket.isSessionReused()) seen.resumed++
    socket.on('close', () => { seen.closed++ })
  })
  t.teardown(() => new Promise<void>((resolve) => { server.close(() => resolve()).closeAllConnections() }))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: identities.rootPem,
    seen,
    cut: () => { server.closeAllConnections() },
    expire: () => { server.setSecureContext(bad) }
  }
}

for (const resilient of [false, true]) {
  test(`over TLS the ${resilient ? 'resilient' : 'naive'} shop keeps its connections and resumes its sessions`, async (t) => {
    const shop = await setup(t, resilient)
    const { address, ca, seen, cut, expire } = await securePayments(t)
    shop.connect(address, ca)
    for (let i = 0; i < 3; i++) t.match(await get(shop.edge, '/checkout'), { status: 200, body: '{"price":9}' })
    t.match(seen, { handshakes: 1, resumed: 0, asked: 3 })
    // Who is cut off just before it asks may notice only then.
    cut()
    while (seen.resumed === 0) await get(shop.edge, '/checkout')
    const before = { ...seen }
    expire()
    cut()
    let last = await get(shop.edge, '/checkout')
    if (!resilient) while (last.status === 200 || !last.body.includes('expired')) last = await get(shop.edge, '/checkout')
    else t.match(last, { status: 200, body: '{"price":9}' }, 'the price it remembers')
    t.equal(seen.asked, before.asked, 'nobody asks who does not trust')
  })
}

test('over TLS the resilient shop gives a call up, not its connection', async (t) => {
  const shop = await setup(t, true)
  const { address, ca, seen } = await securePayments(t, 3 * PATIENCE)
  shop.connect(address, ca)
  t.equal((await get(shop.edge, '/checkout')).status, 502)
  t.equal((await get(shop.edge, '/checkout')).status, 502)
  await clock.sleep(4 * PATIENCE)
  const { handshakes } = seen
  t.equal(seen.closed, 0)
  t.equal((await get(shop.edge, '/checkout')).status, 502)
  t.equal(seen.handshakes, handshakes, 'they serve the next ones')
})
