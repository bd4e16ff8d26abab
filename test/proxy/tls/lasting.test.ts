import { test } from 'tap'
import { createAuthority } from '../../../src/proxy/tls/authority.ts'
import { buildCertificate, distinguishedName } from '../../../src/proxy/tls/certificate.ts'
import { subjectAltName } from '../../../src/proxy/tls/extensions.ts'
import { Identities } from '../../../src/proxy/tls/identities.ts'
import { freshKey } from '../../../src/proxy/tls/keys.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

test('a fault that stays for days never becomes another one', async (t) => {
  const clock = createVirtualClock()
  const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock }), clock)
  const since = new Date(clock.wall())
  const flaws = [
    { flaw: 'wrong-host' }, { flaw: 'self-signed' }, { flaw: 'wrong-eku' }, { flaw: 'incomplete-chain' }, { flaw: 'expired-intermediate', ago: DAY },
    { flaw: 'untrusted-root', sendRoot: true }
  ] as const
  for (let day = 0; day < 6; day++) {
    for (const flaw of flaws) {
      const identity = await identities.identity({ host: 'shop.test', flaw, since })
      t.ok(identity.notBefore.getTime() <= clock.wall() && identity.notAfter.getTime() >= clock.wall() + 11 * HOUR, `${flaw.flaw}, day ${day}`)
      t.equal(await identities.identity({ host: 'shop.test', flaw, since }), identity)
    }
    await clock.advance(DAY)
  }
})

test('for half a day it is the same certificate; dates that are the fault stay for good', async (t) => {
  const clock = createVirtualClock()
  const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock }), clock)
  const since = new Date(clock.wall())
  const [wrong, expired] = [
    { host: 'shop.test', flaw: { flaw: 'wrong-host' }, since } as const, { host: 'shop.test', flaw: { flaw: 'expired', ago: DAY }, since } as const
  ]
  const first = [await identities.identity(wrong), await identities.identity(expired)]
  await clock.advance(12 * HOUR - 1)
  t.equal(await identities.identity(wrong), first[0])
  await clock.advance(1)
  t.not(await identities.identity(wrong), first[0])
  await clock.advance(3 * DAY)
  t.equal(await identities.identity(expired), first[1])
  t.strictSame(first[1]!.notAfter, new Date(since.getTime() - DAY))
})

test('a copy keeps the dates of its original, and stays the same', async (t) => {
  const clock = createVirtualClock()
  const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock }), clock)
  const { publicKey, privateKey } = await freshKey('p-256')
  const subject = distinguishedName({ commonName: 'shop.test' })
  const [notBefore, notAfter] = [new Date(clock.wall() - 30 * DAY), new Date(clock.wall() + 60 * DAY)]
  const original = buildCertificate({
    issuer: subject, subject, notBefore, notAfter, spki: publicKey.export({ type: 'spki', format: 'der' }), extensions: [subjectAltName(['shop.test'])]
  }, privateKey)
  const request = { host: 'shop.test', original: [original], since: new Date(clock.wall()) }
  const copy = await identities.identity(request)
  t.match(copy, { notBefore, notAfter })
  await clock.advance(5 * DAY)
  t.equal(await identities.identity(request), copy)
})

test('once the CA has ended, it says so; what it has not signed goes on', async (t) => {
  const clock = createVirtualClock()
  const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock }), clock)
  const since = new Date(clock.wall())
  await clock.advance(7 * DAY + 1000)
  await t.rejects(identities.identity({ host: 'shop.test', since: new Date(clock.wall()) }), {
    code: 'PMT_ERR_CERTIFICATE', message: 'the CA has ended, so nobody would take its certificates', details: { found: '2026-01-08T00:00:00.000Z' }
  })
  for (const flaw of [{ flaw: 'self-signed' }, { flaw: 'untrusted-root', sendRoot: false }] as const) {
    const { notAfter } = await identities.identity({ host: 'shop.test', flaw, since })
    t.ok(notAfter.getTime() > clock.wall() + 11 * HOUR, flaw.flaw)
  }
})

test('a certificate is asked for by any spelling of its host, and never for what is none', async (t) => {
  const clock = createVirtualClock()
  const identities = new Identities(await createAuthority({ hosts: ['shop.test'], clock }), clock)
  const since = new Date(clock.wall())
  t.strictSame((await identities.identity({ host: 'SHOP.test.', since })).names, ['DNS:shop.test'])
  t.strictSame((await identities.identity({ host: '[::1]', since })).names, ['IP Address:0:0:0:0:0:0:0:1'])
  t.strictSame((await identities.identity({ host: '*.shop.test', flaw: { flaw: 'wrong-host' }, since })).names, ['DNS:wrong-host.shop.test'])
  t.strictSame((await identities.identity({ host: '127.0.0.1', flaw: { flaw: 'wrong-host' }, since })).names, ['DNS:wrong-host.localhost'])
  await t.rejects(identities.identity({ host: 'bad host\0', since }), { code: 'PMT_ERR_CERTIFICATE' })
})
