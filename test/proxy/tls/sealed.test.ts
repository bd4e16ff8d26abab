import { connect } from 'node:net'
import { test } from 'tap'
import { captureHello } from '../../helpers/hello.ts'
import { startProxy } from '../../helpers/proxy.ts'
import { agentFor, ask, startTlsUpstream } from '../../helpers/tls.ts'
import { closedPort, startUpstream } from '../../helpers/upstream.ts'
import { testAuthority } from '../../helpers/certificates.ts'

const results = (observations: { kind: string, handshake?: { result: string } }[]): (string | undefined)[] =>
  observations.filter(({ kind }) => kind === 'handshake').map(({ handshake }) => handshake?.result)

test('handshakes that pass unread, by what came of them', async (t) => {
  const { upstream } = await startTlsUpstream(t)
  const { port, observations, observed } = await startProxy(t, { upstream, protocol: 'tcp', tls: 'passthrough' })
  const { ca } = await testAuthority()
  t.match(await ask(port, agentFor(t, ca, { keepAlive: false })), { status: 200 })
  t.equal(await ask(port, agentFor(t, '', { keepAlive: false, ca: [] })), 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY')
  await observed(4)
  t.same(results(observations), ['established', 'closed'])
})

test('a node that is away, answers nothing, or resets', async (t) => {
  const hello = await captureHello({ servername: 'localhost' })
  const send = (port: number): Promise<void> => new Promise((resolve) => {
    connect({ port, host: '127.0.0.1' }, function (this: ReturnType<typeof connect>) { this.write(hello) }).on('error', () => {}).on('close', () => resolve()).resume()
  })
  const away = await startProxy(t, { upstream: `127.0.0.1:${await closedPort()}`, protocol: 'tcp', tls: 'passthrough' })
  await send(away.port)
  const mute = await startUpstream(t, (socket) => { socket.once('data', () => socket.end()) })
  const closing = await startProxy(t, { upstream: mute.address, protocol: 'tcp', tls: 'passthrough' })
  await send(closing.port)
  const rude = await startUpstream(t, (socket) => { socket.once('data', () => socket.resetAndDestroy()) })
  const resetting = await startProxy(t, { upstream: rude.address, protocol: 'tcp', tls: 'passthrough' })
  await send(resetting.port)
  for (const { observed } of [away, closing, resetting]) await observed(2)
  t.same([results(away.observations), results(closing.observations), results(resetting.observations)], [['failed'], ['closed'], ['reset']])
})

test('a drain waits for a moment of silence', async (t) => {
  const { upstream } = await startTlsUpstream(t)
  const { port, fault, quiet } = await startProxy(t, { upstream, protocol: 'tcp', tls: 'passthrough' })
  const { ca } = await testAuthority()
  t.match(await ask(port, agentFor(t, ca)), { status: 200 })
  t.match(fault({ type: 'tls/expired' }), { counters: { existing: { drain: 1 } } })
  await quiet()
})
