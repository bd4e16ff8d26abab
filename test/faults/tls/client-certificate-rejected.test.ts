import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { handshake } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('where TLS ends here, and nowhere else', async (t) => {
  const play = playTls({ type: 'tls/client-certificate-rejected', alert: 'unknown_ca' })
  t.strictSame(play.handshake(handshake()), { do: 'client-certificate', how: 'reject', alert: 'unknown_ca' })
  t.match(play.handshake(handshake({}, { terminated: false })), { do: 'unfit', why: /pass unread/ })
})

test('an alert that is about certificates', async (t) => {
  t.equal(decodeFault({ type: 'tls/client-certificate-rejected' }).params.alert, 'bad_certificate')
  t.throws(() => decodeFault({ type: 'tls/client-certificate-rejected', alert: 'protocol_version' }), { code: 'PMT_ERR_INVALID', details: { path: 'alert' } })
})
