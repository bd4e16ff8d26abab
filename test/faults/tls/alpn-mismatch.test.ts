import { test } from 'tap'
import { handshake } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('refused, if it offers a protocol at all', async (t) => {
  const play = playTls({ type: 'tls/alpn-mismatch' })
  t.strictSame(play.handshake(handshake({ alpn: ['h2'] })), { do: 'alert', alert: 'no_application_protocol' })
  t.strictSame(play.handshake(handshake({ alpn: [] })), { do: 'unfit', why: 'the client offers no protocols (ALPN)' })
})
