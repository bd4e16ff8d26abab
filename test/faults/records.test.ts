import { test } from 'tap'
import { RecordReader } from '../../src/faults/records.ts'
import type { RecordPart } from '../../src/faults/records.ts'
import { exchange, record } from '../helpers/handshakes.ts'

/** Everything that was sent, in chunks of a size. */
function rechunk (sent: readonly Buffer[], size: number): Buffer[] {
  const all = Buffer.concat(sent)
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.subarray(i * size, (i + 1) * size))
}

/** Where the first application data begins, how much of it there is, and how many records begin and end. */
function measure (chunks: readonly Buffer[]): { at: number, bytes: number, begun: number, ended: number } {
  const reader = new RecordReader()
  const seen = { at: -1, bytes: 0, begun: 0, ended: 0 }
  let before = 0
  for (const chunk of chunks) {
    for (const part of reader.read(chunk)) {
      if (part.application && seen.at === -1) seen.at = before + part.from
      if (part.application) seen.bytes += part.to - part.payload
      if (part.first) seen.begun++
      if (part.last) seen.ended++
    }
    before += chunk.length
  }
  return seen
}

/** What encrypting adds to a record, with AES-GCM: in 1.2 a nonce and a tag, in 1.3 the type and a tag. */
const OVERHEAD = { 'TLSv1.2': 24, 'TLSv1.3': 17 } as const
/** An encrypted close_notify: an alert of its own type in 1.2, and in 1.3 like data. */
const CLOSE_NOTIFY = { 'TLSv1.2': 0, 'TLSv1.3': 19 } as const
/** What session tickets may take beside it: they look like data in 1.3. */
const TICKETS = { 'TLSv1.2': 0, 'TLSv1.3': 1024 } as const
const ANSWER = [Buffer.alloc(300), Buffer.alloc(20_000)]

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  // 20,000 bytes are two records.
  const expected = 20_300 + 3 * OVERHEAD[version] + CLOSE_NOTIFY[version]

  test(`${version}: application data as a server of node:tls sends it`, async (t) => {
    const { sent, shakenAt, received } = await exchange({ version, answer: ANSWER, client: { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_256_GCM_SHA384' } })
    t.equal(received.length, 20_300)
    const seen = measure(sent)
    t.ok(seen.bytes >= expected && seen.bytes <= expected + TICKETS[version], `${seen.bytes} of ${expected}`)
    t.ok(seen.at >= shakenAt!, `${seen.at}, behind the handshake, which took ${shakenAt}`)
    t.equal(seen.begun, seen.ended)
  })

  test(`${version}: whatever the chunks`, async (t) => {
    const { sent, shakenAt } = await exchange({ version, answer: ANSWER })
    const { at, bytes, ended } = measure(sent)
    for (const size of [1e6, 1, 3, 7, 100, 1460]) {
      const other = measure(rechunk(sent, size))
      t.ok(other.at >= shakenAt!, 'never within the handshake')
      t.ok(Math.abs(other.at - at) < 5, 'a header that is cut in two belongs to no type yet')
      t.strictSame([other.bytes, other.begun, other.ended], [bytes, ended, ended])
    }
  })

  test(`${version}: a session that is resumed`, async (t) => {
    const { session } = await exchange({ version })
    const { sent, shakenAt } = await exchange({ version, session, answer: ANSWER })
    const seen = measure(sent)
    t.ok(seen.at >= shakenAt!)
    t.ok(seen.bytes >= expected && seen.bytes <= expected + TICKETS[version], `${seen.bytes} of ${expected}`)
  })
}

for (const ciphers of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
  test(`TLSv1.3: the handshake is over with Finished under ${ciphers}, byte by byte`, async (t) => {
    const { sent, shakenAt } = await exchange({ client: { ciphers } })
    const reader = new RecordReader()
    const all = Buffer.concat(sent)
    const over = rechunk(sent, 1).findIndex((chunk) => {
      reader.read(chunk)
      return !reader.handshaking
    })
    t.equal(over + 1, shakenAt)
    t.ok(over < all.length - 1000)
  })
}

test('TLSv1.3: another ServerHello is asked for first (HelloRetryRequest)', async (t) => {
  const { sent, shakenAt, received } = await exchange({ client: { ecdhCurve: 'P-521:P-256' }, answer: ANSWER })
  t.equal(received.length, 20_300)
  const seen = measure(sent)
  const all = Buffer.concat(sent)
  const second = all.indexOf(Buffer.from([22, 3, 3]), 5 + all.readUInt16BE(3))
  t.ok(second > 0 && second < seen.at, 'it was')
  t.ok(seen.bytes >= 20_370 && seen.bytes <= 20_370 + 1024)
  t.ok(seen.at >= shakenAt!)
})

test('TLSv1.3: a server that packs its handshake into one record', async (t) => {
  const { sent } = await exchange()
  const all = Buffer.concat(sent)
  const hello = all.subarray(0, 5 + all.readUInt16BE(3))
  for (const packed of [1500, 80]) {
    const flight = Buffer.concat([hello, record(20, 1), record(23, packed)])
    const apply = (...chunks: Buffer[]): RecordPart[][] => {
      const reader = new RecordReader()
      return chunks.map((chunk) => reader.read(chunk))
    }
    const [first, second] = apply(flight, record(23, 700))
    t.notOk(first!.some(({ application }) => application))
    t.ok(second![0]!.application)
    const middle = flight.length - 20
    const parts = apply(flight.subarray(0, middle), flight.subarray(middle), record(23, 700))
    t.strictSame(parts.map((of) => of.some(({ application }) => application)), [false, false, true], 'also where a chunk ends in it')
  }
})

test('up to TLS 1.2, type 23 is data, even right away', async (t) => {
  const handshake = [record(22, 90), record(22, 800), record(20, 1), record(22, 40)]
  t.equal(measure([Buffer.concat([...handshake, record(23, 10), record(23, 10)])]).bytes, 20)
})

test('bytes that are no TLS have no records, and nothing goes on in them', async (t) => {
  for (const text of ['HTTP/1.1 400 Bad Request\r\n\r\n', '\x16\x02\x00\x00\x05hello', '\x17\x03\x03\xff\xffdata', '\0\0\0\0\0\0']) {
    const reader = new RecordReader()
    t.strictSame(reader.read(Buffer.from(text, 'latin1')), [])
    t.notOk(reader.handshaking)
    t.strictSame(reader.read(record(23, 5)), [])
  }
})

test('junk in place of a ServerHello is none of TLS 1.3, and a long one is not kept', async (t) => {
  for (const body of [Buffer.alloc(0), Buffer.from([2]), Buffer.alloc(200, 0xff), Buffer.alloc(16_384, 2)]) {
    const header = Buffer.from([22, 3, 3, body.length >> 8, body.length & 255])
    t.equal(measure(rechunk([header, body, record(23, 9)], 100)).bytes, 9)
  }
})

test('a record without a byte in it', async (t) => {
  const [part] = new RecordReader().read(record(23, 0))
  t.strictSame(part, { from: 0, payload: 5, to: 5, first: true, last: true, application: true })
})
