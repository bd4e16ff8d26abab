import { test } from 'tap'
import { near } from '../../helpers/near.ts'
import { playStream } from '../../helpers/playbook.ts'

/** The waits of so many chunks; 0 for those that pass. */
function waits (written: Record<string, unknown>, chunks: number): number[] {
  const play = playStream({ type: 'stall', ...written })
  return Array.from({ length: chunks }, () => {
    const action = play.chunk()
    return action.do === 'delay' ? action.ms : 0
  })
}

test('a share of the chunks wait for the timeout; further losses double it', async (t) => {
  const seen = waits({ loss: '10%' }, 20_000)
  // RFC 6298, 5.5: 200, then 200 + 400, then 200 + 400 + 800 ms.
  const lostTimes = (times: number): number => seen.filter((ms) => ms === 200 * (2 ** times - 1)).length
  near(t, lostTimes(1), 20_000 * 0.1 * 0.9, 4 * Math.sqrt(20_000 * 0.09 * 0.91))
  near(t, lostTimes(2), 20_000 * 0.01 * 0.9, 4 * Math.sqrt(20_000 * 0.009 * 0.991))
  near(t, lostTimes(0), 20_000 * 0.9, 4 * Math.sqrt(20_000 * 0.9 * 0.1))
})

test('losses come in bursts', async (t) => {
  const lost = waits({ loss: '2%', burst: '50%' }, 20_000).map((ms) => ms > 0)
  const after = lost.filter((_, i) => i > 0 && lost[i - 1] === true)
  near(t, after.filter(Boolean).length / after.length, 0.5, 4 * Math.sqrt(0.25 / after.length))
  t.strictSame(waits({ loss: '2%', burst: '1%' }, 5000), waits({ loss: '2%' }, 5000), 'less than the loss itself is the loss itself')
})

test('what is always lost comes through in the end, no timeout being above a minute', async (t) => {
  const doubled = [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2].reduce((a, b) => a + b) * 1000
  t.equal(Math.round(waits({ loss: '100%' }, 1)[0]!), Math.round(doubled + 6 * 60_000))
  t.equal(waits({ loss: '100%', rto: '2m' }, 1)[0], 15 * 120_000)
  t.strictSame(waits({ loss: 0 }, 3), [0, 0, 0])
})
