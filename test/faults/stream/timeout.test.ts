import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('opening, every chunk and the end are held, for good', async (t) => {
  const play = playStream({ type: 'timeout' })
  const hold = { do: 'hold', ms: Infinity }
  t.strictSame([play.open(), play.chunk(), play.end(), play.gone()], [hold, hold, hold, { do: 'pass' }])
})

test('or until the connection has been stuck long enough', async (t) => {
  const play = playStream({ type: 'timeout', timeout: '3s' })
  t.strictSame([play.open(), play.chunk()], [{ do: 'hold', ms: 3000 }, { do: 'hold', ms: 3000 }])
})

test('or lost, and the connection with them when the fault goes', async (t) => {
  const play = playStream({ type: 'timeout', timeout: '3s', bytes: 'lose' })
  const drop = { do: 'drop', ms: 3000 }
  t.strictSame([play.open(), play.chunk(), play.end(), play.gone()], [drop, drop, drop, { do: 'close', ms: 0 }])
  t.strictSame(playStream({ type: 'timeout', bytes: 'lose' }).chunk(), { do: 'drop', ms: Infinity })
})
