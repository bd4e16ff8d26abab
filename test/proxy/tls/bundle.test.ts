import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { test } from 'tap'
import { bundleWith } from '../../../src/proxy/tls/bundle.ts'
import { freshAuthority, testAuthority, testIdentity } from '../../helpers/certificates.ts'
import { shownTo } from '../../helpers/secure.ts'

test('the system\'s CAs, from the first place that has some, and ours behind them', async (t) => {
  const { identities, ca } = await testAuthority()
  const other = await freshAuthority()
  const folder = t.testdir({ empty: 'nothing here', system: `# a comment\n${other.ca.trimEnd()}`, later: ca })
  const { pem, from, certificates } = bundleWith(identities.authority.root, ['none', folder, 'empty', 'system', 'later'].map((name) => name === folder ? folder : join(folder, name)))
  t.equal(from, join(folder, 'system'))
  t.equal(certificates, 2)
  t.match(pem, /^# a comment\n-----BEGIN [^]+-----END CERTIFICATE-----\n\n# O=premortem, CN=premortem TEST CA .*\n-----BEGIN [^]+-----END CERTIFICATE-----\n$/)
  t.match(await shownTo(await testIdentity(), { ca: pem, servername: 'localhost' }), { code: 'ok' })
  const theirs = await other.identities.identity({ host: 'localhost', since: other.since })
  t.match(await shownTo(theirs, { ca: pem, servername: 'localhost' }), { code: 'ok' }, 'both are trusted')
})

test('those of Node where the system has none', async (t) => {
  const { identities } = await testAuthority()
  const { pem, from, certificates } = bundleWith(identities.authority.root, [])
  t.equal(from, null)
  t.equal(certificates, rootCertificates.length + 1)
  for (const one of pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g)!) t.doesNotThrow(() => new X509Certificate(one))
})
