import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('chunks are paced at the rate', async (t) => {
  const play = playStream({ type: 'bandwidth', rate: '64KB/s' })
  t.strictSame(play.open(), { do: 'pass' })
  t.strictSame(play.chunk(), { do: 'pace', rate: 64_000 })
})

test('a rate of 0 lets nothing through', async (t) => {
  t.strictSame(playStream({ type: 'bandwidth', rate: 0 }).chunk(), { do: 'hold', ms: Infinity })
})
