import { test } from 'tap'
import { emptyCounters } from '../../src/faults/plan.ts'
import { delayView, recordDelay } from '../../src/proxy/delays.ts'
import { near } from '../helpers/near.ts'

test('nothing before the first delay has ended', async (t) => {
  t.equal(delayView(emptyCounters()), null)
})

test('what was asked for stands beside what was achieved', async (t) => {
  const counters = emptyCounters()
  for (let ms = 1; ms <= 1000; ms++) recordDelay(counters, ms, ms * 1.5)
  t.match(counters, { delays: 1000, delayRequested: 500_500, delayAchieved: 750_750 })
  const { requested, achieved } = delayView(counters)!
  for (const [percentiles, factor] of [[requested, 1], [achieved, 1.5]] as const) {
    near(t, percentiles.p50 / (500 * factor), 1, 0.01)
    near(t, percentiles.p99 / (990 * factor), 1, 0.01)
    near(t, percentiles.max / (1000 * factor), 1, 0.01)
  }
})

test('each fault has its own', async (t) => {
  const [a, b] = [emptyCounters(), emptyCounters()]
  recordDelay(a, 5, 6)
  t.equal(delayView(b), null)
  recordDelay(b, 50, 60)
  t.equal(delayView(a)!.requested.max, 5)
})
