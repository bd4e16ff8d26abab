import { X509Certificate } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { CertificateFlaw } from '../../../src/faults/certificate.ts'
import { Authority, createAuthority } from '../../../src/proxy/tls/authority.ts'
import { toPem } from '../../../src/proxy/tls/certificate.ts'
import { readPair } from '../../../src/proxy/tls/files.ts'
import type { FilePair } from '../../../src/proxy/tls/files.ts'
import { Identities } from '../../../src/proxy/tls/identities.ts'
import type { Identity } from '../../../src/proxy/tls/identities.ts'
import { freshAuthority, testAuthority, testIdentity } from '../../helpers/certificates.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { KINDS, ORIGINAL_HOSTS, openssl, opensslOriginal, strictVerdict } from '../../helpers/originals.ts'
import type { MadeOriginal } from '../../helpers/originals.ts'
import { shownTo } from '../../helpers/secure.ts'
import { hasTools } from '../../helpers/tools.ts'

const HOUR = 3_600_000

/** Each flaw, and the code that a client of Node has for it (20, 22 and 24 alike). */
const FLAWS: [CertificateFlaw, string][] = [
  [{ flaw: 'expired', ago: HOUR }, 'CERT_HAS_EXPIRED'],
  [{ flaw: 'not-yet-valid', in: HOUR }, 'CERT_NOT_YET_VALID'],
  [{ flaw: 'expiring', in: HOUR }, 'ok'],
  [{ flaw: 'wrong-host' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [{ flaw: 'self-signed' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [{ flaw: 'untrusted-root', sendRoot: false }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  [{ flaw: 'untrusted-root', sendRoot: true }, 'SELF_SIGNED_CERT_IN_CHAIN'],
  [{ flaw: 'incomplete-chain' }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [{ flaw: 'expired-intermediate', ago: HOUR }, 'CERT_HAS_EXPIRED'],
  [{ flaw: 'wrong-eku' }, 'INVALID_PURPOSE']
]

const leafOf = ({ cert }: Identity): X509Certificate => new X509Certificate(cert)
const chainOf = ({ cert }: Identity): string[] => cert.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? []

test('a minted certificate is taken by Node for the name it is for, and for no other', async (t) => {
  const { ca } = await testAuthority()
  const identity = await testIdentity('api.example.test')
  t.same(await shownTo(identity, { ca, servername: 'api.example.test' }), { code: 'ok', message: '' })
  t.match(await shownTo(identity, { ca, servername: 'example.test' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  t.match(await shownTo(identity, { servername: 'api.example.test' }), { code: /UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED/ }, 'without the CA')
  t.match(identity, { names: ['DNS:api.example.test'], subject: 'O=premortem, CN=api.example.test', flaw: null })
  t.equal(identity.fingerprint256, leafOf(identity).fingerprint256)
  t.equal(identity.notAfter.getTime() - identity.notBefore.getTime(), 25 * HOUR, 'a day, and an hour for clocks that are behind')
})

test('addresses are served too', async (t) => {
  const { ca } = await testAuthority()
  const identity = await testIdentity('127.0.0.1')
  t.same(await shownTo(identity, { ca }), { code: 'ok', message: '' })
  t.equal((await testIdentity('::1')).names[0], 'IP Address:0:0:0:0:0:0:0:1')
})

test('a client\'s certificate is one', async (t) => {
  const identity = await testIdentity('client', undefined, { purpose: 'client' })
  t.same(leafOf(identity).keyUsage, ['1.3.6.1.5.5.7.3.2'])
  t.same(leafOf(await testIdentity('client', { flaw: 'wrong-eku' }, { purpose: 'client' })).keyUsage, ['1.3.6.1.5.5.7.3.1'])
})

for (const [flaw, code] of FLAWS) {
  const name = JSON.stringify(flaw)
  test(`a minted certificate with ${name} is ${code} to Node`, async (t) => {
    const { ca } = await testAuthority()
    t.match(await shownTo(await testIdentity('example.test', flaw), { ca, servername: 'example.test' }), { code })
  })

  test(`so is a copy of one from files with ${name}`, async (t) => {
    const { pair, ca: own } = await fromFiles(t.testdir({}))
    const { ca } = await testAuthority()
    t.same(await shownTo(pair, { ca: own, servername: 'localhost' }), { code: 'ok', message: '' }, 'the pair itself')
    const copy = await testIdentity('localhost', flaw, { original: pair.chain })
    t.match(await shownTo(copy, { ca, servername: 'localhost' }), { code })
    t.equal(copy.flaw, flaw.flaw)
    t.not(copy.key, pair.key)
  })
}

// By a CA of somebody else.
async function fromFiles (folder: string): Promise<{ pair: FilePair, ca: string }> {
  const { identities, ca, since } = await freshAuthority()
  const { cert, key } = await identities.identity({ host: 'localhost', since })
  const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  writeFileSync(files.certificate, cert)
  writeFileSync(files.key, key)
  chmodSync(files.key, 0o600)
  return { pair: readPair(files), ca }
}

test('times of flaws count from the moment that is given', async (t) => {
  const { since } = await testAuthority()
  const at = since.getTime() - since.getTime() % 1000
  const of = (flaw: CertificateFlaw): Promise<Identity> => testIdentity('example.test', flaw, { since: new Date(at) })
  const expired = await of({ flaw: 'expired', ago: HOUR })
  t.equal(expired.notAfter.getTime(), at - HOUR)
  t.equal(expired.notAfter.getTime() - expired.notBefore.getTime(), 25 * HOUR, 'as long as it would have been')
  t.equal((await of({ flaw: 'not-yet-valid', in: HOUR })).notBefore.getTime(), at + HOUR)
  t.equal((await of({ flaw: 'expiring', in: 29 * 24 * HOUR })).notAfter.getTime(), at + 29 * 24 * HOUR)
})

test('name constraints are enforced by Node: the CA cannot vouch for names that it was not made for', async (t) => {
  const { identities, ca, since } = await freshAuthority(['example.test'])
  const of = (host: string): Promise<Identity> => identities.identity({ host, since })
  t.match(await shownTo(await of('example.test'), { ca, servername: 'example.test' }), { code: 'ok' })
  t.match(await shownTo(await of('a.b.example.test'), { ca, servername: 'a.b.example.test' }), { code: 'ok' }, 'what is below')
  t.match(await shownTo(await of('localhost'), { ca, servername: 'localhost' }), { code: 'ok' })
  const elsewhere = await shownTo(await of('bank.example'), { ca, servername: 'bank.example' })
  t.not(elsewhere.code, 'ok')
  t.match(elsewhere.message, /permitted subtree violation/)
  const address = await shownTo(await of('192.0.2.7'), { ca, servername: '', checkServerIdentity: () => undefined })
  t.match(address.message, /permitted subtree violation/, 'nor for addresses')
  const free = await freshAuthority([], false)
  const anywhere = await free.identities.identity({ host: 'bank.example', since })
  t.match(await shownTo(anywhere, { ca: free.ca, servername: 'bank.example' }), { code: 'ok' }, 'it is the constraint that did it')
})

test('the same request gives the same certificate, another gives another', async (t) => {
  const { identities, since } = await freshAuthority()
  const one = await identities.identity({ host: 'example.test', since })
  t.equal(await identities.identity({ host: 'example.test', since }), one)
  t.not(await identities.identity({ host: 'localhost', since }), one)
  t.not(await identities.identity({ host: 'example.test', since: new Date(since.getTime() + 1000) }), one)
  t.not(await identities.identity({ host: 'example.test', since, purpose: 'client' }), one)
  t.not(await identities.identity({ host: 'example.test', since, flaw: { flaw: 'wrong-host' } }), one)
  t.match(identities.rootPem, /^-----BEGIN CERTIFICATE-----/)
})

test('no more than a hundred are kept, those used last', async (t) => {
  const { identities, since } = await freshAuthority()
  const first = await identities.identity({ host: 'a.example.test', since })
  for (let i = 0; i < 99; i++) await identities.identity({ host: `${i}.example.test`, since })
  t.equal(await identities.identity({ host: 'a.example.test', since }), first)
  for (let i = 100; i < 200; i++) await identities.identity({ host: `${i}.example.test`, since })
  t.not(await identities.identity({ host: 'a.example.test', since }), first)
})

test('without the root\'s key an expired intermediate cannot be had, and all else can', async (t) => {
  const clock = createVirtualClock()
  const { root, intermediate } = await createAuthority({ hosts: [], clock })
  const identities = new Identities(new Authority(root, intermediate), clock)
  const since = new Date(clock.wall())
  await t.rejects(identities.identity({ host: 'localhost', since, flaw: { flaw: 'expired-intermediate', ago: HOUR } }), {
    code: 'PMT_ERR_CERTIFICATE', details: { found: 'no root.key' }
  })
  for (const [flaw] of FLAWS.filter(([{ flaw }]) => flaw !== 'expired-intermediate')) {
    await t.resolves(identities.identity({ host: 'localhost', since, flaw }), flaw.flaw)
  }
})

test('a minted certificate does not outlive its CA', async (t) => {
  const clock = createVirtualClock()
  const authority = await createAuthority({ hosts: [], clock, days: 1 })
  const since = new Date(clock.wall() + 2 * HOUR)
  t.same((await new Identities(authority, clock).identity({ host: 'localhost', since })).notAfter, authority.notAfter)
})

test('openssl takes what is minted, in strict mode', async (t) => {
  if (!hasTools(t, 'openssl')) return
  const { ca } = await testAuthority()
  t.equal(strictVerdict(t.testdir({}), { chain: (await testIdentity('example.test')).cert, ca, host: 'example.test' }), 'OK')
  const wrong = strictVerdict(t.testdir({}), { chain: (await testIdentity('example.test', { flaw: 'wrong-eku' })).cert, ca, host: 'example.test' })
  t.match(wrong, /purpose/, 'it would have noticed')
})

for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
  test(`a copy of an original with a key of ${kind} differs in its issuer and key alone`, async (t) => {
    if (!hasTools(t, 'openssl')) return
    const original = opensslOriginal(t, kind)
    const { identities, ca, since } = await freshAuthority(ORIGINAL_HOSTS)
    const copy = await identities.identity({ host: 'example.test', original: [original.der], since })
    const [was, is] = [texts(original.der), texts(leafOf(copy).raw)]
    t.equal(masked(is), masked(was), 'what is kept')
    for (const [what, pattern] of Object.entries(CHANGED)) {
      t.match(was, pattern, `there is a ${what}`)
      t.not(pattern.exec(is)?.[0], pattern.exec(was)?.[0], `the ${what} is another`)
    }
    for (const [what, pattern] of Object.entries(DROPPED)) {
      t.match(was, pattern, `the original has ${what}`)
      t.notMatch(is, pattern, `the copy has no ${what}`)
    }
    t.match(is, /Subject: C=DE, O=Grüße & Söhne, OU=Zahlung ✓, CN=example\.test\n/)
    t.match(is, /URI:spiffe:\/\/example\.test\/payments, email:ops@example\.test/)
    t.match(is, kind === 'rsa' ? /Public-Key: \(2048 bit\)/ : kind === 'p-256' ? /NIST CURVE: P-256/ : /NIST CURVE: P-384/)
    t.equal(strictVerdict(original.folder, { chain: copy.cert, ca, host: 'api.example.test' }), 'OK')
    t.match(await shownTo(copy, { ca, servername: 'api.example.test' }), { code: 'ok' })
    t.equal(chainOf(copy).length, 2)
    await flawed(t, original)
  })
}

// Copies with each flaw, by the CA of a copy's own names.
async function flawed (t: Test, original: MadeOriginal): Promise<void> {
  const { identities, ca, since } = await freshAuthority(ORIGINAL_HOSTS)
  for (const [flaw, code] of FLAWS) {
    const copy = await identities.identity({ host: 'example.test', original: [original.der], since, flaw })
    t.match(await shownTo(copy, { ca, servername: 'example.test' }), { code }, JSON.stringify(flaw))
  }
}

const texts = (der: Buffer): string => openssl(['x509', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus_space'], toPem(der))

/** What a copy has of its own. */
const CHANGED: Record<string, RegExp> = {
  serial: /Serial Number:\s+.*\n/,
  issuer: /Issuer: .*\n/,
  key: /(?<=(?:pub|Modulus):\n)(?: +[0-9a-f:]+\n)+/,
  'subject key identifier': /(?<=Subject Key Identifier: \n) +.*\n/,
  'authority key identifier': /(?<=Authority Key Identifier: \n) +.*\n/,
  signature: /(?<=Signature Value:\n)(?: +[0-9a-f:]+\n)+/
}

const DROPPED: Record<string, RegExp> = {
  'access to its issuer': /Authority Information Access: \n.*\n/,
  'lists of the revoked': /X509v3 CRL Distribution Points: \n(?: {16}.*\n)+/,
  'fresh lists': /X509v3 Freshest CRL: \n(?: {16}.*\n)+/,
  'proofs of its issuer\'s logs': /CT Precertificate SCTs: \n(?: {16}.*\n| {20}.*\n)*/
}

function masked (text: string): string {
  let rest = text.replace(/(Signature Algorithm): .*/g, '$1')
  for (const pattern of Object.values(DROPPED)) rest = rest.replace(new RegExp(` *${pattern.source}`), '')
  for (const pattern of Object.values(CHANGED)) rest = rest.replace(pattern, '')
  // OpenSSL prints empty lines around some extensions.
  return rest.replace(/\n\s*\n/g, '\n')
}

test('a copy of one without an end can have any flaw', async (t) => {
  if (!hasTools(t, 'openssl')) return
  const { folder } = opensslOriginal(t, 'p-256')
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('index.txt'), '')
  const config = `[ca]\ndefault_ca = own\n[own]\ndatabase = ${at('index.txt')}\nnew_certs_dir = ${folder}\nrand_serial = yes\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n`
  writeFileSync(at('ca.cnf'), config)
  openssl(['ca', '-batch', '-config', at('ca.cnf'), '-cert', at('ca.pem'), '-keyfile', at('ca.key'), '-in', at('leaf.csr'), '-out', at('endless.pem'), '-notext',
    '-startdate', '20200101000000Z', '-enddate', '99991231235959Z', '-extfile', at('openssl.cnf'), '-extensions', 'leaf'])
  const { chain } = readPair({ certificate: at('endless.pem'), key: at('leaf.key') })
  t.match(new X509Certificate(chain[0]!).validTo, /9999/)
  const { identities, ca, since } = await freshAuthority(ORIGINAL_HOSTS)
  for (const [flaw, code] of FLAWS) {
    const copy = await identities.identity({ host: 'example.test', original: chain, since, flaw })
    t.match(await shownTo(copy, { ca, servername: 'example.test' }), { code }, JSON.stringify(flaw))
  }
})
