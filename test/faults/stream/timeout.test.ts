import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('opening and every chunk are held, for good', async (t) => {
  const play = playStream({ type: 'timeout' })
  t.strictSame([play.open(), play.chunk()], [{ do: 'hold', ms: Infinity }, { do: 'hold', ms: Infinity }])
})

test('or until the connection has been stuck long enough', async (t) => {
  const play = playStream({ type: 'timeout', timeout: '3s' })
  t.strictSame([play.open(), play.chunk()], [{ do: 'hold', ms: 3000 }, { do: 'hold', ms: 3000 }])
})
