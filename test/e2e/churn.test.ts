import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'tap'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import { eventually, startProxy } from '../helpers/proxy.ts'
import { openRaw } from '../helpers/raw.ts'
import { startUpstream } from '../helpers/upstream.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('10 MB under 100 ms of latency come about 100 ms later, whole, and no more of them wait than may', async (t) => {
  const size = 10_000_000
  const payload = Buffer.alloc(size, 'premortem')
  const node = await startUpstream(t, (socket) => {
    socket.once('data', () => { socket.end(payload) })
  })
  const { port, fault, proxy } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  const fetch = async (): Promise<{ took: number, digest: string, bytes: number }> => {
    const raw = connect({ port, host: '127.0.0.1' })
    const hash = createHash('sha256')
    let bytes = 0
    const start = performance.now()
    raw.write('x')
    for await (const chunk of raw) {
      hash.update(chunk as Buffer)
      bytes += (chunk as Buffer).length
    }
    return { took: performance.now() - start, digest: hash.digest('hex'), bytes }
  }
  const wanted = createHash('sha256').update(payload).digest('hex')
  const idle: number[] = []
  const slow: number[] = []
  for (let i = 0; i < 5; i++) {
    const plain = await fetch()
    const { id } = fault({ type: 'latency', latency: '100ms' })
    const delayed = await fetch()
    proxy.removeFault(id)
    t.same([plain.digest, delayed.digest, delayed.bytes], [wanted, wanted, size])
    idle.push(plain.took)
    slow.push(delayed.took)
  }
  const best = (all: number[]): number => Math.min(...all)
  t.ok(best(slow) >= 100, `${best(slow)} ms`)
  // Each of some 160 chunks waits its 100 ms; if waits added up it would be 16 s. The rest is what busy machines cost.
  t.ok(best(slow) - best(idle) < 300, `${best(slow)} ms against ${best(idle)} ms`)
})

test('faults come, change and go a thousand times under 64 connections: no byte is lost, nothing is left', async (t) => {
  const node = await startUpstream(t, (socket) => {
    socket.on('data', (chunk) => { socket.write(chunk) })
    socket.on('end', () => { socket.end() })
  })
  const { port, fault, proxy, quiet } = await startProxy(t, { protocol: 'tcp', upstream: node.address })
  const churn = { over: false }
  // Each sends numbered lines and reads its echo; a lost, doubled or swapped byte breaks the sequence.
  const clients = await Promise.all(Array.from({ length: 64 }, async (_, n) => {
    const raw = await openRaw(t, port)
    let sent = 0
    let echoed = ''
    const talk = async (): Promise<void> => {
      while (!churn.over) {
        const line = `${n}:${sent++};${'x'.repeat((sent * 7919) % 3000)}\n`
        raw.send(line)
        echoed = await raw.take((text) => text.length >= line.length)
        if (echoed !== line) throw new Error(`connection ${n}: ${JSON.stringify(echoed.slice(0, 60))} in place of ${JSON.stringify(line.slice(0, 60))}`)
      }
    }
    return { raw, done: talk() }
  }))
  const SPECS: FaultSpec[] = [
    { type: 'latency', latency: '2ms', jitter: '1ms', direction: 'both' }, { type: 'bandwidth', rate: '20MB/s', direction: 'both' },
    { type: 'slicer', size: 100, variation: 50 }, { type: 'timeout', direction: 'downstream' }, { type: 'stall', loss: '5%', rto: '3ms' },
    { type: 'bandwidth', rate: '50MB/s', scope: 'proxy' }, { type: 'slow-close', delay: '5ms' }, { type: 'limit-time', time: '1h' }
  ]
  const heap = (): number => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  let before = 0
  for (let i = 0; i < 1000; i++) {
    const spec = SPECS[i % SPECS.length]!
    const { id } = fault({ ...spec, share: (i % 3 + 1) / 3 })
    if (i % 2 === 0) await new Promise((resolve) => { setImmediate(resolve) })
    proxy.changeFault(id, { share: 1 })
    if (i % 5 === 0) await new Promise((resolve) => { setTimeout(resolve, 1) })
    proxy.removeFault(id)
    if (i === 200) before = heap()
  }
  churn.over = true
  await Promise.all(clients.map(({ done }) => done))
  const after = heap()
  t.ok(after < before * 1.25 + 4e6, `heap ${before} before, ${after} after`)
  for (const { raw } of clients) raw.end()
  await quiet()
  await eventually(() => node.sockets.every((socket) => socket.closed), () => 'a node\'s connection stays open')
  t.same(proxy.faultViews(), [])
})
