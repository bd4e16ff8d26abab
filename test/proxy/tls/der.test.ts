import fc from 'fast-check'
import { test } from 'tap'
import { PremortemError } from '../../../src/kernel/errors.ts'
import {
  LARGEST, NULL, TRUE, bits, childrenOf, contentOf, integer, malformed, octets, oid, oidOf, parseDer, sequence, set, tagged, time,
  toDer, utf8
} from '../../../src/proxy/tls/der.ts'

const CERTIFICATE = { code: 'PMT_ERR_CERTIFICATE' }
const hex = (value: Parameters<typeof toDer>[0]): string => toDer(value).toString('hex')

test('values are written as X.690 says', async (t) => {
  t.equal(hex(sequence(TRUE, NULL)), '30050101ff0500')
  t.equal(hex(set(utf8('ü'))), '31040c02c3bc')
  t.equal(hex(integer(Buffer.of(0x7f))), '02017f')
  t.equal(hex(integer(Buffer.of(0x80))), '02020080', 'stays positive')
  t.equal(hex(oid('1.2.840.10045.4.3.2')), '06082a8648ce3d040302')
  t.equal(hex(octets(Buffer.of(1, 2))), '04020102')
  t.equal(hex(bits(Buffer.of(0xa0), 5)), '030205a0')
  t.equal(hex(tagged(0, [NULL])), 'a0020500', 'around values')
  t.equal(hex(tagged(7, Buffer.of(127, 0, 0, 1))), '87047f000001', 'around bytes')
})

test('moments are written as UTCTime until 2049, and as GeneralizedTime outside of it', async (t) => {
  const at = (text: string): string => toDer(time(new Date(text))).toString('latin1')
  t.equal(at('2049-12-31T23:59:59.999Z'), '\x17\x0d491231235959Z')
  t.equal(at('2050-01-01T00:00:00Z'), '\x18\x0f20500101000000Z')
  t.equal(at('1950-01-01T00:00:00Z'), '\x17\x0d500101000000Z')
  t.equal(at('1949-12-31T00:00:00Z'), '\x18\x0f19491231000000Z')
})

test('what was read is written as it was, bit strings that look like DER included', async (t) => {
  const der = toDer(sequence(oid('2.5.29.17'), bits(toDer(sequence(NULL))), octets(toDer(sequence(TRUE)))))
  t.same(toDer(parseDer(der)), der)
})

test('what is not one whole value is refused', async (t) => {
  t.throws(() => parseDer(Buffer.alloc(0)), CERTIFICATE)
  t.throws(() => parseDer(Buffer.from('30050101', 'hex')), CERTIFICATE, 'cut short')
  t.throws(() => parseDer(Buffer.from('05000500', 'hex')), CERTIFICATE, 'with something behind it')
  t.throws(() => parseDer(Buffer.alloc(LARGEST + 1)), { ...CERTIFICATE, details: { found: `${LARGEST + 1} bytes` } })
  t.throws(() => parseDer(Buffer.from('30'.repeat(2000), 'hex')), CERTIFICATE)
})

test('deep nesting is refused, and not followed until the stack ends', async (t) => {
  let der = Buffer.from('0500', 'hex')
  for (let depth = 0; depth < 5000; depth++) {
    const length = der.length < 128 ? [der.length] : [0x82, der.length >> 8, der.length & 255]
    der = Buffer.concat([Buffer.from([0x30, ...length]), der])
  }
  t.throws(() => parseDer(der), CERTIFICATE)
})

test('asking a value for what it is not is refused', async (t) => {
  t.throws(() => childrenOf(NULL), CERTIFICATE)
  t.throws(() => childrenOf(undefined), CERTIFICATE)
  t.throws(() => contentOf(sequence()), CERTIFICATE)
  t.throws(() => contentOf(undefined), CERTIFICATE)
  t.throws(() => oidOf(sequence()), CERTIFICATE)
  t.throws(() => oidOf(parseDer(Buffer.from('0600', 'hex'))), CERTIFICATE)
  t.throws(() => oidOf(parseDer(Buffer.from('060180', 'hex'))), CERTIFICATE)
  t.equal(oidOf(oid('2.5.29.30')), '2.5.29.30')
  t.match(malformed('a', 'b'), { code: 'PMT_ERR_CERTIFICATE', details: { found: 'a', wanted: 'b' } })
})

test('any bytes are read or refused with the one error', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    try {
      toDer(parseDer(bytes))
    } catch (error) {
      return error instanceof PremortemError && error.code === 'PMT_ERR_CERTIFICATE'
    }
    return true
  }), { numRuns: 2000 }))
})
