import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { eventually, startProxy } from '../helpers/proxy.ts'
import { connectRaw, openRaw } from '../helpers/raw.ts'
import type { Raw } from '../helpers/raw.ts'
import { startUpstream } from '../helpers/upstream.ts'

// Those that toxics are made of are measured in test/compat/toxics.test.ts.

/** A tcp proxy before an echo server. */
async function setUp (t: Test, spec?: { 'connect-timeout': string }) {
  const node = await startUpstream(t, (socket) => { socket.pipe(socket) })
  const proxy = await startProxy(t, { protocol: 'tcp', upstream: node.address, ...spec })
  return { ...proxy, node }
}

async function echo (raw: Raw, text: string): Promise<number> {
  const start = performance.now()
  raw.send(text)
  const got = await raw.take((found) => found.length >= text.length)
  if (got !== text) throw new Error(`${JSON.stringify(got)} in place of ${JSON.stringify(text)}`)
  return performance.now() - start
}

test('slow-accept: a new connection is neither read nor dialled before, an open one is left alone', async (t) => {
  const { port, fault, proxy, node } = await setUp(t)
  const open = await openRaw(t, port)
  await echo(open, 'a')
  const { id } = fault({ type: 'slow-accept', delay: '150ms' })
  t.ok(await echo(open, 'b') < 140)
  const fresh = await openRaw(t, port)
  fresh.send('x')
  await sleep(50)
  t.equal(node.sockets.length, 1, 'not dialled yet')
  const start = performance.now()
  await fresh.take((text) => text === 'x')
  t.ok(performance.now() - start > 60)
  t.ok(await echo(fresh, 'y') < 140, 'once')
  t.match(proxy.fault(id), { counters: { injected: 1, existing: { ignore: 1 }, delays: 1 } })
  const waiting = await openRaw(t, port)
  waiting.send('z')
  await eventually(() => proxy.fault(id).counters.injected === 2, () => 'not accepted')
  proxy.removeFault(id)
  await waiting.take((text) => text === 'z')
})

test('connect-delay: the dial is late, and fails when that is later than it may be', async (t) => {
  const { port, fault, proxy, node } = await setUp(t, { 'connect-timeout': '300ms' })
  const { id } = fault({ type: 'connect-delay', delay: '120ms' })
  const start = performance.now()
  const raw = await openRaw(t, port)
  await echo(raw, 'a')
  t.ok(performance.now() - start >= 120)
  proxy.changeFault(id, { delay: '1m' })
  const late = performance.now()
  const refused = await openRaw(t, port)
  t.equal((await refused.closed).code, 'ECONNRESET')
  t.ok(performance.now() - late >= 300 && performance.now() - late < 5000)
  t.equal(node.sockets.length, 1)
})

test('limit-time: the end comes with age, whatever the traffic', async (t) => {
  const { port, fault } = await setUp(t)
  const old = await openRaw(t, port)
  await echo(old, 'a')
  await sleep(120)
  fault({ type: 'limit-time', time: '100ms' })
  t.same(await old.over, { ended: true, code: null }, 'too old already')
  const start = performance.now()
  const busy = await openRaw(t, port)
  const talking = setInterval(() => { busy.send('x') }, 10)
  await busy.over
  clearInterval(talking)
  t.ok(performance.now() - start >= 95)
})

test('half-open: one end is reset, the other is told when the fault goes', async (t) => {
  for (const keep of ['client', 'node'] as const) {
    const { port, fault, proxy, node, quiet } = await setUp(t)
    const raw = await openRaw(t, port)
    await echo(raw, 'a')
    fault({ type: 'half-open', keep })
    const lost = keep === 'client' ? node.sockets[0]! : raw.socket
    const kept = keep === 'client' ? raw.socket : node.sockets[0]!
    await eventually(() => lost.closed, () => 'the lost end is open')
    kept.write('into the void')
    await sleep(50)
    t.equal(kept.readyState, 'open', `${keep} is not told`)
    t.match(proxy.connectionViews(), [{ state: /half-open/ }])
    proxy.removeAllFaults()
    await eventually(() => kept.closed, () => 'the kept end is open')
    await quiet()
  }
})

test('half-open ends when whoever was kept gives up', async (t) => {
  for (const giveUp of ['end', 'destroy'] as const) {
    const { port, fault, quiet, observed } = await setUp(t)
    const raw = await openRaw(t, port)
    await echo(raw, 'a')
    fault({ type: 'half-open' })
    raw.socket[giveUp]()
    t.match(await observed(1), [{ kind: 'connection', outcome: 'reset', faults: ['half-open-1'] }])
    await quiet()
  }
})

test('corrupt: as many bytes, single bits of them flipped, in no more places than asked for', async (t) => {
  const { port, fault } = await setUp(t)
  fault({ type: 'corrupt', 'one-in': 1000 })
  const raw = await openRaw(t, port)
  const sent = Buffer.alloc(200_000, 'a')
  raw.send(sent)
  const got = Buffer.from(await raw.take((text) => text.length >= sent.length), 'latin1')
  t.equal(got.length, sent.length)
  const flipped = [...got].map((byte, i) => byte ^ sent[i]!).filter((bits) => bits !== 0)
  t.ok(flipped.every((bits) => (bits & (bits - 1)) === 0), 'one bit each')
  // 200 on average; six standard deviations either side.
  t.ok(flipped.length > 115 && flipped.length < 285, `${flipped.length}`)
})

test('stall: some chunks wait a retransmission timeout or more, the others do not', async (t) => {
  const { port, fault, proxy } = await setUp(t)
  const { id } = fault({ type: 'stall', loss: '30%', rto: '40ms' })
  const raw = await openRaw(t, port)
  let stalled = 0
  for (let i = 0; i < 40; i++) if (await echo(raw, 'x') >= 40) stalled++
  t.ok(stalled >= 3 && stalled <= 30, `${stalled} of 40`)
  t.ok(proxy.fault(id).delays!.requested.p50 >= 39)
})

test('bandwidth shared by all connections of a proxy', async (t) => {
  const { port, fault } = await setUp(t)
  fault({ type: 'bandwidth', rate: '200KB/s', scope: 'proxy' })
  const raws = await Promise.all(Array.from({ length: 4 }, () => openRaw(t, port)))
  const start = performance.now()
  await Promise.all(raws.map(async (raw) => {
    raw.send(Buffer.alloc(25_000, 'x'))
    await raw.take((text) => text.length >= 25_000)
  }))
  const took = performance.now() - start
  t.ok(took >= 490 && took < 900, `100 KB at 200 KB/s in ${took} ms`)
})

test('refuse: new connections are turned away, and open ones go with the node', async (t) => {
  const { port, fault, node } = await setUp(t)
  const raw = await openRaw(t, port)
  await echo(raw, 'a')
  fault({ type: 'refuse' })
  t.equal((await raw.closed).code, 'ECONNRESET')
  t.equal((await connectRaw(t, port).closed).code, 'ECONNRESET')
  t.equal(node.sockets.length, 1)
})
