import { test } from 'tap'
import { Spreading, atRank, mergeSpreads, percentilesOf } from '../../src/measure/spread.ts'

const near = (ms: number, wanted: number): boolean => Math.abs(ms / wanted - 1) <= 0.006

test('ranks are found within half a percent, whatever the order', async (t) => {
  const spreading = new Spreading()
  for (let i = 1000; i > 0; i--) spreading.record(i)
  const spread = spreading.read()
  t.equal(spread.reduce((sum, [, count]) => sum + count, 0), 1000)
  t.ok(spread.length < 1000, 'fewer buckets than latencies')
  for (const rank of [1, 10, 500, 990, 1000]) t.ok(near(atRank(spread, rank), rank), `${rank}: ${atRank(spread, rank)}`)
  t.equal(atRank(spread, 1001), Infinity)
  const { p50, p95, p99, max } = percentilesOf(spread)
  for (const [ms, wanted] of [[p50, 500], [p95, 950], [p99, 990], [max, 1000]] as const) t.ok(near(ms, wanted))
})

test('nothing, and what took no time', async (t) => {
  t.equal(atRank([], 1), Infinity)
  t.strictSame(percentilesOf([]), { p50: 0, p90: 0, p95: 0, p99: 0, max: 0 })
  const spreading = new Spreading()
  spreading.record(0)
  t.ok(near(spreading.read()[0]![0], 0.001))
})

test('spreads add up', async (t) => {
  t.strictSame(mergeSpreads([[[1, 2], [5, 1]], [[3, 1], [5, 4]]]), [[1, 2], [3, 1], [5, 5]])
})
