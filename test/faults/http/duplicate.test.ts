import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playHttp } from '../../helpers/playbook.ts'

test('the request is delivered again', async (t) => {
  t.strictSame(playHttp({ type: 'duplicate' }).request(), { do: 'duplicate', copies: 1, ms: 0, limit: 1_048_576 })
  const play = playHttp({ type: 'duplicate', copies: 3, delay: '2s' })
  t.strictSame([play.request(), play.response()], [{ do: 'duplicate', copies: 3, ms: 2000, limit: 1_048_576 }, { do: 'pass' }])
  for (const copies of [0, 101, 1.5]) t.throws(() => decodeFault({ type: 'duplicate', copies }), { code: 'PMT_ERR_INVALID', details: { path: 'copies' } })
})
