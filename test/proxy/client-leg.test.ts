import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { test } from 'tap'
import { startProxy } from '../helpers/proxy.ts'
import { agentFor, ask, certificateFiles, startTlsUpstream } from '../helpers/tls.ts'
import { startHttpUpstream, startUpstream } from '../helpers/upstream.ts'
import { testAuthority } from '../helpers/certificates.ts'

test('a proxy that terminates: requests are seen, and say what their connection rests on', async (t) => {
  const node = await startHttpUpstream(t, (request, response) => { response.end(request.url) })
  const { port, ca, observed, observations } = await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } })
  const agent = agentFor(t, await ca())
  t.match([await ask(port, agent, { path: '/a' }), await ask(port, agent, { path: '/b' })], [{ status: 200, body: '/a' }, { status: 200, body: '/b' }])
  await observed(3)
  t.match(observations, [
    { kind: 'handshake', outcome: 'complete', handshake: { result: 'established', version: 'TLSv1.3', resumed: false, sni: 'localhost' } },
    { kind: 'exchange', status: 200, connection: { resumed: false } },
    { kind: 'exchange', status: 200 }
  ])
  t.equal(observations[1]!.connection, observations[2]!.connection, 'one connection')
  const again = agentFor(t, await ca(), { keepAlive: false })
  await ask(port, again)
  await ask(port, again)
  await observed(7)
  t.match(observations.filter(({ kind }) => kind === 'handshake').map(({ handshake }) => handshake!.resumed), [false, false, true], 'a second one takes up the session')
})

test('bytes that pass unread are the same, and the handshake is seen all the same', async (t) => {
  const { upstream, pem } = await startTlsUpstream(t, (request, response) => {
    const hash = createHash('sha256')
    request.on('data', (chunk: Buffer) => { hash.update(chunk) }).on('end', () => response.end(hash.digest('hex')))
  })
  const { port, observed, observations, proxy } = await startProxy(t, { upstream, protocol: 'auto', tls: 'passthrough' })
  const body = Buffer.alloc(500_000, 'premortem')
  const answer = await ask(port, agentFor(t, pem), { method: 'POST' }, body)
  t.match(answer, { status: 200, body: createHash('sha256').update(body).digest('hex') })
  await observed(1)
  t.match(observations, [{ kind: 'handshake', handshake: { result: 'established', version: 'TLSv1.3', sni: 'localhost' } }])
  t.equal(proxy.snapshot().opaque, 1)
})

test('what is not TLS passes a proxy that reads nothing, and is turned away by one that terminates', async (t) => {
  const node = await startUpstream(t, (socket) => { socket.pipe(socket) })
  const send = (port: number): Promise<string> => new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => { socket.end('hello') })
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('error', () => {}).on('close', () => resolve(text))
  })
  const unread = await startProxy(t, { upstream: node.address, protocol: 'tcp', tls: 'passthrough' })
  t.equal(await send(unread.port), 'hello')
  const files = await certificateFiles(t)
  const read = await startProxy(t, { upstream: node.address, protocol: 'tcp', tls: { terminate: files } })
  t.equal(await send(read.port), '')
  await read.observed(2)
  t.match(read.observations, [{ kind: 'handshake', outcome: 'malformed', handshake: { result: 'not-tls' } }, { kind: 'connection', outcome: 'truncated' }])
  t.equal(node.sockets.length, 1, 'no node was dialled for it')
})

test('half-closed both ways, under TLS on both sides', async (t) => {
  const { upstream, ca, pem } = await startTlsUpstream(t, (request, response) => {
    let length = 0
    request.on('data', (chunk: Buffer) => { length += chunk.length }).on('end', () => response.end(String(length)))
  })
  const { port, quiet } = await startProxy(t, { upstream, protocol: 'tcp', tls: { terminate: await certificateFiles(t), originate: { ca } } })
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: pem, allowHalfOpen: true } as ConnectionOptions, () => {
      socket.end('POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc')
    })
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('error', reject).on('end', () => resolve(text))
  })
  t.match(text, /^HTTP\/1.1 200[^]*3$/)
  await quiet()
})

test('a reset is a real one, below TLS', async (t) => {
  const node = await startHttpUpstream(t, (_, response) => { response.end('hi') })
  const { port, ca, fault } = await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } })
  fault({ type: 'abort', how: 'reset' })
  const raw = connect({ port, host: '127.0.0.1' })
  const ended = new Promise<string>((resolve) => {
    raw.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!)).on('end', () => resolve('FIN'))
  })
  const socket = connectTls({ socket: raw, servername: 'localhost', ca: await ca() }, () => { socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n') })
  const seen = new Promise<string>((resolve) => { socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!)).on('end', () => resolve('end')) })
  t.equal(await Promise.race([ended, seen]), 'ECONNRESET')
})

test('the certificate is the user\'s own, and the CA of the tests vouches for it', async (t) => {
  const node = await startHttpUpstream(t, (_, response) => { response.end('hi') })
  const { port } = await startProxy(t, { upstream: node.address, tls: { terminate: await certificateFiles(t) } })
  const { ca } = await testAuthority()
  t.match(await ask(port, agentFor(t, ca)), { status: 200 })
  t.equal(await ask(port, agentFor(t, ca, { servername: 'elsewhere.test' })), 'ERR_TLS_CERT_ALTNAME_INVALID')
})
