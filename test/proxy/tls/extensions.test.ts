import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'tap'
import { toDer } from '../../../src/proxy/tls/der.ts'
import type { Asn1 } from '../../../src/proxy/tls/der.ts'
import {
  authorityKeyIdentifier, basicConstraintsCa, basicConstraintsLeaf, extKeyUsage, keyIdentifier, keyUsage, nameConstraints,
  subjectAltName, subjectKeyIdentifier
} from '../../../src/proxy/tls/extensions.ts'

const hex = (value: Asn1): string => toDer(value).toString('hex')

// Each is what OpenSSL 3 writes for the same words in a config file.
test('extensions are written as RFC 5280 says', async (t) => {
  t.equal(hex(basicConstraintsCa(1)), '30120603551d130101ff040830060101ff020101')
  t.equal(hex(basicConstraintsLeaf()), '300c0603551d130101ff04023000')
  t.equal(hex(keyUsage('digitalSignature')), '300e0603551d0f0101ff040403020780')
  t.equal(hex(keyUsage('keyCertSign', 'cRLSign')), '300e0603551d0f0101ff040403020106')
  t.equal(hex(keyUsage('digitalSignature', 'keyEncipherment')), '300e0603551d0f0101ff0404030205a0')
  t.equal(hex(extKeyUsage('server')), '30130603551d25040c300a06082b06010505070301')
  t.equal(hex(extKeyUsage('client')), '30130603551d25040c300a06082b06010505070302')
  t.equal(hex(subjectKeyIdentifier(Buffer.of(1, 2))), '300b0603551d0e040404020102')
  t.equal(hex(authorityKeyIdentifier(Buffer.of(1, 2))), '300d0603551d230406300480020102')
})

test('names and addresses each have their kind', async (t) => {
  const value = (...names: string[]): string => hex(subjectAltName(names))
  t.equal(value('a.b'), '300e0603551d11040730058203612e62')
  t.match(value('192.0.2.1'), /8704c0000201$/)
  t.match(value('2001:db8::1'), /871020010db8000000000000000000000001$/)
  t.match(value('::'), /8710(00){16}$/)
  t.match(value('1:2:3:4:5:6:7:8'), /871000010002000300040005000600070008$/)
  t.match(value('::ffff:192.0.2.1'), /871000000000000000000000ffffc0000201$/)
  t.match(value('fe80::1%eth0'), /8710fe800000000000000000000000000001$/)
})

test('name constraints permit names, loopback and the addresses given, and always both kinds', async (t) => {
  const none = hex(nameConstraints([]))
  t.match(none, /300a87087f000000ff000000/, 'loopback of IPv4')
  t.match(none, new RegExp(`30228720${'0'.repeat(31)}1${'f'.repeat(32)}`), 'loopback of IPv6')
  t.match(none, /^30[0-9a-f]{2}0603551d1e0101ff/, 'critical')
  const some = hex(nameConstraints(['a.b', '10.0.0.1', '127.0.0.1', '::1', '2001:db8::1', 'fe80::1%eth0']))
  t.match(some, /30058203612e62/)
  t.match(some, /300a87080a000001ffffffff/)
  t.notMatch(some, /7f000001/, 'what loopback covers is not said again')
  t.match(some, new RegExp(`3022872020010db8${'0'.repeat(23)}1${'f'.repeat(32)}`))
  t.match(some, /30228720fe80/)
})

test('a key is identified by the SHA-1 of its bits', async (t) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  t.equal(keyIdentifier(publicKey).length, 20)
  t.same(keyIdentifier(publicKey), keyIdentifier(createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))))
  t.notSame(keyIdentifier(publicKey), keyIdentifier(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey))
})
