import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { startProxy } from '../../helpers/proxy.ts'
import { agentFor, ask, certificateFiles, startTlsUpstream } from '../../helpers/tls.ts'
import { captureHello } from '../../helpers/hello.ts'
import { hasTools } from '../../helpers/tools.ts'
import { startHttpUpstream } from '../../helpers/upstream.ts'
import { decodeFault } from '../../../src/faults/envelope.ts'

const HI = (_: unknown, response: { end (text: string): void }): void => { response.end('hi') }

/** What answers a ClientHello, in hex, and how the connection ends. */
const answerTo = (port: number, hello: Buffer): Promise<string> => new Promise((resolve) => {
  const socket = connect({ port, host: '127.0.0.1' }, () => { socket.write(hello) })
  let bytes = ''
  socket.on('data', (chunk: Buffer) => { bytes += chunk.toString('hex') })
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${bytes} ${error.code}`))
  socket.on('end', () => { socket.end(); resolve(`${bytes} FIN`) })
})

test('answers without a handshake, where TLS ends here and where it does not', async (t) => {
  const node = await startHttpUpstream(t, HI)
  const { upstream } = await startTlsUpstream(t)
  const hello = await captureHello({ servername: 'localhost', ALPNProtocols: ['h2'] })
  for (const { port, fault, proxy, observations } of [
    await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } }), await startProxy(t, { upstream, protocol: 'tcp', tls: 'passthrough' })
  ]) {
    const given = async (spec: Parameters<typeof fault>[0]): Promise<string> => {
      const { id } = fault(spec)
      const answer = await answerTo(port, hello)
      proxy.removeFault(id)
      return answer
    }
    t.equal(await given({ type: 'tls/alert', alert: 'unknown_ca' }), '15030300020230 FIN')
    t.equal(await given({ type: 'tls/alpn-mismatch' }), '15030300020278 FIN')
    t.equal(await given({ type: 'tls/reset' }), ' ECONNRESET')
    t.equal(await given({ type: 'tls/close' }), ' FIN')
    t.match(await given({ type: 'tls/plaintext', reply: 'no' }), /^6e6f FIN$/)
    const results = observations.filter(({ kind }) => kind === 'handshake').map(({ handshake }) => handshake!.result)
    t.same(results, ['sent-alert:unknown_ca', 'sent-alert:no_application_protocol', 'reset', 'closed', 'closed'])
  }
})

test('a handshake that is held goes on when its fault goes, by what the others say', async (t) => {
  const node = await startHttpUpstream(t, HI)
  const { port, ca, fault, proxy } = await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } })
  const { id } = fault({ type: 'tls/stall' })
  const held = [ask(port, agentFor(t, await ca())), ask(port, agentFor(t, await ca()))]
  while (proxy.fault(id).counters.active < 2) await new Promise((resolve) => setImmediate(resolve))
  proxy.removeFault(id)
  t.match(await Promise.all(held), [{ status: 200 }, { status: 200 }])
})

test('one that is never whole is given up, and no node is dialled', async (t) => {
  const node = await startHttpUpstream(t, HI)
  const { port, quiet } = await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } })
  const hello = await captureHello({})
  const half = connect({ port, host: '127.0.0.1' }, () => { half.end(hello.subarray(0, 100)) })
  half.on('error', () => {}).resume()
  await quiet()
  t.equal(node.sockets.length, 0)
})

test('a certificate with a flaw, and healing', async (t) => {
  const { upstream, ca } = await startTlsUpstream(t)
  const { port, ca: root, proxy, observations } = await startProxy(t, { upstream, tls: { terminate: 'ca', originate: { ca } } })
  const agent = agentFor(t, await root())
  t.match(await ask(port, agent), { status: 200 })
  const fault = decodeFault({ type: 'tls/expired', existing: 'cut' })
  await proxy.prepareFault(fault)
  const { id } = proxy.addFault(fault, { source: 'api' })
  while (Object.keys(agent.freeSockets).length > 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(await ask(port, agent), 'CERT_HAS_EXPIRED', 'though the agent has a session')
  proxy.removeFault(id)
  t.match(await ask(port, agent), { status: 200 })
  t.match(observations.filter(({ kind }) => kind === 'handshake').map(({ handshake, faults }) => [handshake!.result, faults]), [
    ['established', []], ['closed', [id]], ['established', []]
  ])
})

test('who takes a certificate with a flaw goes on, to the node that it was copied from', async (t) => {
  const { upstream, pem } = await startTlsUpstream(t)
  const { port, proxy, fault } = await startProxy(t, { upstream, protocol: 'auto', tls: 'passthrough' })
  fault({ type: 'tls/self-signed' })
  t.equal(await ask(port, agentFor(t, pem)), 'DEPTH_ZERO_SELF_SIGNED_CERT')
  t.match(await ask(port, agentFor(t, pem, { rejectUnauthorized: false })), { status: 200, body: 'hi' })
  t.match(proxy.connectionViews(), [{ faults: ['tls-self-signed-1'] }])
})

test('client certificates: asked for, and refused', async (t) => {
  const node = await startHttpUpstream(t, HI)
  const { port, ca, fault, proxy } = await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } })
  const { certificate, key } = await certificateFiles(t)
  const { readFileSync } = await import('node:fs')
  const own = { cert: readFileSync(certificate), key: readFileSync(key) }
  const seen = async (more: object): Promise<unknown> => ask(port, agentFor(t, await ca(), { keepAlive: false, ...more }))
  const { id } = fault({ type: 'tls/client-certificate-required' })
  t.match(await seen({}), /CERTIFICATE_REQUIRED$/)
  t.equal(await seen({ maxVersion: 'TLSv1.2' }), 'EPROTO')
  t.match(await seen(own), { status: 200 })
  proxy.removeFault(id)
  fault({ type: 'tls/client-certificate-rejected', alert: 'certificate_expired' })
  t.equal(await seen({ ...own, maxVersion: 'TLSv1.2' }), 'EPROTO')
  t.equal(await seen(own), 'ECONNRESET')
})

test('records: cut, and flipped', async (t) => {
  const node = await startHttpUpstream(t, (_, response) => { response.end(Buffer.alloc(200_000)) })
  const { port, ca, fault, proxy } = await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } })
  const seen = async (spec: Parameters<typeof fault>[0], more = {}): Promise<unknown> => {
    const { id } = fault(spec)
    const answer = await ask(port, agentFor(t, await ca(), { keepAlive: false, ...more }))
    proxy.removeFault(id)
    return answer
  }
  t.equal(await seen({ type: 'tls/reset', when: 'server-hello' }), 'ECONNRESET')
  t.equal(await seen({ type: 'tls/close', when: 'server-hello' }), 'ECONNRESET')
  t.equal(await seen({ type: 'tls/truncated-close', after: '20KB' }), 'ECONNRESET')
  t.match(await seen({ type: 'tls/corrupt-record', after: '20KB' }), /BAD_RECORD_MAC|CIPHER_OPERATION_FAILED/)
  t.match(await seen({ type: 'tls/slow', rate: '100KB/s' }), { status: 200 })
})

test('a client that says why it leaves is quoted', async (t) => {
  if (!hasTools(t, 'curl')) return
  const node = await startHttpUpstream(t, HI)
  const { port, ca, fault, observed } = await startProxy(t, { upstream: node.address, tls: { terminate: 'ca' } })
  const folder = t.testdir({ 'ca.pem': await ca() })
  fault({ type: 'tls/expired' })
  for (const version of ['1.2', '1.3']) {
    await new Promise((resolve) => {
      execFile('curl', ['-s', '--tls-max', version, '--cacert', join(folder, 'ca.pem'), `https://localhost:${port}/`], resolve)
    })
  }
  // A client that is not received also stands for a request.
  const handshakes = (await observed(4)).filter(({ kind }) => kind === 'handshake')
  t.match(handshakes, [1, 2].map(() => ({ outcome: 'refused', handshake: { result: 'alert:certificate_expired', sni: 'localhost' } })))
})
