import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('a connection is reset as it opens, or some time after; its bytes pass until then', async (t) => {
  t.strictSame(playStream({ type: 'reset-peer' }).open(), { do: 'reset', ms: 0 })
  const play = playStream({ type: 'reset-peer', after: '2s' })
  t.strictSame([play.open(), play.chunk()], [{ do: 'reset', ms: 2000 }, { do: 'pass' }])
})
