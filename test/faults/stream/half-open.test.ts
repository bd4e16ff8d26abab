import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('one end is reset, the other is kept until the fault goes', async (t) => {
  const play = playStream({ type: 'half-open' })
  t.strictSame([play.open(), play.chunk(), play.gone()], [{ do: 'abandon', keep: 'client', ms: 0 }, { do: 'pass' }, { do: 'reset', ms: 0 }])
  t.strictSame(playStream({ type: 'half-open', after: '10s', keep: 'node' }).open(), { do: 'abandon', keep: 'node', ms: 10_000 })
})

test('a connection that was not cut yet when the fault goes stays whole', async (t) => {
  const play = playStream({ type: 'half-open', after: '10s' })
  play.open(0, 500)
  t.strictSame([play.gone(10_499), play.gone(10_500)], [{ do: 'pass' }, { do: 'reset', ms: 0 }])
})
