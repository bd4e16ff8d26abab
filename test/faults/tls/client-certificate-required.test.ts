import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { handshake } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('where TLS ends here, and nowhere else', async (t) => {
  const play = playTls({ type: 'tls/client-certificate-required' })
  t.strictSame(play.handshake(handshake()), { do: 'client-certificate', how: 'require', alert: 'certificate_required' })
  t.match(play.handshake(handshake({}, { terminated: false })), { do: 'unfit', why: /pass unread/ })
})

test('what badssl.com calls it', async (t) => {
  for (const type of ['tls/client', 'tls/client-cert-missing']) t.equal(decodeFault({ type }).type.type, 'tls/client-certificate-required')
})
