import { test } from 'tap'
import { KEPT, Windows } from '../../src/measure/window.ts'
import { handshake, observation } from '../helpers/observation.ts'

/** One exchange every 100 ms from `from` to `to`, counted as it ends at once. */
function traffic (windows: Windows, from: number, to: number, change = {}): void {
  for (let at = from; at < to; at += 100) windows.observe(observation(at, { ms: 0, ...change }))
}

test('nothing seen', async (t) => {
  t.match(new Windows().recent(5000, 10), { seconds: 10, count: 0, rate: 0, success: 1, p50: 0, max: 0 })
})

test('a clock that did not begin at zero', async (t) => {
  const windows = new Windows()
  traffic(windows, 37_000, 38_000)
  t.match(windows.recent(38_000, 10), { count: 10, rate: 1 })
})

test('the last full seconds and the running one', async (t) => {
  const windows = new Windows()
  traffic(windows, 0, 20_000)
  t.match(windows.recent(20_000, 10), { seconds: 10, count: 100, rate: 10 })
  t.match(windows.recent(19_500, 10), { count: 110 }, 'what the running second will still get is in the ring already')
  const live = new Windows()
  traffic(live, 0, 15_500)
  const recent = live.recent(15_500, 10)
  t.equal(recent.count, 105)
  t.equal(recent.rate, 10, 'the running second counts for as much as has passed of it')
})

test('an exchange counts in the second in which it ended', async (t) => {
  const windows = new Windows()
  windows.observe(observation(500, { ms: 4000 }))
  t.equal(windows.recent(5000, 1).count, 1)
  t.equal(windows.recent(1500, 1).count, 0)
})

test('success and percentiles', async (t) => {
  const windows = new Windows()
  traffic(windows, 0, 8000, { ms: 0 })
  traffic(windows, 0, 1000, { status: 503 })
  traffic(windows, 0, 1000, { outcome: 'reset', status: 0 })
  traffic(windows, 0, 1000, { status: 404 })
  t.equal(windows.recent(8000, 10).count, 110)
  t.equal(windows.recent(8000, 10).success, 1 - 20 / 110)
  const slow = new Windows()
  for (let i = 0; i < 100; i++) slow.observe(observation(0, { ms: i < 90 ? 10 : 500 }))
  const { p50, p99 } = slow.recent(1000, 10)
  t.ok(Math.abs(p50 - 10) <= 0.1 && Math.abs(p99 - 500) <= 5)
})

test('the ring is used again after KEPT seconds, and what is old is gone', async (t) => {
  const windows = new Windows()
  traffic(windows, 0, 1000, { status: 500 })
  t.equal(windows.recent(KEPT * 1000 - 1, KEPT).success, 0)
  traffic(windows, KEPT * 1000, KEPT * 1000 + 500)
  const recent = windows.recent(KEPT * 1000 + 500, KEPT)
  t.strictSame([recent.count, recent.success], [5, 1])
})

test('a late observation does not wipe out a newer second', async (t) => {
  const windows = new Windows()
  traffic(windows, KEPT * 1000, KEPT * 1000 + 1000)
  windows.observe(observation(500, { ms: 0 }))
  t.equal(windows.recent(KEPT * 1000 + 1000, 10).count, 10)
})

test('no more seconds than are kept', async (t) => {
  const windows = new Windows()
  traffic(windows, 0, 200_000)
  t.match(windows.recent(200_000, 1000), { seconds: KEPT - 1, count: (KEPT - 1) * 10, rate: 10 })
})

test('after a long silence nothing is left', async (t) => {
  const windows = new Windows()
  traffic(windows, 0, 60_000)
  t.equal(windows.recent(1_000_000, 10).count, 0)
})

test('handshakes have a rate of their own, in the second in which they were decided', async (t) => {
  const windows = new Windows()
  t.match(windows.recent(5000, 10).handshakes, { count: 0, rate: 0, success: 1 })
  for (const at of [10_000, 10_500, 10_999]) windows.observeHandshake(handshake(at, at === 10_500 ? 'timeout' : 'established'))
  t.match(windows.recent(10_999, 1), { count: 0, success: 1, handshakes: { count: 2, success: 0.5 } }, 'the third was decided a second later')
  t.match(windows.recent(12_000, 10), { handshakes: { count: 3, rate: 0.3, success: 2 / 3 } })
  windows.observeHandshake(handshake(10_000 + KEPT * 1000))
  t.match(windows.recent(10_000 + KEPT * 1000, 10), { handshakes: { count: 1 } }, 'a second that is used again begins anew')
})
