import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { createRandom } from '../../src/kernel/random.ts'
import type { Random } from '../../src/kernel/random.ts'
import { eventually, startProxy } from '../helpers/proxy.ts'
import { connectRaw, openRaw } from '../helpers/raw.ts'
import { closedPort, startUpstream } from '../helpers/upstream.ts'

/** A random stream of bytes, cut into random chunks. */
interface Stream { chunks: Buffer[], bytes: number, digest: string }

function randomStream (random: Random, pool: Buffer): Stream {
  // Most are small; one in ten may have 8 MB.
  const bytes = random.integer(0, random.next() < 0.1 ? 8_000_000 : random.next() < 0.5 ? 200 : 60_000)
  const start = random.integer(0, pool.length - bytes - 1)
  const all = pool.subarray(start, start + bytes)
  const chunks: Buffer[] = []
  const largest = [1, 100, 5000, 70_000, 1_000_000].filter((size) => bytes / size < 2000)
  const most = largest[random.integer(0, largest.length - 1)] ?? 8_000_000
  for (let at = 0; at < bytes;) {
    const length = Math.min(bytes - at, random.integer(1, most))
    chunks.push(all.subarray(at, at + length))
    at += length
  }
  return { chunks, bytes, digest: createHash('sha256').update(all).digest('hex') }
}

async function send (socket: Socket, stream: Stream, random: Random): Promise<void> {
  for (const chunk of stream.chunks) {
    if (!socket.write(chunk)) await new Promise((resolve) => { socket.once('drain', resolve) })
    if (random.next() < 0.02) await sleep(0)
  }
  socket.end()
}

/** What came until FIN. */
function receive (socket: Socket): Promise<{ bytes: number, digest: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      hash.update(chunk)
      bytes += chunk.length
    })
    socket.on('end', () => { resolve({ bytes, digest: hash.digest('hex') }) })
    socket.on('error', reject)
  })
}

async function crossUnchanged (t: Test, protocol: 'tcp' | 'auto', streams: number): Promise<void> {
  const random = createRandom(20_260_101)
  const pool = Buffer.alloc(9_000_000)
  for (let i = 0; i < pool.length; i += 4) pool.writeInt32LE(random.integer(-2147483648, 2147483647), i)
  const waiting: ((socket: Socket) => void)[] = []
  const upstream = await startUpstream(t, (socket) => { waiting.shift()!(socket) })
  const { proxy, port, quiet, observations } = await startProxy(t, { protocol, upstream: upstream.address })

  for (let i = 0; i < streams; i++) {
    const [up, down] = [randomStream(random, pool), randomStream(random, pool)]
    const accepted = new Promise<Socket>((resolve) => { waiting.push(resolve) })
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const fromNode = receive(client)
    const node = await accepted
    const fromClient = receive(node)
    // Who ends first, and when the other begins, is random: half of them speak only after the other's FIN.
    const [first, second, firstStream, secondStream, firstEnd] = random.next() < 0.5
      ? [client, node, up, down, fromClient] as const
      : [node, client, down, up, fromNode] as const
    const sent = send(first, firstStream, random)
    if (random.next() < 0.5) await firstEnd
    await Promise.all([sent, send(second, secondStream, random)])
    const [gotDown, gotUp] = await Promise.all([fromNode, fromClient])
    const same = gotDown.digest === down.digest && gotUp.digest === up.digest
    if (!same) t.fail(`stream ${i}: ${up.bytes} up became ${gotUp.bytes}, ${down.bytes} down became ${gotDown.bytes}`)
  }
  await quiet()
  t.equal(proxy.recorder.totals.connections, streams, 'each is counted once')
  if (protocol === 'tcp') t.same(observations.map((o) => o.outcome), Array(streams).fill('complete'))
  else t.equal(proxy.counts.opaque, streams)
}

test('100 random byte streams in both directions cross a tcp proxy unchanged', { timeout: 60_000 }, async (t) => {
  await crossUnchanged(t, 'tcp', 100)
})

test('100 random byte streams cross an auto proxy unchanged', { timeout: 60_000 }, async (t) => {
  await crossUnchanged(t, 'auto', 100)
})

test('a server that speaks first is heard', async (t) => {
  const upstream = await startUpstream(t, (socket) => { socket.end('220 hello\r\n') })
  for (const protocol of ['tcp', 'auto'] as const) {
    const { port, quiet } = await startProxy(t, { protocol, upstream: upstream.address })
    const raw = await openRaw(t, port)
    await raw.over
    t.equal(raw.text, '220 hello\r\n')
    raw.end()
    await quiet()
  }
})

test('each side may end first and still be answered', async (t) => {
  const upstream = await startUpstream(t, (socket) => {
    let got = ''
    socket.on('data', (chunk) => { got += chunk.toString() })
    socket.on('end', () => { socket.end(`got ${got}`) })
  })
  const { port, quiet, observations } = await startProxy(t, { protocol: 'tcp', upstream: upstream.address })
  const raw = await openRaw(t, port)
  raw.send('question').end()
  t.same(await raw.closed, { ended: true, code: null })
  t.equal(raw.text, 'got question')
  await quiet()
  t.match(observations, [{ kind: 'connection', outcome: 'complete', bytesIn: 8, bytesOut: 12 }])
  t.equal(observations.length, 1)
})

test('one connection in is one connection out', async (t) => {
  const upstream = await startUpstream(t, (socket) => { socket.resume().on('end', () => { socket.end() }) })
  const { port, quiet } = await startProxy(t, { protocol: 'tcp', upstream: upstream.address })
  const raws = await Promise.all(Array.from({ length: 20 }, () => openRaw(t, port)))
  await eventually(() => upstream.sockets.length === 20, () => `${upstream.sockets.length}`)
  for (const raw of raws) raw.end()
  await quiet()
  t.equal(upstream.sockets.length, 20)
})

test('RST on one side is RST on the other', async (t) => {
  const codes: (string | undefined)[] = []
  const upstream = await startUpstream(t, (socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => { codes.push(error.code) })
    socket.on('data', (chunk) => { if (chunk.toString() === 'die') socket.resetAndDestroy() })
  })
  const { port, quiet, observations } = await startProxy(t, { protocol: 'tcp', upstream: upstream.address })
  const one = await openRaw(t, port)
  one.send('die')
  t.equal((await one.closed).code, 'ECONNRESET')
  const two = await openRaw(t, port)
  await eventually(() => upstream.sockets.length === 2, () => 'no second connection')
  two.socket.resetAndDestroy()
  await eventually(() => codes.length === 1, () => 'the node saw nothing')
  t.same(codes, ['ECONNRESET'])
  await quiet()
  t.same(observations.map((o) => o.outcome), ['reset', 'client-gone'])
})

test('a client that never reads stops the node; memory stays bounded', async (t) => {
  let taken = 0
  const chunk = Buffer.alloc(64 * 1024)
  const upstream = await startUpstream(t, (socket) => {
    const more = (): void => {
      do taken += chunk.length
      while (socket.write(chunk))
    }
    socket.on('drain', more)
    more()
  })
  const { port, proxy } = await startProxy(t, { protocol: 'tcp', upstream: upstream.address })
  const raw = await openRaw(t, port)
  raw.socket.pause()
  let before = -1
  await eventually(() => {
    const still = taken === before
    before = taken
    return still && taken > 0
  }, () => `the node goes on writing: ${taken}`)
  // What the proxy took is in the kernel's buffers, but for one chunk.
  const passed = proxy.connectionViews()[0]!.bytesOut
  t.ok(passed < 32e6, `${passed} bytes passed`)
  raw.socket.resume()
  await eventually(() => taken > before + 10e6, () => 'it did not go on when the client read again')
})

test('a slow reader gets all of it, however long after the node has ended', { timeout: 20_000 }, async (t) => {
  const size = 1_500_000
  const upstream = await startUpstream(t, (socket) => { socket.resume().end(Buffer.alloc(size, 'x')) })
  const { port, quiet } = await startProxy(t, { protocol: 'tcp', upstream: upstream.address })
  const raw = await openRaw(t, port)
  raw.socket.pause()
  raw.end()
  await sleep(6500)
  raw.socket.resume()
  t.same(await raw.closed, { ended: true, code: null })
  t.equal(raw.bytes.length, size)
  await quiet()
})

test('no node: the client is reset, and it counts once', async (t) => {
  const { port, quiet, observations } = await startProxy(t, { protocol: 'tcp', upstream: `127.0.0.1:${await closedPort()}` })
  const raw = connectRaw(t, port)
  t.equal((await raw.closed).code, 'ECONNRESET')
  await quiet()
  t.match(observations, [{ kind: 'connection', outcome: 'refused' }])
  t.equal(observations.length, 1)
})

test('what an auto proxy takes for opaque is reset if there is no node', async (t) => {
  const { port, quiet, proxy, fault } = await startProxy(t, { protocol: 'auto', upstream: `127.0.0.1:${await closedPort()}` })
  // An http fault may answer without a node, so the proxy has to wait for the first bytes.
  fault({ type: 'status' })
  const raw = await openRaw(t, port)
  await eventually(() => proxy.snapshot().nodes[proxy.upstream.nodes[0]!.name]!.failed === 1, () => 'no dial')
  raw.send('\0\x01 something')
  t.equal((await raw.closed).code, 'ECONNRESET')
  await quiet()
})
