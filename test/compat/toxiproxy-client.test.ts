import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { Proxy, Toxic, Toxiproxy } from 'toxiproxy-node-client'
import { closedPort, startUpstream } from '../helpers/upstream.ts'
import { openRaw } from '../helpers/raw.ts'
import type { Raw } from '../helpers/raw.ts'
import { launch, until } from '../helpers/sidecar.ts'
import { hasTools } from '../helpers/tools.ts'
import { USUAL, hasPorts, portOf, refusal, startServer } from './server.ts'

type Methods = Record<string, (...args: unknown[]) => unknown>

/** Every method of the client's published classes, and how often each was called from now on. */
function countCalls (): Map<string, number> {
  const counts = new Map<string, number>()
  for (const type of [Toxiproxy, Proxy, Toxic]) {
    const methods = type.prototype as unknown as Methods
    for (const name of Object.getOwnPropertyNames(methods).filter((key) => key !== 'constructor')) {
      const key = `${type.name}.${name}`
      const original = methods[name]!
      counts.set(key, 0)
      methods[name] = function (this: unknown, ...args: unknown[]) {
        counts.set(key, counts.get(key)! + 1)
        return original.apply(this, args)
      }
    }
  }
  return counts
}

const status = (code: number) => ({ message: `Request failed with status code ${code}` })

test('every method of toxiproxy-node-client, against the real binary where the client looks for it', async (t) => {
  if (!await hasPorts(t, 8474)) return
  await startServer(t, '127.0.0.1:8474')
  const calls = countCalls()
  t.ok(calls.size > 15)
  const upstream = await startUpstream(t, (socket) => { socket.pipe(socket) })
  const toxiproxy = new Toxiproxy(USUAL)
  t.equal(typeof toxiproxy.getApi().post, 'function')
  t.strictSame((await toxiproxy.getVersion() as unknown as { data: unknown }).data, { version: '2.12.0' })
  t.strictSame(await toxiproxy.getAll(), {})

  const body = { name: 'redis', listen: 'localhost:0', upstream: upstream.address }
  const proxy = await toxiproxy.createProxy(body)
  t.match(proxy, { name: 'redis', listen: /^127\.0\.0\.1:\d+$/, upstream: upstream.address, enabled: true })
  await t.rejects(toxiproxy.createProxy(body), status(409))
  t.equal(proxy.getToxiproxy(), toxiproxy)
  t.equal(proxy.getHost(), USUAL)
  t.equal(proxy.getPath(), `${USUAL}/proxies/redis`)
  t.strictSame(proxy.toJson(), { name: 'redis', listen: proxy.listen, upstream: upstream.address, enabled: true })
  t.strictSame((await toxiproxy.get('redis')).toJson(), proxy.toJson())
  await t.rejects(toxiproxy.get('none'), status(404))

  const port = portOf(proxy.listen)
  const raw = await openRaw(t, port)
  t.equal(await raw.send('ping').take((text) => text === 'ping'), 'ping')
  const down = await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream })
  t.equal(down.enabled, false)
  t.equal(await refusal(port), 'ECONNREFUSED')
  t.equal((await raw.closed).code, 'ECONNRESET')
  t.strictSame((await proxy.update({ enabled: true, listen: proxy.listen, upstream: proxy.upstream })).toJson(), proxy.toJson())
  t.equal(await refusal(port), null)
  t.equal((await proxy.update({ enabled: true, listen: proxy.listen, upstream: 'somehost:12345' })).upstream, 'somehost:12345', 'an upstream is not looked up')

  const all: [type: string, attributes: object, all?: object][] = [
    ['latency', { latency: 1000, jitter: 100 }], ['bandwidth', { rate: 1000 }], ['slow_close', { delay: 1000 }], ['timeout', { timeout: 1000 }],
    ['reset_peer', { timeout: 1000 }], ['slicer', { average_size: 1000, delay: 1000, size_variation: 1000 }], ['limit_data', { bytes: 1024 }], ['noop', {}]
  ]
  for (const [type, attributes] of all) {
    const toxic = await proxy.addToxic({ name: `my:${type}`, type, stream: 'upstream', toxicity: 0.5, attributes } as never)
    t.strictSame(toxic.toJson(), { attributes, name: `my:${type}`, stream: 'upstream', toxicity: 0.5, type } as never)
    await t.rejects(proxy.addToxic({ name: `my:${type}`, type, attributes } as never), status(409))
  }
  await t.rejects(proxy.addToxic({ type: 'down', attributes: {} } as never), status(400))
  const latency = await proxy.getToxic('my:latency')
  t.equal(latency.getPath(), `${USUAL}/proxies/redis/toxics/my:latency`)
  t.match(await latency.update({ name: latency.name, type: 'latency', stream: 'upstream', toxicity: 0.5, attributes: { latency: 5 } } as never), { attributes: { latency: 5, jitter: 100 } })
  await latency.remove()
  await t.rejects(proxy.getToxic('my:latency'), status(404))
  await t.rejects(latency.remove(), status(404))

  const { b, redis } = await toxiproxy.populate([{ name: 'redis', listen: proxy.listen, upstream: 'somehost:12345' }, { name: 'b', listen: 'localhost:0', upstream: upstream.address, enabled: false } as never])
  t.equal(b!.enabled, false)
  await t.resolves(redis!.getToxic('my:noop'), 'what is the same was left alone')
  await toxiproxy.reset()
  t.equal((await toxiproxy.get('b')).enabled, true)
  await t.rejects(redis!.getToxic('my:noop'), status(404))
  t.strictSame(Object.keys(await toxiproxy.getAll()), ['b', 'redis'])
  t.strictSame(await toxiproxy.populate([]), {})
  for (const found of Object.values(await toxiproxy.getAll())) await found.remove()
  t.strictSame(await toxiproxy.getAll(), {})
  await t.rejects(proxy.remove(), status(404))

  t.strictSame([...calls].filter(([, count]) => count === 0).map(([name]) => name), [], 'every method was called')
})

/** Asks Redis and returns the answer and how long it took, in milliseconds. */
async function ask (redis: Raw, command: string): Promise<{ answer: string, ms: number }> {
  const before = performance.now()
  const answer = await redis.send(`${command}\r\n`).take((text) => text.endsWith('\r\n'))
  return { answer: answer.trim(), ms: performance.now() - before }
}

test('a real Redis behind it: slow, cut off, down and up again', async (t) => {
  if (!hasTools(t, 'redis-server')) return
  const port = await closedPort()
  launch(t, 'redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', t.testdir({})])
  await until(async () => await refusal(port) === null)
  const toxiproxy = new Toxiproxy((await startServer(t)).url)
  const proxy = await toxiproxy.createProxy({ name: 'redis', listen: 'localhost:0', upstream: `localhost:${port}` })
  const redis = await openRaw(t, portOf(proxy.listen))
  t.equal((await ask(redis, 'SET key value')).answer, '+OK')

  const latency = await proxy.addToxic({ type: 'latency', attributes: { latency: 100, jitter: 0 } } as never)
  const slow = await ask(redis, 'GET key')
  t.equal(slow.answer, '$5\r\nvalue')
  t.ok(slow.ms >= 99.9, `took ${slow.ms} ms`)
  await latency.remove()
  t.equal((await ask(redis, 'PING')).answer, '+PONG')

  const cut = await proxy.addToxic({ type: 'bandwidth', stream: 'upstream', name: 'cut', attributes: { rate: 0 } } as never)
  redis.send('INCR counter\r\n')
  const beside = await openRaw(t, port)
  t.equal((await ask(beside, 'GET counter')).answer, '$-1', 'Redis has not seen it')
  await cut.remove()
  t.equal(await redis.take((text) => text.endsWith('\r\n')), ':1\r\n', 'and gets it when the way is free')

  await proxy.update({ enabled: false } as never)
  t.equal((await redis.closed).code, 'ECONNRESET')
  t.equal(await refusal(portOf(proxy.listen)), 'ECONNREFUSED')
  await toxiproxy.reset()
  t.equal((await ask(await openRaw(t, portOf(proxy.listen)), 'GET counter')).answer, '$1\r\n1')
})

test('a port that somebody else has is said as Go says it', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`
  const server = await startServer(t)
  t.match(await server.call('POST', '/proxies', { name: 'a', listen: address, upstream: 'b:1' }), {
    status: 500, json: { error: `listen tcp ${address}: bind: address already in use`, status: 500 }
  })
})
