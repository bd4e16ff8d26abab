import { test } from 'tap'
import { exchange } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('instead of an answer', async (t) => {
  t.strictSame(playTls({ type: 'tls/close' }).handshake(), { do: 'end', how: 'close' })
})

test('after the server\'s first record the client has no handshake', async (t) => {
  const { shakenAt, code } = await exchange({ behaviour: playTls({ type: 'tls/close', when: 'server-hello' }).records() })
  t.equal(shakenAt, undefined)
  t.equal(code, 'ECONNRESET')
})
