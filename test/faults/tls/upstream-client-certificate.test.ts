import { test } from 'tap'
import { handshake } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('none, or one with a flaw', async (t) => {
  const shown = (shows?: string): unknown => playTls({ type: 'tls/upstream-client-certificate', ...shows === undefined ? {} : { shows } }).handshake()
  t.strictSame(shown(), { do: 'present', flaw: null })
  t.strictSame(shown('missing'), { do: 'present', flaw: null })
  t.strictSame(shown('expired'), { do: 'present', flaw: { flaw: 'expired', ago: 3_600_000 } })
  t.strictSame(shown('untrusted'), { do: 'present', flaw: { flaw: 'untrusted-root', sendRoot: false } })
  t.strictSame(shown('wrong-eku'), { do: 'present', flaw: { flaw: 'wrong-eku' } })
})

test('where bytes pass unread, the certificate is the client\'s own', async (t) => {
  t.match(playTls({ type: 'tls/upstream-client-certificate' }).handshake(handshake({}, { terminated: false })), { do: 'unfit', why: /client's own/ })
})
