import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { X509Certificate } from 'node:crypto'
import { test } from 'tap'
import { createSystemClock } from '../../../src/kernel/clock.ts'
import { fetchOriginal } from '../../../src/proxy/tls/original.ts'
import { startTlsUpstream } from '../../helpers/tls.ts'
import { closedPort } from '../../helpers/upstream.ts'

const clock = createSystemClock()
const at = (port: number, more = {}) => ({ host: '127.0.0.1', port, name: 'localhost', ca: undefined, deadline: 5000, ...more })

test('a chain, leaf first, and what is wrong with it', async (t) => {
  const { port, pem } = await startTlsUpstream(t)
  const good = await fetchOriginal(at(port, { ca: pem }), clock)
  t.equal(good.wrong, null)
  const [leaf, issuer] = good.chain.map((der) => new X509Certificate(der))
  t.match(leaf!.subjectAltName, /localhost/)
  t.ok(leaf!.checkIssued(issuer!))
  t.equal((await fetchOriginal(at(port), clock)).wrong, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY')
  t.equal((await fetchOriginal(at(port, { ca: pem, name: 'other.test' }), clock)).wrong, 'ERR_TLS_CERT_ALTNAME_INVALID')
})

test('none', async (t) => {
  await t.rejects(fetchOriginal(at(await closedPort()), clock), { code: 'ECONNREFUSED' })
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => silent.close())
  await t.rejects(fetchOriginal(at((silent.address() as AddressInfo).port, { deadline: 20 }), clock), { code: 'ETIMEDOUT' })
})
