import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('ends at an age, whatever the traffic', async (t) => {
  const play = playStream({ type: 'limit-time', time: '30s' })
  t.strictSame([play.open(), play.chunk(), play.end()], [{ do: 'close', ms: 30_000 }, { do: 'pass' }, { do: 'pass' }])
})

test('what was open has lived a part of it already, or all', async (t) => {
  const play = playStream({ type: 'limit-time', time: '30s', how: 'reset' })
  t.strictSame([play.open(29_000), play.open(31_000)], [{ do: 'reset', ms: 1000 }, { do: 'reset', ms: 0 }])
})
