import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { ALERT_NAMES } from '../../../src/faults/alerts.ts'
import { playTls } from '../../helpers/playbook.ts'

test('the alert asked for, whichever it is', async (t) => {
  t.strictSame(playTls({ type: 'tls/alert' }).handshake(), { do: 'alert', alert: 'internal_error' })
  for (const alert of ALERT_NAMES) t.strictSame(playTls({ type: 'tls/alert', alert }).handshake(), { do: 'alert', alert })
  t.throws(() => decodeFault({ type: 'tls/alert', alert: 'nope' }), { code: 'PMT_ERR_INVALID', details: { path: 'alert', found: 'nope' } })
})

test('SSL 2 and 3 are refused as versions', async (t) => {
  for (const type of ['tls/ssl-v2', 'tls/ssl-v3']) t.strictSame(playTls({ type }).handshake(), { do: 'alert', alert: 'protocol_version' })
})
