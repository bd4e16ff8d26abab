import { test } from 'tap'
import { judge, judgePhase, verdictOf } from '../../src/experiment/verdict.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { EMPTY } from './world.ts'
import { near } from '../helpers/near.ts'

const one = (n: number, bad: number) => [{ n, bad }]

function phaseOf (bins: { n: number, bad: number[] }[]): PhaseReading {
  return { name: 'fault', startedAt: 0, endedAt: bins.length * 1000, n: 0, of: [], bad: [], bins: bins.map((bin, second) => ({ second, of: bin.bad.map(() => bin.n), ...bin })), ...EMPTY }
}

test('A1, A4, A5: verdicts on plain counts', async (t) => {
  for (const [n, bad, verdict] of [
    [10_000, 40, 'held'], [299, 0, 'held'], [298, 0, 'inconclusive'], [1000, 4, 'held'], [1000, 5, 'inconclusive'], [1000, 16, 'breached']
  ] as const) t.equal(judge(0.99, one(n, bad)).verdict, verdict, `${bad} of ${n}`)
})

test('A9: two bursts make inconclusive what plain counts would call held', async (t) => {
  const bad = [0, 0, 1, 0, 2, 0, 14, 11, 0, 1, 0, 1]
  t.equal(judge(0.99, one(6000, 30)).verdict, 'held')
  const judgement = judge(0.99, bad.map((count) => ({ n: 500, bad: count })))
  t.match(judgement, { verdict: 'inconclusive', n: 6000, bad: 30, needed: 299 })
  near(t, judgement.effective, 553.27, 0.005)
  near(t, judgement.lower, 0.986647, 5e-7)
  near(t, judgement.upper, 0.998733, 5e-7)
})

test('no data says nothing', async (t) => {
  t.strictSame(judge(0.99, []), { verdict: 'inconclusive', n: 0, bad: 0, effective: 0, good: 0, lower: 0, upper: 1, needed: 299 })
})

test('a bound on the target itself is held, not breached', async (t) => {
  t.equal(verdictOf({ lower: 0.99, upper: 1 }, 0.99), 'held')
  t.equal(verdictOf({ lower: 0.9, upper: 0.99 }, 0.99), 'inconclusive')
})

test('each objective of a phase is judged by its own counts', async (t) => {
  const objectives = ['success >= 95%', 'p95 <= 300ms'].map(parseObjective)
  const bins = Array.from({ length: 10 }, () => ({ n: 50, bad: [0, 25] }))
  t.match(judgePhase(objectives, phaseOf(bins), 10_000), [{ verdict: 'held', n: 500, bad: 0 }, { verdict: 'breached', n: 500, bad: 250 }])
})

test('a breach that is one claim among several must be clearer', async (t) => {
  const objectives = ['success >= 99%', 'p99 <= 300ms'].map(parseObjective)
  // 16 of 1000 is breached alone, with p = .047; among two claims it needs .025.
  const judged = (bad: number[]) => judgePhase(objectives, phaseOf([{ n: 1000, bad }]), 1000).map(({ verdict }) => verdict)
  t.strictSame(judged([16, 0]), ['inconclusive', 'held'])
  t.strictSame(judged([18, 0]), ['breached', 'held'])
  t.strictSame(judged([18, 16]), ['breached', 'breached'], 'the second claim needs no correction once the first stands')
})
