import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { Agent, createServer as createTlsServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { RunResult } from '../../src/experiment/result.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { createAuthority } from '../../src/proxy/tls/authority.ts'
import { Identities } from '../../src/proxy/tls/identities.ts'
import { run } from '../helpers/binary.ts'
import { serve, until } from '../helpers/sidecar.ts'

// `premortem whatif PROXY tls/expired` in one line, by the real binary, with clients that keep their connections.

// What passes unread has no end of a request to wait for: connections that are busy all the time are ended after two seconds.
const PHASES = ['--baseline', '2s', '--for', '4s', '--recovery', '2s']

async function listen (t: Test, server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => new Promise<void>((resolve) => { server.close(() => resolve()).closeAllConnections() }))
  return (server.address() as AddressInfo).port
}

/** A service with a certificate by a CA of its own, in PEM. */
async function startPayments (t: Test): Promise<{ ca: string, upstream: string }> {
  const clock = createSystemClock()
  const identities = new Identities(await createAuthority({ hosts: [], clock }), clock)
  const identity = await identities.identity({ host: '127.0.0.1', since: new Date(clock.wall()) })
  const port = await listen(t, createTlsServer(identity, (_, response) => { response.end('42') }))
  return { ca: identities.rootPem, upstream: `127.0.0.1:${port}` }
}

/** Asks again and again on connections that it keeps, until the test ends. What came of it: statuses and codes of errors. */
function startClient (t: Test, address: string, ca: string): Set<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca })
  const seen = new Set<string>()
  const timer = setInterval(() => {
    get(`https://${address}/`, { agent }, (response) => {
      seen.add(String(response.statusCode))
      response.resume()
    }).on('error', (error: NodeJS.ErrnoException) => { seen.add(error.code ?? error.message) })
  }, 20)
  t.teardown(() => {
    clearInterval(timer)
    agent.destroy()
  })
  return seen
}

test('of a running sidecar: passed through, and terminated', async (t) => {
  const { ca, upstream } = await startPayments(t)
  const folder = t.testdir({ 'ca.pem': ca })
  const listening = { listen: '127.0.0.1:0', upstream }
  const { control, listen: where } = await serve(t, folder, [
    { name: 'payments', tls: 'passthrough', ...listening },
    { name: 'ended', protocol: 'http', tls: { terminate: 'ca', originate: { ca: join(folder, 'ca.pem') } }, ...listening }
  ])
  const root = await (await fetch(`${control}/v1/tls/ca.pem`)).text()
  for (const [proxy, trusted, objectives] of [
    ['payments', ca, ['handshake >= 99%']], ['ended', root, ['handshake >= 99%', 'success >= 99%']]
  ] as const) {
    const seen = startClient(t, where[proxy]!, trusted)
    await until(() => seen.has('200'))
    const { code, out, err } = await run(t, ['whatif', proxy, 'tls/expired', ...PHASES, '--control', control, '--json'])
    t.equal(code, 1, `${proxy}: ${err}${out}`)
    const result = JSON.parse(out) as RunResult
    t.match(result, { title: `What if ${proxy} meets tls/expired?`, outcome: 'breached', faults: [{ landed: true, removed: true }] })
    t.strictSame(result.objectives.map(({ objective }) => objective), objectives)
    t.match(result.objectives[0], { fault: { verdict: 'breached', good: 0 } }, 'nobody takes the certificate')
    t.ok(result.faults[0]!.counters!.existing.drain > 0, 'who was connected must look at it')
    t.ok(seen.has('CERT_HAS_EXPIRED'), `${proxy}: ${[...seen].join(', ')}`)
    seen.clear()
    await until(() => seen.has('200'))
  }
})

test('in a process of its own', async (t) => {
  const { ca, upstream } = await startPayments(t)
  // The clients must know the port before the proxy listens.
  const server = createServer()
  const port = await listen(t, server)
  await new Promise<void>((resolve) => { server.close(() => resolve()) })
  const folder = t.testdir({})
  writeFileSync(join(folder, 'premortem.yaml'), `
control: { listen: 127.0.0.1:0 }
data: ${join(folder, 'data')}
proxies:
  - { name: payments, listen: 127.0.0.1:${port}, tls: passthrough, upstream: "${upstream}" }
`)
  const seen = startClient(t, `127.0.0.1:${port}`, ca)
  const { code, out, err } = await run(t, ['whatif', 'payments', 'tls/expired', ...PHASES, '--config', 'premortem.yaml'], { cwd: folder })
  t.equal(code, 1, err)
  t.match(out, /What if payments meets tls\/expired\?\n\n +BREACHED /)
  t.match(out, /handshake >= 99% under the fault breached: 0% good/)
  t.ok(seen.has('CERT_HAS_EXPIRED'))
})

test('a proxy that cannot show it says so, and what would', async (t) => {
  const port = await listen(t, createServer((_, response) => { response.end('42') }))
  const upstream = `127.0.0.1:${port}`
  const { control, listen: where } = await serve(t, t.testdir({}), [
    { name: 'plain', listen: '127.0.0.1:0', protocol: 'http', upstream }, { name: 'clear', listen: '127.0.0.1:0', tls: 'passthrough', upstream }
  ])
  const refused = await run(t, ['whatif', 'plain', 'tls/expired', ...PHASES, '--control', control])
  t.equal(refused.code, 2)
  t.match(refused.err, /PMT_ERR_FAULT_LAYER: tls\/expired is a tls fault and plain sees no TLS; .*wanted `tls: passthrough` and `protocol: auto`/)
  t.match(refused.err, /or `tls: \{ terminate: ca \}`, in the configuration of plain/)

  // Plain http goes through it all the same; there is no certificate to copy.
  const timer = setInterval(() => { fetch(`http://${where.clear!}/`).then((answer) => answer.text(), () => {}) }, 20)
  t.teardown(() => { clearInterval(timer) })
  const failed = await run(t, ['whatif', 'clear', 'tls/expired', '--slo', 'success>=50%', ...PHASES, '--control', control, '--json'])
  t.equal(failed.code, 70)
  const [reason] = (JSON.parse(failed.out) as RunResult).reasons
  t.match(reason, /^there is no good certificate of a node to copy; found 127[^]*; wanted a valid certificate from /)
})
