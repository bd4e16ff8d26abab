import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import { HELLO_TIMEOUT, peek } from '../../src/proxy/tls/peek.ts'
import type { Peeked } from '../../src/proxy/tls/peek.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { eventually, startProxy } from '../helpers/proxy.ts'
import { connectRaw } from '../helpers/raw.ts'
import { startClient } from '../helpers/tls-clients.ts'
import { MODES, startScene, startSecureUpstream } from '../helpers/tls-scene.ts'
import type { Scene } from '../helpers/tls-scene.ts'
import { hasTools } from '../helpers/tools.ts'
import { startHttpUpstream } from '../helpers/upstream.ts'

const results = ({ observations }: Pick<Scene, 'observations'>): string[] => observations.flatMap(({ handshake }) => handshake?.result ?? [])

/** A record of TLS that says it holds so much, with what it holds. */
const record = (payload: Buffer, says = payload.length): Buffer =>
  Buffer.concat([Buffer.from([22, 3, 1, says >> 8, says & 255]), payload])

/** A relay in front of a proxy, which passes on what clients send by pieces of its own making. */
async function startCutting (t: Test, to: number, pieces: (hello: Buffer) => Buffer[]): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((client) => {
    const proxy = connect({ port: to, host: '127.0.0.1', noDelay: true })
    sockets.push(client, proxy)
    for (const socket of [client, proxy]) {
      socket.on('error', () => {}).on('close', () => { for (const other of [client, proxy]) other.destroy() })
    }
    proxy.pipe(client)
    client.once('data', async (hello: Buffer) => {
      for (const piece of pieces(hello)) {
        proxy.write(piece)
        await turn()
      }
      client.pipe(proxy)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

for (const mode of MODES) {
  test(`${mode}: what is no ClientHello, or half of one, ends and leaves nothing`, async (t) => {
    const scene = await startScene(t, mode, { node: { handshakeTimeout: 2000 } })
    const cases: Record<string, [bytes: Buffer, result: string]> = {
      garbage: [Buffer.concat([Buffer.from([0]), randomBytes(500)]), 'not-tls'],
      'a request in the clear': [Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'), 'not-tls'],
      'a record that is no hello': [record(Buffer.from([2, 0, 0, 1, 0])), 'not-tls'],
      'a hello that lies about its length': [record(Buffer.from([1, 0, 0, 4, 3, 3, 0, 0])), 'not-tls'],
      'a hello beyond 64 KiB': [record(Buffer.from([1, 2, 0, 0])), 'not-tls'],
      '100 KiB of a hello that promises no end': [Buffer.concat(Array.from({ length: 100 }, (_, i) =>
        record(Buffer.concat([Buffer.from(i === 0 ? [1, 0, 255, 255] : []), Buffer.alloc(1024)])))), 'not-tls'],
      'half a hello and FIN': [record(Buffer.from([1, 0, 1, 0, 3, 3]), 260), 'closed']
    }
    for (const [name, [bytes, result]] of Object.entries(cases)) {
      const raw = connectRaw(t, scene.port)
      const before = results(scene).length
      raw.send(bytes)
      if (result === 'closed') raw.end()
      await eventually(() => results(scene).length > before, () => name)
      // What passes unread is the node's to answer, which may wait for the rest.
      if (mode === 'own CA') await raw.over
      raw.socket.destroy()
      await scene.quiet()
      t.strictSame(results(scene).slice(before), [result], name)
    }
    // A port scan: nobody tried to shake hands.
    const before = results(scene).length
    const scan = connectRaw(t, scene.port)
    scan.end()
    await scan.over
    await scene.quiet()
    t.equal(results(scene).length, before)
    t.equal(await startClient(t, 'https fresh', scene).ask('/close'), 'ok', 'and all goes on')
  })

  test(`${mode}: a ClientHello may come byte by byte, and in many records`, async (t) => {
    const scene = await startScene(t, mode)
    const ways: Record<string, (hello: Buffer) => Buffer[]> = {
      'byte by byte': (hello) => [...hello].map((byte) => Buffer.from([byte])),
      'in records of seven bytes': (hello) => {
        const payload = hello.subarray(5)
        return Array.from({ length: Math.ceil(payload.length / 7) }, (_, i) => record(payload.subarray(i * 7, i * 7 + 7)))
      }
    }
    for (const [name, pieces] of Object.entries(ways)) {
      const port = await startCutting(t, scene.port, pieces)
      const client = startClient(t, 'https fresh', { ...scene, port })
      t.equal(await client.ask('/close'), 'ok', name)
      t.equal(results(scene).at(-1), 'established')
      const { id } = await scene.begin({ type: 'tls/self-signed', match: { sni: 'localhost' } })
      t.equal(await client.ask('/close'), 'DEPTH_ZERO_SELF_SIGNED_CERT', `${name}, during a fault`)
      scene.proxy.removeFault(id)
    }
  })
}

test('half a ClientHello and silence: five seconds, not more', async (t) => {
  const clock = createVirtualClock()
  const socket = new PassThrough()
  const seen: Peeked[] = []
  peek(socket as unknown as Socket, clock, (peeked) => { seen.push(peeked) })
  const half = record(Buffer.from([1, 0, 1, 0, 3, 3]), 260)
  socket.write(half)
  await clock.advance(HELLO_TIMEOUT - 1)
  t.equal(HELLO_TIMEOUT, 5000)
  t.strictSame(seen, [])
  await clock.advance(1)
  t.match(seen, [{ is: 'timeout', bytes: half }])
  t.equal(clock.pending(), 0)
  t.equal(socket.listenerCount('readable'), 0)
})

const expired = async (t: Test, options: { host?: string } = {}) => {
  const { identities } = await startSecureUpstream(t)
  const { cert, key } = await identities.identity({ host: options.host ?? 'localhost', since: new Date(), flaw: { flaw: 'expired', ago: 3_600_000 } })
  const file = join(t.testdir({}), 'ca.pem')
  writeFileSync(file, identities.rootPem)
  return { node: await startSecureUpstream(t, { cert, key }), file, ca: identities.rootPem }
}

test('a node whose own certificate has expired: a fault that would copy it is refused, and http is answered with 502', async (t) => {
  const { node, file } = await expired(t)
  const passing = await startProxy(t, { upstream: `localhost:${node.port}`, protocol: 'auto', tls: 'passthrough' })
  await t.rejects(passing.proxy.prepareFault(decodeFault({ type: 'tls/expired' })), {
    code: 'PMT_ERR_UPSTREAM_CERTIFICATE', details: { found: /expired on/ }
  })
  await t.resolves(passing.proxy.prepareFault(decodeFault({ type: 'tls/reset' })), 'others need none')

  const spoken = await startProxy(t, { upstream: `localhost:${node.port}`, tls: { terminate: 'ca', originate: { ca: file } } })
  await refusedBy(t, spoken, 'CERT_HAS_EXPIRED')
  const unchecked = await startProxy(t, { upstream: `localhost:${node.port}`, tls: { terminate: 'ca', originate: { ca: file, verify: false } } })
  t.equal(await startClient(t, 'https fresh', { port: unchecked.port, trust: { ca: await unchecked.ca(), file: '' } }).ask(), 'ok')
})

test('a node that speaks no TLS, and one that is not there', async (t) => {
  const plain = await startHttpUpstream(t, (_, response) => { response.end('plain') })
  const proxy = await startProxy(t, { upstream: plain.address, tls: { terminate: 'ca', names: ['localhost'], originate: true } })
  await refusedBy(t, proxy, /WRONG_VERSION_NUMBER$/)
  const passing = await startProxy(t, { upstream: plain.address, protocol: 'auto', tls: { passthrough: true, names: ['localhost'] } })
  await t.rejects(passing.proxy.prepareFault(decodeFault({ type: 'tls/expired' })), { code: 'PMT_ERR_UPSTREAM_CERTIFICATE' })
  await plain.kill()
  await t.rejects(passing.proxy.prepareFault(decodeFault({ type: 'tls/expired' })), { code: 'PMT_ERR_UPSTREAM_CERTIFICATE' })
})

/** A client gets 502, which says why TLS with the node failed. */
async function refusedBy (t: Test, proxy: Awaited<ReturnType<typeof startProxy>>, why: string | RegExp): Promise<void> {
  const { Agent, fetch } = await import('undici')
  const dispatcher = new Agent({ connect: { ca: await proxy.ca() } })
  const response = await fetch(`https://localhost:${proxy.port}/`, { dispatcher })
  await response.text()
  t.equal(response.status, 502)
  t.match(response.headers.get('x-premortem-upstream'), why)
  await dispatcher.destroy()
  await proxy.quiet()
}

for (const version of ['tls1_2', 'tls1_3']) {
  test(`a node that turns our client certificate down, ${version}: 502, with the alert`, async (t) => {
    if (!hasTools(t, 'openssl')) return
    const { identities } = await startSecureUpstream(t)
    const stranger = await startSecureUpstream(t)
    const server = await identities.identity({ host: 'localhost', since: new Date() })
    const own = { good: identities, foreign: stranger.identities }
    const folder = t.testdir({})
    const file = (name: string, text: string): string => {
      const path = join(folder, name)
      writeFileSync(path, text, { mode: 0o600 })
      return path
    }
    const child = spawn('openssl', [
      's_server', '-accept', '127.0.0.1:0', `-${version}`, '-cert', file('server.pem', server.cert), '-cert_chain', file('chain.pem', server.cert),
      '-key', file('server.key', server.key), '-CAfile', file('ca.pem', identities.rootPem), '-Verify', '3', '-verify_return_error', '-www'
    ])
    t.teardown(async () => {
      child.kill('SIGKILL')
      await once(child, 'close')
    })
    let out = ''
    child.stderr.resume()
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
    await eventually(() => /ACCEPT \S*:\d+/.test(out), () => out)
    const port = Number(/ACCEPT \S*:(\d+)/.exec(out)![1])

    const ask = async (identity: typeof server | null, why: RegExp | null): Promise<void> => {
      const files = identity === null ? {} : { certificate: file('own.pem', identity.cert), key: file('own.key', identity.key) }
      const proxy = await startProxy(t, { upstream: `localhost:${port}`, tls: { terminate: 'ca', originate: { ca: join(folder, 'ca.pem'), ...files } } })
      if (why !== null) return await refusedBy(t, proxy, why)
      t.equal(await startClient(t, 'https fresh', { port: proxy.port, trust: { ca: await proxy.ca(), file: '' } }).ask(), 'ok')
    }
    await ask(await own.good.identity({ host: 'client', since: new Date(), purpose: 'client' }), null)
    await ask(await own.foreign.identity({ host: 'client', since: new Date(), purpose: 'client' }), /ALERT_UNKNOWN_CA$/)
    await ask(await own.good.identity({ host: 'client', since: new Date(), purpose: 'client', flaw: { flaw: 'expired', ago: 60_000 } }), /ALERT_CERTIFICATE_EXPIRED$/)
    await ask(await own.good.identity({ host: 'client', since: new Date(), purpose: 'server' }), /ALERT_UNSUPPORTED_CERTIFICATE$/)
    await ask(null, version === 'tls1_2' ? /ALERT_HANDSHAKE_FAILURE$/ : /ALERT_CERTIFICATE_REQUIRED$/)
  })
}

test('a key that does not belong to its certificate, that anybody can read, and files that are none, are refused by name', async (t) => {
  const { identities } = await startSecureUpstream(t)
  const [one, other] = await Promise.all([
    identities.identity({ host: 'localhost', since: new Date() }),
    startSecureUpstream(t).then((upstream) => upstream.identities.identity({ host: 'localhost', since: new Date() }))
  ])
  const folder = t.testdir({ 'cert.pem': one.cert, 'own.key': one.key, 'other.key': other.key, 'open.key': one.key, 'text.pem': 'nothing' })
  const file = (name: string): string => join(folder, name)
  for (const name of ['own.key', 'other.key']) chmodSync(file(name), 0o600)
  chmodSync(file('open.key'), 0o644)
  const started = (certificate: string, key: string) => startProxy(t, {
    upstream: '127.0.0.1:1', tls: { terminate: { certificate: file(certificate), key: file(key) } }
  })
  await t.rejects(started('cert.pem', 'other.key'), { code: 'PMT_ERR_CERTIFICATE', details: { file: /other\.key/ } })
  await t.rejects(started('cert.pem', 'open.key'), { code: 'PMT_ERR_KEY_EXPOSED', details: { file: /open\.key/, found: /mode 0644/ } })
  await t.rejects(started('text.pem', 'own.key'), { code: 'PMT_ERR_CERTIFICATE', details: { file: /text\.pem/ } })
  await t.rejects(started('cert.pem', 'absent.key'), { code: 'PMT_ERR_CERTIFICATE', details: { file: /absent\.key/ } })
  await t.resolves(started('cert.pem', 'own.key'))
})
