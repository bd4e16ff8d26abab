import { X509Certificate } from 'node:crypto'
import { connect, createServer, checkServerIdentity } from 'node:tls'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { test } from 'tap'
import type { Test } from 'tap'
import { createSystemClock } from '../../../src/kernel/clock.ts'
import { PremortemError } from '../../../src/kernel/errors.ts'
import { createAuthority } from '../../../src/proxy/tls/authority.ts'
import { buildCertificate, distinguishedName, toPem } from '../../../src/proxy/tls/certificate.ts'
import { bits, oid, octets, sequence, toDer } from '../../../src/proxy/tls/der.ts'
import type { Asn1 } from '../../../src/proxy/tls/der.ts'
import { basicConstraintsCa, extKeyUsage, keyUsage, subjectAltName } from '../../../src/proxy/tls/extensions.ts'
import { Identities } from '../../../src/proxy/tls/identities.ts'
import { freshKey } from '../../../src/proxy/tls/keys.ts'
import { partsOf, valueOf } from '../../../src/proxy/tls/parts.ts'

const clock = createSystemClock()

// What people make by hand: signed by itself, valid for a day.
async function madeByHand (commonName: string, extensions: Asn1[]): Promise<Buffer> {
  const { publicKey, privateKey } = await freshKey('p-256')
  const subject = distinguishedName({ commonName })
  return buildCertificate({
    issuer: subject, subject, notBefore: new Date(clock.wall() - 3_600_000), notAfter: new Date(clock.wall() + 86_400_000),
    spki: publicKey.export({ type: 'spki', format: 'der' }), extensions
  }, privateKey)
}

/** What a Node client that trusts the root makes of a copy; `ok`, or the error's code. */
async function shown (t: Test, copied: { hosts: string[], host: string, original: Buffer }): Promise<string> {
  const { hosts, host, original } = copied
  const authority = await createAuthority({ hosts, clock })
  const since = new Date(clock.wall())
  const { key, cert } = await new Identities(authority, clock).identity({ host, original: [original], since })
  const server = createServer({ key, cert }, (socket) => socket.on('error', () => {}).end())
  server.on('tlsClientError', () => {})
  t.teardown(() => new Promise((resolve) => { server.close(resolve) }))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca: toPem(authority.root),
      checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate)
    }, () => {
      resolve('ok')
      socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

const usageOf = (der: Buffer): string | undefined => {
  const found = partsOf(der).extensions.find(({ id }) => id === '2.5.29.15')
  return found === undefined ? undefined : valueOf(found).toString('hex')
}

const copyOf = async (original: Buffer): Promise<X509Certificate> => {
  const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock, constrained: false }), clock)
  return new X509Certificate((await identities.identity({ host: 'shop.test', original: [original], since: new Date(clock.wall()) })).cert)
}

test('an address for a common name is no violation of the name constraints', async (t) => {
  for (const [hosts, host] of [[['10.0.0.1'], '10.0.0.1'], [[], '127.0.0.1'], [['2001:db8::1'], '2001:db8::1']] as [string[], string][]) {
    t.equal(await shown(t, { hosts, host, original: await madeByHand(host, [subjectAltName([host])]) }), 'ok', host)
  }
  const other = { hosts: ['10.0.0.1'], host: '10.0.0.2', original: await madeByHand('ten', [subjectAltName(['10.0.0.2'])]) }
  t.not(await shown(t, other), 'ok', 'but addresses that the CA was not made for are refused')
})

test('a wildcard among the hosts permits what is below its domain', async (t) => {
  const original = await madeByHand('shop', [subjectAltName(['*.shop.test'])])
  t.equal(await shown(t, { hosts: ['*.shop.test'], host: 'a.shop.test', original }), 'ok')
  t.not(await shown(t, { hosts: ['*.other.test'], host: 'a.shop.test', original }), 'ok')
})

test('the copy of what says it is a CA is none', async (t) => {
  const original = await madeByHand('shop.test', [
    basicConstraintsCa(3), keyUsage('digitalSignature', 'keyCertSign', 'cRLSign'), subjectAltName(['shop.test']), extKeyUsage('server')
  ])
  t.equal(new X509Certificate(original).ca, true)
  const copy = await copyOf(original)
  t.equal(copy.ca, false)
  t.equal(usageOf(copy.raw), '03020780', 'digitalSignature alone, with seven unused bits')
  t.equal(await shown(t, { hosts: ['shop.test'], host: 'shop.test', original }), 'ok')
})

test('nor does a key usage of signing certificates survive by itself', async (t) => {
  const original = await madeByHand('shop.test', [keyUsage('keyCertSign'), subjectAltName(['shop.test'])])
  t.equal(usageOf((await copyOf(original)).raw), undefined)
})

test('nor the certificate type that Netscape had for CAs', async (t) => {
  const type = (byte: number, unused: number): Asn1 =>
    sequence(oid('2.16.840.1.113730.1.1'), octets(toDer(bits(Buffer.of(byte), unused))))
  const kept = async (extension: Asn1): Promise<string | undefined> => {
    const { raw } = await copyOf(await madeByHand('shop.test', [extension, subjectAltName(['shop.test'])]))
    const found = partsOf(raw).extensions.find(({ id }) => id === '2.16.840.1.113730.1.1')
    return found && valueOf(found).toString('hex')
  }
  t.equal(await kept(type(0x44, 2)), '03020640', 'a server and a CA: a server')
  t.equal(await kept(type(0x40, 4)), '03020440', 'what is of no CA stays as it was written')
  t.equal(await kept(type(0x07, 0)), undefined)
})

test('what is of no CA stays byte for byte', async (t) => {
  // Longer than it need be, and not critical.
  const usage = sequence(oid('2.5.29.15'), octets(toDer(bits(Buffer.from([0xa0, 0x00]), 0))))
  const original = await madeByHand('shop.test', [usage, sequence(oid('2.5.29.19'), octets(toDer(sequence()))), subjectAltName(['shop.test'])])
  const kept = (der: Buffer): string[] => partsOf(der).extensions.filter(({ id }) => id !== '2.5.29.35').map(({ value }) => toDer(value).toString('hex'))
  t.strictSame(kept((await copyOf(original)).raw), kept(original))
})

test('an original that is none is refused', async (t) => {
  const identities = new Identities(await createAuthority({ hosts: [], clock }), clock)
  for (const original of [[], [Buffer.alloc(0)], [Buffer.from('30030201', 'hex')], [Buffer.alloc(65_537, 0x30)]]) {
    await t.rejects(identities.identity({ host: 'shop.test', original, since: new Date(0) }), { code: 'PMT_ERR_CERTIFICATE' })
  }
})

test('whatever is wrong with an original, the error is ours', async (t) => {
  const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock }), clock)
  const original = await madeByHand('shop.test', [
    basicConstraintsCa(0), keyUsage('digitalSignature', 'keyCertSign'), extKeyUsage('server'),
    subjectAltName(['shop.test', 'other.test', '10.0.0.1'])
  ])
  const flaw = fc.constantFrom(undefined, { flaw: 'wrong-host' } as const, { flaw: 'wrong-eku' } as const, { flaw: 'self-signed' } as const)
  const change = fc.record({ at: fc.nat(original.length - 1), to: fc.nat(255), cut: fc.boolean() })
  const changes = fc.array(change, { minLength: 1, maxLength: 3 })
  let taken = 0
  await fc.assert(fc.asyncProperty(changes, flaw, async (changed, wanted) => {
    let bytes = Buffer.from(original)
    for (const { at, to, cut } of changed) {
      if (cut && to < 32) bytes = bytes.subarray(0, at)
      else if (at < bytes.length) bytes[at] = to
    }
    try {
      const request = { host: 'shop.test', original: [bytes], since: new Date(0), ...wanted === undefined ? {} : { flaw: wanted } }
      t.equal(new X509Certificate((await identities.identity(request)).cert).ca, false)
      taken++
    } catch (error) {
      if (!(error instanceof PremortemError) || error.code !== 'PMT_ERR_CERTIFICATE') throw error
    }
  }), { numRuns: 500 })
  t.ok(taken > 10, `${taken} of 500 could be copied all the same`)
})
