import { test } from 'tap'
import { handshake } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('refused, if it asks for a name at all', async (t) => {
  const play = playTls({ type: 'tls/unrecognized-name' })
  t.strictSame(play.handshake(handshake({ sni: 'api.test' })), { do: 'alert', alert: 'unrecognized_name' })
  t.strictSame(play.handshake(handshake({ sni: undefined })), { do: 'unfit', why: 'the client asks for no name (SNI)' })
})
