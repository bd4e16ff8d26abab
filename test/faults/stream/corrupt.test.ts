import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playStream } from '../../helpers/playbook.ts'

test('a chunk is replaced by one with bits flipped; the chunk itself stays', async (t) => {
  const chunk = new Uint8Array(4096)
  const action = playStream({ type: 'corrupt', 'one-in': 1 }).chunk(chunk)
  if (action.do !== 'replace') throw new Error(action.do)
  t.ok(action.bytes.every((byte) => [1, 2, 4, 8, 16, 32, 64, 128].includes(byte)), 'one bit of each byte')
  t.ok(chunk.every((byte) => byte === 0))
})

test('where nothing flips, it passes', async (t) => {
  t.strictSame(playStream({ type: 'corrupt', 'one-in': '1000GB' }).chunk(), { do: 'pass' })
  t.throws(() => decodeFault({ type: 'corrupt', 'one-in': 0 }), { code: 'PMT_ERR_INVALID', details: { path: 'one-in', found: 0 } })
})
