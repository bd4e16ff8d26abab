import fc from 'fast-check'
import { test } from 'tap'
import { HelloReader, LONGEST_HELLO } from '../../../src/proxy/tls/hello.ts'
import { captureHello, clientHello, inRecords } from '../../helpers/hello.ts'

const read = (bytes: Buffer, sizes = [bytes.length]): unknown => {
  const reader = new HelloReader()
  let found: unknown = 'more'
  for (let at = 0, i = 0; at < bytes.length && found === 'more'; i++) {
    const end = at + sizes[i % sizes.length]!
    found = reader.push(bytes.subarray(at, end))
    at = end
  }
  return found
}

test('what Node sends: name, protocols, versions, and whether it resumes', async (t) => {
  const hello = await captureHello({ servername: 'Payments.Internal', ALPNProtocols: ['h2', 'http/1.1'] })
  const wanted = { sni: 'payments.internal', alpn: ['h2', 'http/1.1'], versions: ['TLSv1.2', 'TLSv1.3'], resumes: false }
  t.same(read(hello), wanted)
  t.same(read(hello, [1]), wanted, 'byte by byte')
  t.same(read(await captureHello({ maxVersion: 'TLSv1.2' })), {
    sni: undefined, alpn: [], versions: ['TLSv1', 'TLSv1.1', 'TLSv1.2'], resumes: false
  }, 'up to its highest')
})

test('the same in any TLS records and TCP segments', async (t) => {
  const whole = clientHello({ sni: 'a.b', alpn: ['x'], versions: [0x0304], extra: 300 })
  const wanted = { sni: 'a.b', alpn: ['x'], versions: ['TLSv1.3'], resumes: false }
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }), (records, segments) => {
      t.match(read(inRecords(whole, records), segments), wanted)
    }), { numRuns: 60 })
})

test('old clients and odd ones', async (t) => {
  t.same(read(inRecords(clientHello({ legacy: 0x0301, bare: true }))), { sni: undefined, alpn: [], versions: ['TLSv1'], resumes: false }, 'no extensions at all')
  t.match(read(inRecords(clientHello({ legacy: 0x0303, sessionId: 32 }))), { resumes: true }, 'by session id')
  t.match(read(inRecords(clientHello({ sessionId: 32, versions: [0x0304, 0x0303] }))), { resumes: false }, 'a session id that means nothing')
  t.match(read(inRecords(clientHello({ ticket: 100 }))), { resumes: true }, 'by ticket')
  t.match(read(inRecords(clientHello({ sni: 'a.b.' }))), { sni: 'a.b' }, 'a dot at the end')
})

test('what is not TLS is known by its first byte, most of it', async (t) => {
  for (const bytes of [[71, 69, 84], [0], [22, 2], [22, 3, 1, 0xff, 0xff], [22, 3, 1, 0, 0], [22, 3, 1, 0, 5, 2]]) {
    t.equal(read(Buffer.from(bytes)), 'not-tls')
  }
  t.equal(read(Buffer.of(22, 3, 1, 0, 5, 1, 0, 0, 1, 3)), 'not-tls', 'a hello of one byte')
  t.equal(read(Buffer.of(22, 3, 1)), 'more')
})

test('none is waited for beyond 64 KiB', async (t) => {
  const claims = Buffer.of(22, 3, 1, 0x40, 0, 1, 1, 0, 0)
  t.equal(read(claims), 'not-tls', 'longer than that by its own word')
  const large = inRecords(clientHello({ sni: 'a.b', extra: 65_000 }))
  t.match(read(large, [1000]), { sni: 'a.b' }, 'nearly so long')
  const reader = new HelloReader()
  const dust = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.of(22, 3, 1, 0, 1, 0)))
  dust[5] = 1
  let found: unknown = 'more'
  let sent = 0
  const more = Buffer.from(dust.map((byte, i) => i % 6 === 5 ? 0 : byte))
  for (; found === 'more' && sent < 2 * LONGEST_HELLO; sent += dust.length) found = reader.push(sent === 0 ? dust : more)
  t.not(found, 'more', 'in records of one byte')
})

test('no bytes make it throw', async (t) => {
  const whole = inRecords(clientHello({ sni: 'a.b', alpn: ['x', 'y'], versions: [0x0304], ticket: 9 }))
  const changed = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 })
  fc.assert(fc.property(changed, fc.nat(whole.length), (changes, length) => {
    const bytes = Buffer.from(whole.subarray(0, length))
    for (const [at, byte] of changes) if (at < length) bytes[at] = byte
    read(bytes, [7])
    read(bytes)
  }), { numRuns: 2000 })
  t.pass('none did')
})
