import { test } from 'tap'
import fc from 'fast-check'
import { addressBytes, canonicalHost, formatAddressBytes, hostOf } from '../../../src/proxy/tls/hosts.ts'

test('hosts are written the way certificates write them', async (t) => {
  const same: [string, string | null][] = [
    ['shop.test', 'shop.test'], ['SHOP.Test.', 'shop.test'], ['my_service', 'my_service'], ['*.Shop.test', '*.shop.test'],
    ['münchen.test', 'xn--mnchen-3ya.test'], ['10.0.0.1', '10.0.0.1'], ['[::1]', '::1'], ['fe80::1%eth0', 'fe80::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], ['::ffff:10.0.0.1', '10.0.0.1'],
    ['', null], ['*', null], ['*.', null], ['a..b', null], ['-a.test', null], ['bad host', null], ['a\0b', null], ['a/b', null],
    [`${'a'.repeat(64)}.test`, null], ['a.'.repeat(127), 'a.'.repeat(127).slice(0, -1)], ['a.'.repeat(128), null], ['a'.repeat(100_000), null]
  ]
  for (const [written, wanted] of same) t.equal(canonicalHost(written), wanted, written.slice(0, 40))
  t.throws(() => hostOf('bad host'), { code: 'PMT_ERR_CERTIFICATE', details: { found: 'bad host' } })
})

test('whatever comes in, what is made of it stays as it is', async (t) => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.ipV4(), fc.ipV6()), (written) => {
    const host = canonicalHost(written)
    return host === null || canonicalHost(host) === host
  }))
  t.pass('idempotent')
})

test('addresses to bytes and back', async (t) => {
  t.strictSame(addressBytes('10.0.0.255'), Buffer.from([10, 0, 0, 255]))
  t.strictSame(addressBytes('::'), Buffer.alloc(16))
  t.equal(addressBytes('64:ff9b::192.0.2.33')!.toString('hex'), '0064ff9b0000000000000000c0000221')
  t.equal(addressBytes('shop.test'), null)
  t.equal(formatAddressBytes(Buffer.alloc(16)), '::')
  t.equal(formatAddressBytes(Buffer.from('20010db8000000010000000000000000', 'hex')), '2001:db8:0:1::')
  t.equal(formatAddressBytes(Buffer.from([1, 2])), '0102')
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) =>
    addressBytes(formatAddressBytes(bytes))!.equals(Buffer.from(bytes))))
  t.pass('every IPv6 address survives')
})
