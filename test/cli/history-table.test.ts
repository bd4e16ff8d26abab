import { test } from 'tap'
import { problemLines, runsTable, trendLines } from '../../src/cli/history-table.ts'
import { summarise } from '../../src/report/history.ts'
import type { Effect, RunSummary } from '../../src/report/history.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { trendsOf } from '../../src/report/trend.ts'
import { breached } from '../report/results.ts'

const effect = (value: number, lower: number | null = value - 0.01): Effect => ({ difference: { value, lower, upper: value + 0.01 }, verdict: 'deviated', against: 'control' })
const run = (i: number, more: Partial<RunSummary> = {}): RunSummary => ({ ...summarise(breached()), id: `2026-01-0${i}T00-00-00-aaaa`, documentHash: 'aaaaaaaaaaaa', ...more })
const killed: Partial<RunSummary> = { state: 'unfinished', outcome: null, effect: null, timeToRecover: null, problem: 'it was \u001b[31mkilled' }

test('runs of one experiment, and of several', async (t) => {
  const runs = [run(1, { effect: effect(0.3) }), run(2, { outcome: 'baseline-not-steady', timeToRecover: { kind: 'not-seen', ms: 6000 } }), run(3, killed)]
  t.same(runsTable(runs, PLAIN), [
    'run                       outcome              effect (90% interval)    recovered',
    '---------------------------------------------------------------------------------',
    '2026-01-01T00-00-00-aaaa  breached             +30 points (+29 to +31)  1.24s',
    '2026-01-02T00-00-00-aaaa  baseline not steady  -                        > 6s',
    '2026-01-03T00-00-00-aaaa  unfinished           -                        -'
  ])
  t.same(problemLines(runs, PLAIN), ['2026-01-03T00-00-00-aaaa: it was killed'])
  const several = runsTable([run(1), run(2, { title: 'Another question \u001b[31mthat is far too long to fit', effect: effect(-0.02, null) }), run(3, { title: null })], PLAIN)
  t.match(several[0], /^run +experiment +outcome/)
  t.match(several[3], /Another question that is far to\.\.\. {2}breached {2}-2 points \(-100 to -1\)/)
  t.match(several[4], / \? +breached/)
})

const trend = (...runs: RunSummary[]): string => trendLines(trendsOf(runs)[0]!, PLAIN).join('\n')

test('how an experiment went', async (t) => {
  t.equal(trend(run(1, { effect: effect(0.3) }), run(2, { effect: effect(0.1), outcome: 'held' }), run(3, { effect: effect(0), documentHash: 'bbbbbbbbbbbb', outcome: 'held', timeToRecover: { kind: 'unaffected' } }), run(4, killed)), `What if payments answers 500 ms slower?
  runs        4: 1 breached, 2 held, 1 unfinished
  document    changed 2 times: aaaaaaaa (2), bbbbbbbb (1), aaaaaaaa (1); the last since 2026-01-04T00-00-00-aaaa
  flake rate  100%: the outcome changed 1 of 1 times between runs of the same document
  effect      +30 +10 | 0 points of bad ones more on success >= 99%, the newest last; | the document was changed
  recovery    median 1.24s (Kaplan-Meier, 2 runs); 1 not affected`)
})

test('recovery in words', async (t) => {
  const lost = { timeToRecover: { kind: 'not-seen', ms: 6000 } } as const
  t.match(trend(run(1), run(2, lost), run(3, lost)), 'median longer than was watched (Kaplan-Meier, 3 runs, 2 of them not seen to recover)')
  t.match(trend(run(1, { timeToRecover: { kind: 'recovered', ms: 0 } })), 'median at once (Kaplan-Meier, 1 run)')
  t.match(trend(run(1, { timeToRecover: { kind: 'unaffected' } })), 'nothing to recover from in any run')
  t.match(trend(run(1, { timeToRecover: null })), 'never watched to its end')
  t.match(trend(run(1)), 'flake rate  unknown')
})

test('only the newest effects are written out', async (t) => {
  const words = trend(...Array.from({ length: 20 }, (_, i) => run(1, { effect: effect(i / 100) })))
  t.match(words, /effect {6}\.\.\. \+8 \+9 .* \+19 points/)
})
