import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('chunks are paced at the rate', async (t) => {
  const play = playStream({ type: 'bandwidth', rate: '64KB/s' })
  t.strictSame(play.open(), { do: 'pass' })
  t.strictSame(play.chunk(), { do: 'pace', rate: 64_000, shared: false })
})

test('all connections share it, if that is wanted', async (t) => {
  t.strictSame(playStream({ type: 'bandwidth', rate: '64KB/s', scope: 'proxy' }).chunk(), { do: 'pace', rate: 64_000, shared: true })
})

test('a rate of 0 lets nothing through', async (t) => {
  t.strictSame(playStream({ type: 'bandwidth', rate: 0 }).chunk(), { do: 'hold', ms: Infinity })
})
