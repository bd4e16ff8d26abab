import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import type { StreamAction } from '../../../src/faults/fault.ts'
import { playStream } from '../../helpers/playbook.ts'

const ms = (action: StreamAction): number => action.do === 'delay' ? action.ms : NaN

test('every chunk is delayed, and the end; opening is not', async (t) => {
  const play = playStream({ type: 'latency', latency: '100ms' })
  const delay = { do: 'delay', ms: 100 }
  t.strictSame([play.open(), play.dial()], [{ do: 'pass' }, { do: 'pass' }])
  t.strictSame([play.chunk(), play.chunk(1), play.chunk(65_536), play.end()], [delay, delay, delay, delay])
})

test('it varies from chunk to chunk, never below zero, and the same under one seed', async (t) => {
  const delays = (written: Record<string, unknown>, seed?: number): number[] => {
    const play = playStream(written, seed)
    return Array.from({ length: 2000 }, () => ms(play.chunk()))
  }
  const wide = { type: 'latency', latency: '100ms', jitter: '20ms' }
  const seen = delays(wide)
  t.ok(Math.min(...seen) >= 80 && Math.max(...seen) <= 120)
  t.ok(Math.min(...seen) < 81 && Math.max(...seen) > 119, 'it uses the whole width')
  t.strictSame(delays(wide), seen, 'the same seed, the same delays')
  t.notSame(delays(wide, 2), seen)
  t.ok(delays({ type: 'latency', latency: '5ms', jitter: '50ms' }).every((each) => each >= 0))
})

test('it changes with time', async (t) => {
  const play = playStream({ type: 'latency', latency: '100ms', shape: 'ramp', period: '10s', from: '20ms' })
  t.strictSame([play.chunk(1, 0), play.chunk(1, 5000), play.end(10_000), play.chunk(1, 99_000)].map(ms), [20, 60, 100, 100])
})

test('what says how long twice, or not at all, is refused', async (t) => {
  t.throws(() => decodeFault({ type: 'latency' }), { code: 'PMT_ERR_INVALID', details: { path: 'latency', found: 'nothing' } })
  t.throws(() => decodeFault({ type: 'latency', latency: 1, recorded: [1] }), { code: 'PMT_ERR_INVALID', details: { path: 'recorded' } })
})
