import { X509Certificate } from 'node:crypto'
import { test } from 'tap'
import { createSystemClock } from '../../../src/kernel/clock.ts'
import { createAuthority } from '../../../src/proxy/tls/authority.ts'
import { boundsOf, namesWithin } from '../../../src/proxy/tls/bounds.ts'
import { buildCertificate, distinguishedName } from '../../../src/proxy/tls/certificate.ts'
import { toDer } from '../../../src/proxy/tls/der.ts'
import { subjectAltName } from '../../../src/proxy/tls/extensions.ts'
import { Identities } from '../../../src/proxy/tls/identities.ts'
import { freshKey } from '../../../src/proxy/tls/keys.ts'

const clock = createSystemClock()

test('the bounds of a CA are those it was made with', async (t) => {
  const authority = await createAuthority({ hosts: ['*.Shop.test', '10.0.0.1', '2001:db8::1'], clock })
  const { domains, networks } = boundsOf(authority.root)
  t.strictSame(domains!.sort(), ['10.0.0.1', '127.0.0.1', 'localhost', 'shop.test'])
  t.strictSame(networks!.map((network) => network.toString('hex')).sort(), [
    `${'0'.repeat(31)}1${'f'.repeat(32)}`, '0a000001ffffffff', `20010db8${'0'.repeat(23)}1${'f'.repeat(32)}`, '7f000000ff000000'
  ])
  t.strictSame(boundsOf(authority.intermediate.cert), { domains: null, networks: null })
  t.strictSame(boundsOf((await createAuthority({ hosts: [], clock, constrained: false })).root),
    { domains: null, networks: null })
})

test('names stay that all the bounds permit', async (t) => {
  const ten = Buffer.from('0a000000ff000000', 'hex')
  const bounds = [
    { domains: ['shop.test', '.below.test'], networks: [ten] },
    { domains: ['test'], networks: null }
  ]
  const kept = (names: string[]): string => toDer(namesWithin(bounds, subjectAltName(names))).toString('hex')
  const all = (names: string[]): string => toDer(subjectAltName(names)).toString('hex')
  const good = ['Shop.test', '*.shop.test', 'a.below.test', '10.255.0.1']
  t.equal(kept([...good, 'notshop.test', 'shop.example', '11.0.0.1', '::1']), all(good))
  t.equal(kept(good), all(good))
  t.equal(kept(['shop.example', '11.0.0.1']), all(['shop.example', '11.0.0.1']), 'a certificate without names is of no use')
  const free = [{ domains: null, networks: null }]
  t.equal(toDer(namesWithin(free, subjectAltName(['any.example', '1.1.1.1']))).toString('hex'), all(['any.example', '1.1.1.1']))
})

test('a copy has the names that its CA may vouch for, and is taken', async (t) => {
  const { publicKey, privateKey } = await freshKey('p-256')
  const subject = distinguishedName({ commonName: 'shop.test' })
  const original = buildCertificate({
    issuer: subject, subject, notBefore: new Date(clock.wall() - 1000), notAfter: new Date(clock.wall() + 3_600_000),
    spki: publicKey.export({ type: 'spki', format: 'der' }),
    extensions: [subjectAltName(['shop.test', 'www.example.com', 'api.shop.test'])]
  }, privateKey)
  const namesOf = async (constrained: boolean, flaw?: { flaw: 'self-signed' }): Promise<string | undefined> => {
    const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock, constrained }), clock)
    const request = { host: 'shop.test', original: [original], since: new Date(clock.wall()), ...flaw === undefined ? {} : { flaw } }
    return new X509Certificate((await identities.identity(request)).cert).subjectAltName
  }
  t.equal(await namesOf(true), 'DNS:shop.test, DNS:api.shop.test')
  t.equal(await namesOf(false), 'DNS:shop.test, DNS:www.example.com, DNS:api.shop.test')
  t.equal(await namesOf(true, { flaw: 'self-signed' }), 'DNS:shop.test, DNS:www.example.com, DNS:api.shop.test')
})
