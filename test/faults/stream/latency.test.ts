import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

test('every chunk is delayed; opening is not', async (t) => {
  const play = playStream({ type: 'latency', latency: '100ms' })
  t.strictSame(play.open(), { do: 'pass' })
  t.strictSame([play.chunk(), play.chunk(1), play.chunk(65_536)], [{ do: 'delay', ms: 100 }, { do: 'delay', ms: 100 }, { do: 'delay', ms: 100 }])
})

test('jitter varies each chunk evenly around the latency, never below zero', async (t) => {
  const delays = (written: Record<string, unknown>, seed?: number): number[] => {
    const play = playStream(written, seed)
    return Array.from({ length: 2000 }, () => {
      const action = play.chunk()
      return action.do === 'delay' ? action.ms : NaN
    })
  }
  const wide = { type: 'latency', latency: '100ms', jitter: '20ms' }
  const seen = delays(wide)
  t.ok(Math.min(...seen) >= 80 && Math.max(...seen) <= 120)
  t.ok(Math.min(...seen) < 81 && Math.max(...seen) > 119, 'it uses the whole width')
  // The mean of 2000 uniforms of width 40: standard error 0.26.
  t.ok(Math.abs(seen.reduce((a, b) => a + b, 0) / seen.length - 100) < 1.2)
  t.strictSame(delays(wide), seen, 'the same seed, the same delays')
  t.notSame(delays(wide, 2), seen)
  t.ok(delays({ type: 'latency', latency: '5ms', jitter: '50ms' }).every((ms) => ms >= 0))
})
