import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { Agent, request } from 'undici'
import { eventually, startProxy } from '../helpers/proxy.ts'
import { connectRaw, get, openRaw } from '../helpers/raw.ts'
import type { Raw } from '../helpers/raw.ts'
import { closedPort, ok, startAnswering, startBlackHole, startHttpUpstream, startUpstream } from '../helpers/upstream.ts'
import type { Upstream } from '../helpers/upstream.ts'

/** A node that sends back what it gets, and ends when the client does. */
const startEcho = (t: Test): Promise<Upstream> => startUpstream(t, (socket) => {
  socket.on('data', (chunk) => { socket.write(chunk) })
  socket.on('end', () => { socket.end() })
})

/** A node that greets with its name. */
const startNamed = (t: Test, name: string): Promise<Upstream> => startUpstream(t, (socket) => {
  socket.write(name)
  socket.resume().on('end', () => { socket.end() })
})

async function echo (raw: Raw, text: string): Promise<number> {
  const start = performance.now()
  raw.send(text)
  await raw.take((got) => got === text)
  return performance.now() - start
}

const greeting = async (raw: Raw): Promise<string> => await raw.take((text) => text.length === 1)

// --- nodes ---

test('round robin deals connections to the nodes in turn', async (t) => {
  const nodes = [await startNamed(t, 'a'), await startNamed(t, 'b'), await startNamed(t, 'c')]
  const { port, proxy, quiet } = await startProxy(t, { protocol: 'tcp', upstream: nodes.map((node) => node.address) })
  const raws: Raw[] = []
  const seen: string[] = []
  for (let i = 0; i < 6; i++) {
    raws.push(await openRaw(t, port))
    seen.push(await greeting(raws[i]!))
  }
  t.equal(seen.join(''), 'abcabc')
  t.same(proxy.upstream.nodes.map((node) => node.connections), [2, 2, 2])
  for (const raw of raws) raw.end()
  await quiet()
  t.same(proxy.upstream.nodes.map(({ dialled, failed }) => [dialled, failed]), [[2, 0], [2, 0], [2, 0]])
})

test('least connections goes where there are fewest', async (t) => {
  const nodes = [await startNamed(t, 'a'), await startNamed(t, 'b')]
  const { port, proxy } = await startProxy(t, { protocol: 'tcp', balance: 'least-connections', upstream: nodes.map((node) => node.address) })
  const dial = async (): Promise<[Raw, string]> => {
    const raw = await openRaw(t, port)
    return [raw, await greeting(raw)]
  }
  const first = [await dial(), await dial(), await dial(), await dial()]
  const onB = first.filter(([, name]) => name === 'b')
  t.equal(onB.length, 2)
  for (const [raw] of onB) raw.end()
  await eventually(() => proxy.upstream.nodes[1]!.connections === 0, () => 'still open')
  t.same([(await dial())[1], (await dial())[1]], ['b', 'b'])
})

test('a dead node is skipped', async (t) => {
  const alive = await startNamed(t, 'a')
  const dead = `127.0.0.1:${await closedPort()}`
  const { port, proxy, quiet, observations } = await startProxy(t, { protocol: 'tcp', upstream: [`dead=${dead}`, `alive=${alive.address}`] })
  for (let i = 0; i < 4; i++) {
    const raw = await openRaw(t, port)
    t.equal(await greeting(raw), 'a')
    t.match(proxy.connectionViews(), [{ node: 'alive' }])
    raw.end()
    await quiet()
  }
  t.match(proxy.snapshot().nodes, {
    dead: { dialled: 2, failed: 2, connections: 0 }, alive: { dialled: 4, failed: 0, connections: 0 }
  })
  t.same(observations.map((o) => [o.node, o.outcome]), Array(4).fill(['alive', 'complete']))
})

test('faults of a node that was skipped stay with it', async (t) => {
  const alive = await startEcho(t)
  const dead = `127.0.0.1:${await closedPort()}`
  const { port, fault, proxy } = await startProxy(t, { protocol: 'tcp', upstream: [`dead=${dead}`, `alive=${alive.address}`] })
  fault({ type: 'timeout', node: 'dead' })
  fault({ type: 'latency', latency: '50ms', node: 'alive' })
  const raw = await openRaw(t, port)
  const took = await echo(raw, 'hello')
  t.ok(took >= 50, `${took} ms`)
  t.match(proxy.connectionViews(), [{ node: 'alive', faults: ['latency-1'] }])
})

test('all nodes are dead: reset, and each is tried once', async (t) => {
  const upstream = [`a=127.0.0.1:${await closedPort()}`, `b=127.0.0.1:${await closedPort()}`]
  const { port, proxy, quiet, observations } = await startProxy(t, { upstream })
  for (let i = 0; i < 3; i++) {
    const raw = connectRaw(t, port)
    raw.send(get('/'))
    t.equal((await raw.closed).code, 'ECONNRESET')
  }
  await quiet()
  t.same(observations.map((o) => o.outcome), ['refused', 'refused', 'refused'])
  t.match(proxy.snapshot().nodes, { a: { dialled: 3, failed: 3 }, b: { dialled: 3, failed: 3 } })
})

test('nodes that swallow packets are given up at the deadline, which they share', async (t) => {
  const hole = await startBlackHole(t)
  const alive = await startNamed(t, 'a')
  const mixed = await startProxy(t, { protocol: 'tcp', 'connect-timeout': '400ms', upstream: [`hole=${hole}`, `alive=${alive.address}`] })
  const raw = await openRaw(t, mixed.port)
  const start = performance.now()
  t.equal(await greeting(raw), 'a')
  t.ok(performance.now() - start >= 150, 'after half of the time')
  t.match(mixed.proxy.snapshot().nodes, {
    hole: { dialled: 1, failed: 1, connections: 0 }, alive: { dialled: 1, connections: 1 }
  })

  const { port, quiet, observations } = await startProxy(t, { 'connect-timeout': '200ms', upstream: hole })
  const refused = connectRaw(t, port)
  refused.send(get('/'))
  t.equal((await refused.closed).code, 'ECONNRESET')
  await quiet()
  t.match(observations, [{ outcome: 'refused', path: '/' }])
  t.equal(observations.length, 1)
  t.ok(observations[0]!.endedAt - observations[0]!.startedAt >= 150)

  const gone = await openRaw(t, port)
  gone.end()
  await gone.closed
  await quiet()
  t.equal(observations.length, 2, 'a client that goes while the node is dialled')
})

// --- stream faults, as a client sees them ---

test('latency: later, never early, in the direction asked for', async (t) => {
  const node = await startEcho(t)
  const { port, fault, proxy, observations, quiet } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  const raw = await openRaw(t, port)
  for (const direction of ['upstream', 'downstream', 'both'] as const) {
    const wanted = direction === 'both' ? 100 : 50
    fault({ type: 'latency', id: direction, latency: '50ms', direction })
    const took = await echo(raw, 'hello')
    t.ok(took >= wanted, `${direction}: ${took} ms`)
    const { counters } = proxy.removeFault(direction)
    t.match(counters, { eligible: 1, injected: 1, delays: wanted / 50, delayRequested: wanted })
  }
  raw.end()
  await quiet()
  t.equal(observations.length, 1)
})

test('latency shifts a transfer and does not slow it', async (t) => {
  const node = await startUpstream(t, (socket) => { socket.resume().end(Buffer.alloc(4_000_000)) })
  const { port, fault } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  fault({ type: 'latency', latency: '100ms' })
  const raw = await openRaw(t, port)
  const start = performance.now()
  await raw.over
  const took = performance.now() - start
  t.equal(raw.bytes.length, 4_000_000)
  t.ok(took >= 95 && took < 5000, `${took} ms`)
})

test('latency is in what http exchanges are measured to take', async (t) => {
  const node = await startHttpUpstream(t, (_, response) => { response.end('hi') })
  const { proxy, fault, port, observed } = await startProxy(t, { upstream: node.address })
  const agent = new Agent()
  t.teardown(() => agent.close())
  fault({ type: 'latency', latency: '60ms' })
  for (let i = 0; i < 3; i++) {
    const { body } = await request(`http://127.0.0.1:${port}/`, { dispatcher: agent })
    t.equal(await body.text(), 'hi')
  }
  for (const { startedAt, endedAt, faults } of await observed(3)) {
    t.ok(endedAt - startedAt >= 60, `${endedAt - startedAt} ms`)
    t.same(faults, ['latency-1'])
  }
  t.equal(proxy.fault('latency-1').counters.delays >= 3, true)
})

test('bandwidth: the rate, and nothing at all', async (t) => {
  const size = 60_000
  const node = await startUpstream(t, (socket) => { socket.resume().end(Buffer.alloc(size)) })
  const { port, fault, proxy } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  fault({ type: 'bandwidth', rate: '100KB/s' })
  const raw = await openRaw(t, port)
  const start = performance.now()
  await raw.over
  const took = performance.now() - start
  t.equal(raw.bytes.length, size)
  t.ok(took >= 595 && took < 5000, `${took} ms for 0.6 s worth of bytes`)
  proxy.removeAllFaults()
  fault({ type: 'bandwidth', rate: 0 })
  const stuck = await openRaw(t, port)
  await sleep(100)
  t.equal(stuck.bytes.length, 0)
  proxy.removeFault('bandwidth-2')
  await stuck.over
  t.equal(stuck.bytes.length, size)
})

test('timeout: silence, until the fault goes', async (t) => {
  const node = await startHttpUpstream(t, (_, response) => { response.end('hi') })
  const { port, fault, proxy, observed } = await startProxy(t, { upstream: node.address })
  fault({ type: 'timeout' })
  const raw = await openRaw(t, port)
  raw.send(get('/', 'Connection: close\r\n')).end()
  await sleep(80)
  t.equal(raw.text, '')
  t.match(proxy.connectionViews(), [{ faults: ['timeout-1'] }])
  proxy.removeFault('timeout-1')
  await raw.closed
  t.ok(raw.text.endsWith('hi'), 'what was kept flows')
  await observed(1)
})

test('timeout with a time: reset when it is over', async (t) => {
  const node = await startEcho(t)
  const { port, fault, observations, quiet } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  fault({ type: 'timeout', timeout: '80ms' })
  const start = performance.now()
  const raw = connectRaw(t, port)
  raw.send('hello')
  t.equal((await raw.closed).code, 'ECONNRESET')
  const took = performance.now() - start
  t.ok(took >= 79 && took < 5000, `${took} ms`)
  t.equal(raw.text, '')
  await quiet()
  t.match(observations, [{ outcome: 'reset', faults: ['timeout-1'] }])
  t.equal(observations.length, 1)
})

test('reset-peer: new connections and open ones', async (t) => {
  let errors = 0
  const node = await startUpstream(t, (socket) => {
    socket.on('data', (chunk) => { socket.write(chunk) })
    socket.on('error', () => { errors++ })
  })
  const { port, fault, proxy, observations, quiet } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  const open = await openRaw(t, port)
  await echo(open, 'hello')
  fault({ type: 'reset-peer', after: '50ms' })
  const fresh = await openRaw(t, port)
  await echo(fresh, 'hello')
  t.equal((await open.closed).code, 'ECONNRESET')
  t.equal((await fresh.closed).code, 'ECONNRESET')
  await eventually(() => errors === 2, () => `the node saw ${errors} resets`)
  proxy.removeAllFaults()
  fault({ type: 'reset-peer' })
  const refused = connectRaw(t, port)
  t.equal((await refused.closed).code, 'ECONNRESET')
  await quiet()
  t.same(observations.map((o) => o.outcome), ['reset', 'reset', 'refused'])
  t.equal(node.sockets.length, 2, 'the last never reached the node')
})

test('reset-peer that is removed in time does nothing', async (t) => {
  const node = await startEcho(t)
  const { port, fault, proxy } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  const raw = await openRaw(t, port)
  await echo(raw, 'a')
  fault({ type: 'reset-peer', after: '60ms' })
  proxy.removeFault('reset-peer-1')
  await sleep(120)
  await echo(raw, 'b')
  t.pass('still open')
})

test('refuse: the whole proxy, on every protocol, once for each connection', async (t) => {
  const node = await startAnswering(t, () => ok('hi'))
  for (const protocol of ['tcp', 'http', 'auto'] as const) {
    const { port, fault, proxy, observations, quiet } = await startProxy(t, { protocol, upstream: node.address })
    const before = node.sockets.length
    fault({ type: 'refuse' })
    for (let i = 0; i < 3; i++) t.equal((await connectRaw(t, port).send(get('/')).closed).code, 'ECONNRESET')
    await quiet()
    t.equal(node.sockets.length, before, 'the node is not dialled')
    t.match(observations, Array(3).fill({ outcome: 'refused', faults: ['refuse-1'] }), protocol)
    t.equal(observations.length, 3)
    t.match(proxy.fault('refuse-1').counters, { eligible: 3, injected: 3 })
  }
})

test('refuse one node: its connections are reset, the others are left alone', async (t) => {
  const [a, b] = [await startEcho(t), await startEcho(t)]
  const { port, fault, proxy } = await startProxy(t, { protocol: 'tcp', upstream: [`a=${a.address}`, `b=${b.address}`] })
  const [onA, onB] = [await openRaw(t, port), await openRaw(t, port)]
  await echo(onA, 'x')
  await echo(onB, 'x')
  t.match(fault({ type: 'refuse', node: 'b' }).counters, { existing: { reset: 1 } })
  t.equal((await onB.closed).code, 'ECONNRESET')
  await echo(onA, 'y')
  const third = await openRaw(t, port)
  await echo(third, 'on a')
  t.equal((await connectRaw(t, port).closed).code, 'ECONNRESET', 'dealt to b')
  t.equal(b.sockets.length, 1)
  t.equal(proxy.connectionViews().length, 2)
})

test('share chooses connections; existing connections are affected, reset, drained or ignored', async (t) => {
  const node = await startEcho(t)
  const { port, fault, proxy, quiet } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  fault({ type: 'refuse', share: 0 })
  const raws = await Promise.all(Array.from({ length: 4 }, () => openRaw(t, port)))
  for (const raw of raws) await echo(raw, 'a')
  t.match(proxy.removeFault('refuse-1').counters, { eligible: 4, skipped: 4, injected: 0 })

  fault({ type: 'latency', latency: '50ms', existing: 'ignore' })
  await echo(raws[0]!, 'b')
  t.match(proxy.fault('latency-1').counters, { eligible: 0, delays: 0, existing: { ignore: 4 } }, 'ignored')
  const fresh = await openRaw(t, port)
  t.ok(await echo(fresh, 'b') >= 50, 'new')
  proxy.removeAllFaults()

  t.match(fault({ type: 'latency', latency: '50ms', existing: 'drain', mode: 'shadow' }).counters, { injected: 5, existing: { drain: 0, affect: 0 } })
  await echo(fresh, 'still here')
  proxy.removeAllFaults()

  fault({ type: 'latency', latency: '50ms', existing: 'drain' })
  for (const raw of raws) {
    t.same(await raw.over, { ended: true, code: null })
    raw.end()
  }
  fresh.end()
  await quiet()
  proxy.removeAllFaults()
  const last = await openRaw(t, port)
  await echo(last, 'c')
  t.match(fault({ type: 'latency', latency: '50ms', existing: 'reset' }).counters, { existing: { reset: 1 } })
  t.equal((await last.closed).code, 'ECONNRESET')
})

test('a share of connections is about that share, and what was drawn is kept', async (t) => {
  const node = await startEcho(t)
  const { port, fault, proxy } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  fault({ type: 'latency', latency: '40ms', share: 0.5 })
  const raws: Raw[] = []
  for (let i = 0; i < 20; i++) raws.push(await openRaw(t, port))
  const slow = proxy.connectionViews().map((view) => view.faults.length === 1)
  t.equal(slow.filter(Boolean).length, proxy.fault('latency-1').counters.injected)
  t.ok(slow.includes(true) && slow.includes(false))
  for (const text of ['a', 'b']) {
    const took = await Promise.all(raws.map((raw) => echo(raw, text)))
    t.ok(took.every((ms, i) => !slow[i] || ms >= 40), 'the slow ones stay slow')
  }
  t.equal(proxy.fault('latency-1').counters.delays, 2 * slow.filter(Boolean).length, 'and no other is')
})
