import { test } from 'tap'
import type { RunSummary } from '../../src/report/history.ts'
import { trendsOf } from '../../src/report/trend.ts'

let next = 0
const run = (outcome: RunSummary['outcome'], more: Partial<RunSummary> = {}): RunSummary => ({
  id: `r${next++}`, state: outcome === null ? 'unfinished' : 'ended', startedAt: null, title: 'A', documentHash: 'h1', outcome, exitCode: null, objective: null, effect: null, timeToRecover: null, problem: null, ...more
})
const effect = (value: number): RunSummary['effect'] => ({ difference: { value, lower: null, upper: 0.5 }, verdict: 'inconclusive', against: 'baseline' })
const recovered = (ms: number): Partial<RunSummary> => ({ timeToRecover: { kind: 'recovered', ms } })
const lost = (ms: number): Partial<RunSummary> => ({ timeToRecover: { kind: 'not-seen', ms } })

test('outcomes are counted, and so are runs without one', async (t) => {
  const [trend] = trendsOf([run('held'), run('breached'), run('held'), run(null), run(null, { state: 'running' })])
  t.match(trend, { title: 'A', runs: 5, outcomes: { held: 2, breached: 1, unfinished: 1, running: 1 } })
})

test('flakes are changes between runs of one document that follow each other', async (t) => {
  const flake = (...runs: RunSummary[]) => trendsOf(runs)[0]!.flake
  t.same(flake(run('held'), run('breached'), run('held'), run('held')), { changes: 2, pairs: 3, rate: 2 / 3 })
  t.same(flake(run('held'), run('breached', { documentHash: 'h2' })), { changes: 0, pairs: 0, rate: null }, 'another document')
  t.same(flake(run('held'), run('interrupted'), run(null), run('failed'), run('held')), { changes: 0, pairs: 1, rate: 0 }, 'what says nothing of the service is passed over')
  t.same(flake(run('held')), { changes: 0, pairs: 0, rate: null })
})

test('a document that was changed, and changed back', async (t) => {
  next = 0
  const [trend] = trendsOf([run('held', { effect: effect(0.1) }), run('held'), run('held', { documentHash: 'h2', effect: effect(0.2) }), run('held', { effect: effect(0.3) }), run(null, { documentHash: null })])
  t.same(trend!.versions, [{ documentHash: 'h1', runs: 2, first: 'r0' }, { documentHash: 'h2', runs: 1, first: 'r2' }, { documentHash: 'h1', runs: 1, first: 'r3' }])
  t.same(trend!.effects, [
    { id: 'r0', version: 0, value: 0.1, lower: null, upper: 0.5 }, { id: 'r2', version: 1, value: 0.2, lower: null, upper: 0.5 }, { id: 'r3', version: 2, value: 0.3, lower: null, upper: 0.5 }
  ])
})

test('the median time to recover counts runs that were not seen to', async (t) => {
  const recovery = (...runs: RunSummary[]) => trendsOf(runs)[0]!.recovery
  // Of 1, 2, 3+, 4, 5+: after 2 s, 3/5 are left; at 4 s, one of the two still watched recovers, so 3/10 are.
  t.same(recovery(run('held', recovered(1000)), run('held', recovered(2000)), run('held', lost(3000)), run('held', recovered(4000)), run('held', lost(5000))), { median: 4000, runs: 5, notSeen: 2, unaffected: 0 })
  t.same(recovery(run('held', recovered(1000)), run('held', lost(6000)), run('held', lost(6000))), { median: null, runs: 3, notSeen: 2, unaffected: 0 }, 'leaving those out would say 1 s')
  t.same(recovery(run('held', { timeToRecover: { kind: 'unaffected' } }), run('aborted', { timeToRecover: { kind: 'unknown' } })), { median: null, runs: 0, notSeen: 0, unaffected: 1 })
})

test('each title has its trend, that of the latest run last; what has no title has none', async (t) => {
  t.same(trendsOf([run('held', { title: 'A' }), run('held', { title: 'B' }), run('held', { title: 'A' }), run(null, { title: null })]).map(({ title, runs }) => [title, runs]), [['B', 1], ['A', 2]])
  t.same(trendsOf([]), [])
})
