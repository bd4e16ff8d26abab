import { test } from 'tap'
import { handshake } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('agreed on where it is offered and the choice is ours', async (t) => {
  const play = playTls({ type: 'tls/protocol-version' })
  t.strictSame(play.handshake(handshake()), { do: 'version', only: 'TLSv1.2' })
  t.strictSame(play.handshake(handshake({ versions: ['TLSv1.3'] })), { do: 'alert', alert: 'protocol_version' })
})

test('where bytes pass unread, only who does not offer it can be refused', async (t) => {
  const play = playTls({ type: 'tls/protocol-version', only: 'TLSv1.3' })
  t.strictSame(play.handshake(handshake({}, { terminated: false })), { do: 'unfit', why: 'the client offers TLSv1.3, and the server behind chooses the version' })
  t.strictSame(play.handshake(handshake({ versions: ['TLSv1.2'] }, { terminated: false })), { do: 'alert', alert: 'protocol_version' })
})

test('what badssl.com calls it', async (t) => {
  const only = (type: string): unknown => playTls({ type }).handshake(handshake({ versions: ['TLSv1', 'TLSv1.1', 'TLSv1.2'] }))
  t.strictSame(['tls/tls-v1-0', 'tls/tls-v1-1', 'tls/tls-v1-2'].map(only), [
    { do: 'version', only: 'TLSv1' }, { do: 'version', only: 'TLSv1.1' }, { do: 'version', only: 'TLSv1.2' }
  ])
})
