import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playTls } from '../../helpers/playbook.ts'

test('handshake_failure, under each of its names', async (t) => {
  for (const type of ['tls/no-common-cipher', 'tls/rc4', 'tls/rc4-md5', 'tls/3des', 'tls/null', 'tls/dh480', 'tls/dh512']) {
    t.strictSame(playTls({ type }).handshake(), { do: 'alert', alert: 'handshake_failure' })
    t.equal(decodeFault({ type }).type.type, 'tls/no-common-cipher')
  }
})
