import { test } from 'tap'
import { playTls } from '../../helpers/playbook.ts'

test('it never answers', async (t) => {
  t.strictSame(playTls({ type: 'tls/stall' }).handshake(), { do: 'hang' })
})
