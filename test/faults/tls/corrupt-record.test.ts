import { test } from 'tap'
import { exchange } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

const ANSWER = [Buffer.alloc(2000, 'a'), Buffer.alloc(2000, 'b')]

for (const [version, code] of [['TLSv1.2', 'ERR_SSL_CIPHER_OPERATION_FAILED'], ['TLSv1.3', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC']] as const) {
  test(`${version}: hands are shaken, records before it arrive, and one does not verify`, async (t) => {
    const found = await exchange({ version, answer: ANSWER, behaviour: playTls({ type: 'tls/corrupt-record', after: '2700B' }).records() })
    t.ok(found.shakenAt! > 0)
    t.strictSame(found.received, ANSWER[0])
    t.ok([code, 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'].includes(found.code!), `${found.code}`)
  })
}

test('one bit, once, at or behind the byte named; the chunk itself stays', async (t) => {
  const chunk = Buffer.concat([Buffer.from([23, 3, 3, 0, 3, 0, 0, 0]), Buffer.from([23, 3, 3, 0, 3, 0, 0, 0])])
  const before = Buffer.from(chunk)
  for (const after of [0, 1, 2, 3, 4, 5]) {
    const behaviour = playTls({ type: 'tls/corrupt-record', after }, after).records()
    const action = behaviour.chunk!(chunk, 0)
    if (action.do !== 'replace') throw new Error(action.do)
    const changed = [...action.bytes].flatMap((byte, i) => byte === before[i] ? [] : [{ i, bits: byte ^ before[i]! }])
    t.equal(changed.length, 1)
    const [{ i, bits }] = changed as [{ i: number, bits: number }]
    t.ok([1, 2, 4, 8, 16, 32, 64, 128].includes(bits))
    t.ok(after < 3 ? i >= 5 + after && i < 8 : i >= 13 + after - 3 && i < 16, `byte ${i} after ${after}`)
    t.strictSame(chunk, before)
    t.strictSame(behaviour.chunk!(chunk, 0), { do: 'pass' })
  }
})

test('each handshake has a bit of its own', async (t) => {
  const play = playTls({ type: 'tls/corrupt-record' })
  const chunk = Buffer.concat([Buffer.from([23, 3, 3, 64, 0]), Buffer.alloc(16_384)])
  t.notSame(play.records().chunk!(chunk, 0), play.records().chunk!(chunk, 0))
})
