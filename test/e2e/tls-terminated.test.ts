import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { test } from 'tap'
import type { Test } from 'tap'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import { startProxy } from '../helpers/proxy.ts'
import type { TestProxy } from '../helpers/proxy.ts'
import { startHttpUpstream } from '../helpers/upstream.ts'

// What faults do to bytes and messages they do to what is within TLS: a client sees the same as in the clear.

const BODY = JSON.stringify({ price: 5, name: 'x'.repeat(20_000) })

/** Of faults that end a connection after a time: an answer that does not end by itself. */
const HELD = { path: '/held' }

const FAULTS: readonly (FaultSpec & { path?: string })[] = [
  { type: 'delay', delay: '30ms' },
  { type: 'delay', delay: '30ms', at: 'chunk' },
  { type: 'status', status: 503, body: 'no', headers: { 'x-a': '1' } },
  { type: 'status', status: 500, when: 'after' },
  { type: 'abort' },
  { type: 'abort', how: 'close' },
  { type: 'abort', when: 'mid-body' },
  { type: 'empty-reply' },
  { type: 'hang' },
  { type: 'truncate', fraction: '25%' },
  { type: 'slow-body', size: '8KB', gap: '20ms' },
  { type: 'corrupt-body', 'one-in': '100B' },
  { type: 'body', merge: { price: null, currency: 'XXX' } },
  { type: 'header', of: 'response', set: { 'x-b': '2' }, remove: ['x-from'] },
  { type: 'bad-framing', kind: 'garbage' },
  { type: 'redirect-loop', status: 307 },
  { type: 'connection-close' },
  { type: 'latency', latency: '30ms' },
  { type: 'bandwidth', rate: '200KB/s' },
  { type: 'slicer', size: '5KB', delay: '5ms' },
  { type: 'limit-data', bytes: '10KB' },
  { type: 'limit-time', time: '800ms', ...HELD },
  { type: 'slow-close', delay: '50ms' },
  { type: 'timeout' },
  { type: 'timeout', timeout: '800ms', ...HELD },
  { type: 'reset-peer' },
  { type: 'reset-peer', after: '800ms', ...HELD },
  { type: 'refuse' },
  { type: 'slow-accept', delay: '30ms' },
  { type: 'connect-delay', delay: '30ms' },
  { type: 'half-open' },
  { type: 'stall', loss: '50%' }
]

/** What a client saw of one request. */
interface Seen { status: number, headers: Record<string, unknown>, body: string, length: number, code: string }

const ask = (port: number, ca: string | undefined, path = '/', lenient = false): Promise<Seen> => new Promise((resolve) => {
  const seen: Seen = { status: 0, headers: {}, body: '', length: 0, code: '' }
  const hash = createHash('sha256')
  const over = (code = ''): void => { resolve({ ...seen, body: hash.copy().digest('hex'), code }) }
  const fail = (error: NodeJS.ErrnoException): void => { over(error.name === 'AbortError' ? 'timeout' : error.code ?? error.message) }
  const plain = ca === undefined && !lenient
  const agent = plain ? undefined : new Agent({ ca, maxCachedSessions: 0, rejectUnauthorized: !lenient })
  const options = { host: plain ? '127.0.0.1' : 'localhost', port, path, agent, signal: AbortSignal.timeout(2500) }
  const take = (response: IncomingMessage): void => {
    const { date: _, ...headers } = response.headers
    Object.assign(seen, { status: response.statusCode, headers })
    response.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      seen.length += chunk.length
    })
    response.on('end', () => { over() }).on('error', fail)
  }
  const request = plain ? httpRequest({ ...options, agent: false }, take) : httpsRequest(options, take)
  request.on('error', fail).end()
})

const answer: RequestListener = ({ url }, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length, 'x-from': 'node' })
  if (url === HELD.path) response.write(BODY.slice(1))
  else response.end(BODY)
}

interface Pair { name: string, proxy: TestProxy, ca: string | undefined }

async function proxies (t: Test): Promise<Pair[]> {
  const node = await startHttpUpstream(t, answer)
  const plain = await startProxy(t, { upstream: node.address, protocol: 'http' })
  const terminated = await startProxy(t, { upstream: node.address, protocol: 'http', tls: { terminate: 'ca', names: ['localhost'] } })
  const auto = await startProxy(t, { upstream: node.address, protocol: 'auto', tls: { terminate: 'ca', names: ['localhost'] } })
  return [
    { name: 'plain', proxy: plain, ca: undefined },
    { name: 'terminated', proxy: terminated, ca: await terminated.ca() },
    { name: 'terminated, auto', proxy: auto, ca: await auto.ca() }
  ]
}

// A few at a time: most of it is waiting.
for (let from = 0; from < FAULTS.length; from += 8) {
  const some = FAULTS.slice(from, from + 8)
  test(`the same behind TLS as in the clear: ${some.map(({ type }) => type).join(', ')}`, async (t) => {
    await Promise.all(some.map(async ({ path, ...spec }) => {
      const name = JSON.stringify(spec)
      const all = await proxies(t)
      const seen = await Promise.all(all.map(async ({ proxy, ca }) => {
        proxy.fault({ ...spec, seed: 5 })
        return await ask(proxy.port, ca, path)
      }))
      const counters = all.map(({ proxy: { proxy } }) => {
        const { eligible, injected, unfit } = proxy.faultViews()[0]!.counters
        return { eligible, injected, unfit }
      })
      for (const [i, { name: other }] of all.entries()) {
        t.strictSame(seen[i], seen[0], `${name}, ${other}: what the client saw`)
        t.strictSame(counters[i], counters[0], `${name}, ${other}: what was counted`)
      }
    }))
  })
}

test('a client that does not verify takes a certificate with a flaw, and is served by a node in the clear', async (t) => {
  const [, { proxy, ca }] = await proxies(t) as [Pair, Pair]
  const strict = await ask(proxy.port, ca)
  proxy.fault({ type: 'tls/self-signed' })
  t.equal((await ask(proxy.port, ca)).code, 'DEPTH_ZERO_SELF_SIGNED_CERT')
  t.strictSame(await ask(proxy.port, undefined, '/', true), strict)
})

test('reset under TLS is a real RST, which the client\'s socket itself reports', async (t) => {
  for (const spec of [{ type: 'reset-peer', after: '50ms' }, { type: 'abort', how: 'reset', when: 'mid-body' }, { type: 'abort', how: 'reset' }]) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const [, { proxy, ca }] = await proxies(t) as [Pair, Pair]
      proxy.fault(spec)
      const raw = connect({ port: proxy.port, host: '127.0.0.1' })
      const ends: string[] = []
      // What TLS makes of it, and whether a FIN came before.
      raw.on('end', () => { ends.push('FIN') })
      const socket = connectTls({ socket: raw, servername: 'localhost', ca, maxVersion })
      socket.on('error', (error: NodeJS.ErrnoException) => { ends.push(error.code!) }).on('end', () => { ends.push('end') }).resume()
      socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await new Promise((resolve) => { socket.once('close', resolve) })
      t.strictSame(ends, ['ECONNRESET'], `${JSON.stringify(spec)}, ${maxVersion}`)
    }
  }
})
