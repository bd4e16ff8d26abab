import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playTls } from '../../helpers/playbook.ts'

function replyOf (written: object): string {
  const action = playTls({ type: 'tls/plaintext', ...written }).handshake()
  return action.do === 'reply' ? Buffer.from(action.bytes).toString() : action.do
}

test('a server that speaks HTTP in the clear', async (t) => {
  const [head, page] = replyOf({}).split('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.match(head, `content-length: ${page!.length}\r\n`)
})

test('a reply of one\'s own, within bounds', async (t) => {
  t.equal(replyOf({ reply: 'ünverschlüsselt' }), 'ünverschlüsselt')
  for (const reply of ['', 'x'.repeat(65_537), 5]) {
    t.throws(() => decodeFault({ type: 'tls/plaintext', reply }), { code: 'PMT_ERR_INVALID', details: { path: 'reply', wanted: /1 to 65536/ } })
  }
})
