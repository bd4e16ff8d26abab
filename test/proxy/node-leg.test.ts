import { test } from 'tap'
import { startProxy } from '../helpers/proxy.ts'
import { agentFor, ask, certificateFiles, startTlsUpstream } from '../helpers/tls.ts'
import { closedPort, startHttpUpstream } from '../helpers/upstream.ts'
import { request } from 'node:http'
import { testAuthority } from '../helpers/certificates.ts'

const plain = (port: number): Promise<{ status: number, reason: unknown } | string> => new Promise((resolve) => {
  request({ port, host: '127.0.0.1', agent: false }, (response) => {
    response.resume().on('end', () => resolve({ status: response.statusCode!, reason: response.headers['x-premortem-upstream'] }))
  }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code!)).end()
})

test('clients in the clear, nodes by TLS, checked', async (t) => {
  const { upstream, ca } = await startTlsUpstream(t)
  const good = await startProxy(t, { upstream, tls: { originate: { ca } } })
  t.same(await plain(good.port), { status: 200, reason: undefined })
  const unknown = await startProxy(t, { upstream, tls: { originate: true } })
  t.same(await plain(unknown.port), { status: 502, reason: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' })
  const unchecked = await startProxy(t, { upstream, tls: { originate: { verify: false } } })
  t.same(await plain(unchecked.port), { status: 200, reason: undefined })
  const misnamed = await startProxy(t, { upstream, tls: { originate: { ca, 'server-name': 'other.test' } } })
  t.same(await plain(misnamed.port), { status: 502, reason: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

test('a node that is no TLS, or away, and one that is', async (t) => {
  const speaks = await startHttpUpstream(t, (_, response) => { response.end('hi') })
  const { upstream, ca } = await startTlsUpstream(t)
  const broken = await startProxy(t, { upstream: speaks.address, tls: { originate: { ca } } })
  t.match(await plain(broken.port), { status: 502, reason: /WRONG_VERSION_NUMBER|PACKET_LENGTH/ })
  const away = await startProxy(t, { upstream: `127.0.0.1:${await closedPort()}`, tls: { originate: { ca } } })
  t.equal(await plain(away.port), 'ECONNRESET', 'as without TLS')
  const either = await startProxy(t, { upstream: [speaks.address, upstream], tls: { originate: { ca, 'server-name': 'localhost' } } })
  t.same(await plain(either.port), { status: 200, reason: undefined }, 'the next node is tried')
})

test('our own client certificate, and a node that refuses it before or after the handshake is over for us', async (t) => {
  const { ca: pem } = await testAuthority()
  const files = await certificateFiles(t, 'localhost')
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const strict = { requestCert: true, rejectUnauthorized: true, ca: pem, maxVersion }
    const { upstream, ca } = await startTlsUpstream(t, undefined, strict)
    const none = await startProxy(t, { upstream, tls: { originate: { ca } } })
    const reason = maxVersion === 'TLSv1.3' ? /CERTIFICATE_REQUIRED$/ : /HANDSHAKE_FAILURE$/
    t.match(await plain(none.port), { status: 502, reason }, maxVersion)
    const shown = await startProxy(t, { upstream, tls: { terminate: 'ca', originate: { ca, ...files } } })
    const agent = agentFor(t, await shown.ca(), { keepAlive: false })
    // It is for servers only, and the node looks. Node closes without an alert; in TLS 1.3 that is after the handshake.
    const answer = await ask(shown.port, agent)
    if (maxVersion === 'TLSv1.2') t.match(answer, { status: 502 }, 'one for the wrong purpose')
    else t.equal(answer, 'ECONNRESET', 'one for the wrong purpose')
  }
})
