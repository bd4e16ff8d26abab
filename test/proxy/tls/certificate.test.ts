import { X509Certificate, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { test } from 'tap'
import { buildCertificate, distinguishedName, toPem } from '../../../src/proxy/tls/certificate.ts'
import type { CertificateParts } from '../../../src/proxy/tls/certificate.ts'
import { basicConstraintsLeaf } from '../../../src/proxy/tls/extensions.ts'

const parts = (key: KeyObject, more: Partial<CertificateParts> = {}): CertificateParts => ({
  issuer: distinguishedName({ commonName: 'issuer' }),
  subject: distinguishedName({ organization: 'Grüße', commonName: 'subject' }),
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-02-01T00:00:00Z'),
  spki: createPublicKey(key).export({ type: 'spki', format: 'der' }),
  extensions: [basicConstraintsLeaf()],
  ...more
})

const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey

test('OpenSSL reads what was built, and the signature is good, by keys of every kind', async (t) => {
  const keys = [
    ec('P-256'), ec('P-384'), ec('P-521'), generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    generateKeyPairSync('ed25519').privateKey
  ]
  for (const key of keys) {
    const x509 = new X509Certificate(buildCertificate(parts(key), key))
    t.ok(x509.verify(createPublicKey(key)), `${key.asymmetricKeyType}`)
    t.equal(x509.subject, 'O=Grüße\nCN=subject')
    t.equal(x509.issuer, 'CN=issuer')
    t.equal(x509.validFrom, 'Jan  1 00:00:00 2026 GMT')
    t.equal(x509.validTo, 'Feb  1 00:00:00 2026 GMT')
    t.notOk(x509.ca)
    t.ok(x509.checkPrivateKey(key))
  }
})

test('a key that cannot sign is refused', async (t) => {
  const { privateKey } = generateKeyPairSync('x25519')
  t.throws(() => buildCertificate(parts(privateKey), privateKey), { code: 'PMT_ERR_CERTIFICATE', details: { found: 'x25519' } })
})

test('serial numbers are positive, of 128 bits, and of what the certificate says and who signs it', async (t) => {
  const key = ec('P-256')
  const serial = (more: Partial<CertificateParts>, signer = key): string =>
    new X509Certificate(buildCertificate(parts(key, more), signer)).serialNumber
  t.match(serial({}), /^[4-7][0-9A-F]{31}$/)
  t.equal(serial({}), serial({}))
  t.not(serial({}), serial({ notAfter: new Date('2026-02-01T00:00:01Z') }))
  t.not(serial({}), serial({}, ec('P-256')))
})

test('PEM has lines of 64 characters, whatever the length', async (t) => {
  for (const length of [1, 47, 48, 49, 96]) {
    const pem = toPem(Buffer.alloc(length, 7))
    const lines = pem.split('\n').slice(1, -2)
    t.ok(lines.every((line, i) => i === lines.length - 1 ? line.length <= 64 && line.length > 0 : line.length === 64), `${length}`)
    t.same(Buffer.from(lines.join(''), 'base64'), Buffer.alloc(length, 7))
    t.match(pem, /\n-----END CERTIFICATE-----\n$/)
  }
})
