import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

const pass = { do: 'pass' }

test('a connection is reset as it opens, or some time after; its bytes pass until then', async (t) => {
  t.strictSame(playStream({ type: 'reset-peer' }).open(), { do: 'reset', ms: 0 })
  const play = playStream({ type: 'reset-peer', after: '2s' })
  t.strictSame([play.open(), play.chunk()], [{ do: 'reset', ms: 2000 }, pass])
})

test('or some time after its first bytes, or its end; later ones do not put it off', async (t) => {
  const play = playStream({ type: 'reset-peer', after: '2s', since: 'data' })
  const reset = (ms: number) => ({ do: 'reset', ms })
  t.strictSame(play.open(), pass)
  t.strictSame([play.chunk(1, 5000), play.chunk(1, 5500), play.end(7500)], [reset(2000), reset(1500), reset(0)])
  t.strictSame(playStream({ type: 'reset-peer', since: 'data' }).end(), reset(0))
})
