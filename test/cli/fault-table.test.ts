import { test } from 'tap'
import { faultTable } from '../../src/cli/fault-table.ts'
import { emptyCounters } from '../../src/faults/plan.ts'
import type { FaultView } from '../../src/proxy/view.ts'

const view = (more: Partial<FaultView> = {}): FaultView => ({
  id: 'a', on: 'edge', type: 'delay', spec: { type: 'delay', delay: '5ms' }, source: 'api', run: null, seed: 1, expiresAt: null, revision: 1, counters: { ...emptyCounters(), share: null }, delays: null, ...more
})

test('faults are a row each', async (t) => {
  const shadow = view({
    id: 'b',
    spec: { type: 'delay', delay: '5ms', mode: 'shadow', share: '20%', node: 'two', match: { method: ['GET', 'POST'] } },
    expiresAt: '2026-01-01T00:00:00.000Z',
    counters: { ...emptyCounters(), eligible: 1000, injected: 190, share: { achieved: 0.19, lower: 0, upper: 1 } }
  })
  const rows = faultTable([view(), shadow], { color: false, width: 80 }).split('\n').map((row) => row.split(/ {2,}/))
  t.same(rows[0], ['proxy', 'id', 'fault', 'node', 'share', 'until', 'hit'])
  t.same(rows[2], ['edge', 'a', 'delay 5ms', 'all', '100%', 'removed', '0 of 0'])
  t.same(rows[3], ['edge', 'b', 'delay 5ms match.method=["GET","POST"] (shadow)', 'two', '20%', '2026-01-01T00:00:00.000Z', '190 of 1,000 (19%)'])
})

test('whom it hits, and what became of those it did not hit', async (t) => {
  const spec = { type: 'delay', delay: '5ms', by: 'client', select: { every: 3 }, max: { total: 9 } }
  const share = { achieved: 1 / 3, lower: 0, upper: 1 }
  const counters = { ...emptyCounters(), eligible: 1000, injected: 9, skipped: 200, passed: 700, capped: 81, unfit: 10, share }
  const faults = [view({ spec, counters }), view({ spec: { type: 'delay', delay: '5ms', replay: [3, 4, 5] } })]
  const rows = faultTable(faults, { color: false, width: 80 }).split('\n').map((row) => row.split(/ {2,}/))
  t.equal(rows[2]![2], 'delay 5ms select.every=3 by=client max.total=9')
  t.equal(rows[2]![6], '9 of 1,000; 200 spared by share, 700 passed over, 81 spared by max, 10 unfit; share 33.33%')
  t.equal(rows[3]![2], 'delay 5ms replay of 3')
})

test('delays are shown where there are any, achieved beside requested', async (t) => {
  const percentiles = (p50: number, p99: number) => ({ p50, p90: 0, p95: 0, p99, max: 0 })
  const delays = { requested: percentiles(100, 140), achieved: percentiles(100.4, 141) }
  const rows = faultTable([view({ delays }), view()], { color: false, width: 80 }).split('\n').map((row) => row.split(/ {2,}/))
  t.same(rows[0]!.slice(6), ['delay p50/p99', 'requested', 'hit'])
  t.same(rows[2]!.slice(6), ['100ms / 141ms', '100ms / 140ms', '0 of 0'])
  t.same(rows[3]!.slice(6), ['-', '-', '0 of 0'])
})

test('no fault is said in words', async (t) => {
  t.equal(faultTable([], { color: false, width: 80 }), 'no fault is active')
})
