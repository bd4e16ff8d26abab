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

test('no fault is said in words', async (t) => {
  t.equal(faultTable([], { color: false, width: 80 }), 'no fault is active')
})
