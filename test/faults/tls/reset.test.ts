import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { exchange } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('instead of an answer', async (t) => {
  t.strictSame(playTls({ type: 'tls/reset' }).handshake(), { do: 'end', how: 'reset' })
})

test('after the server\'s first record', async (t) => {
  const { sent, shakenAt } = await exchange()
  const action = playTls({ type: 'tls/reset', when: 'server-hello' }).records().chunk!(sent[0]!, 0)
  t.strictSame(action, { do: 'cut', bytes: 5 + sent[0]!.readUInt16BE(3), how: 'reset' })
  t.ok(shakenAt! > 0)
})

test('after so much data, or right before the first of it', async (t) => {
  const record = Buffer.concat([Buffer.from([23, 3, 3, 0, 3]), Buffer.from('abc')])
  const cut = (after?: number): unknown => playTls({ type: 'tls/reset', when: 'data', ...after === undefined ? {} : { after } }).records().chunk!(Buffer.concat([record, record]), 0)
  t.strictSame(cut(), { do: 'cut', bytes: 0, how: 'reset' })
  t.strictSame(cut(4), { do: 'cut', bytes: 16, how: 'reset' })
})

test('`after` goes with data', async (t) => {
  t.throws(() => decodeFault({ type: 'tls/reset', after: 5 }), { code: 'PMT_ERR_INVALID', details: { path: 'after', found: 5 } })
})
