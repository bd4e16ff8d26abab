import { test } from 'tap'
import { fewestForLevel, judgeObjective, levelsOf, neededFor, verdictOfLevel, worthOf } from '../../../src/experiment/limit/level.ts'
import type { Bar } from '../../../src/experiment/limit/level.ts'

const P95 = { text: 'p95 <= 300ms', target: 0.95 }
const BAR: Bar = { levels: 10, objectives: 1, worth: [1] }
const seconds = (...bad: number[]) => bad.map((each) => ({ n: 50, bad: each }))

test('errors are shared between levels, and breaches between objectives', async (t) => {
  const { held, breached } = neededFor({ levels: 10, objectives: 2 })
  t.equal(Math.round(held), 200)
  t.equal(Math.round(breached), 400)
})

test('clear levels are told after three seconds, and not before', async (t) => {
  t.equal(judgeObjective(P95, 0, seconds(0, 0), BAR).verdict, 'inconclusive')
  t.match(judgeObjective(P95, 0, seconds(0, 0, 0), BAR), { verdict: 'held', n: 150, bad: 0, effective: 150, objective: P95.text })
  t.equal(judgeObjective(P95, 0, seconds(50, 50), BAR).verdict, 'inconclusive')
  t.equal(judgeObjective(P95, 0, seconds(50, 50, 50), BAR).verdict, 'breached')
  t.equal(judgeObjective(P95, 0, seconds(2, 3, 2, 3, 2, 3, 2, 3), BAR).verdict, 'inconclusive', 'what is on the line')
  t.equal(judgeObjective(P95, 0, [], BAR).verdict, 'inconclusive')
})

test('a hiccup is not a level: bad ones that come at once count for few', async (t) => {
  const { verdict, effective, n } = judgeObjective(P95, 0, seconds(0, 50, 0, 0, 0), BAR)
  t.equal(verdict, 'inconclusive')
  t.ok(effective < n / 4, `${effective} of ${n}`)
  t.equal(judgeObjective(P95, 0, seconds(10, 10, 10, 11, 9), BAR).verdict, 'breached', 'as many, spread evenly, are')
})

test('a few that come at once do not keep a long level from being told', async (t) => {
  const calm = Array.from({ length: 18 }, () => 0)
  t.equal(judgeObjective(P95, 0, seconds(...calm, 5), BAR).verdict, 'held')
  t.equal(judgeObjective(P95, 0, seconds(...calm, 50), BAR).verdict, 'inconclusive', 'a whole second of them does')
  const slow = [0, 0, 0, 0, 25, 25, 25, 25, 0, 0, 0, 0, 25, 25, 25, 25]
  const { effective, n } = judgeObjective(P95, 0, seconds(...slow), BAR)
  t.ok(effective < n / 20, `bad ones that hang together for seconds count for few: ${effective} of ${n}`)
})

test('what requests were worth in the baseline they are worth at a level', async (t) => {
  t.equal(judgeObjective(P95, 0, seconds(0, 0, 0), { ...BAR, worth: [0.5] }).verdict, 'inconclusive')
  t.equal(judgeObjective(P95, 0, seconds(0, 0, 0, 0, 0, 0), { ...BAR, worth: [0.5] }).verdict, 'held')
})

test('one breached objective breaks a level; all must hold', async (t) => {
  const of = (...verdicts: ('held' | 'breached' | 'inconclusive')[]) => verdictOfLevel(verdicts.map((verdict) => ({ verdict })))
  t.equal(of('held', 'held'), 'held')
  t.equal(of('held', 'inconclusive'), 'inconclusive')
  t.equal(of('inconclusive', 'breached'), 'breached')
})

test('what requests are worth, by the baseline and by the levels before', async (t) => {
  const even = [3, 2, 3, 2, 3, 2, 3, 2]
  t.equal(worthOf([], []), 1)
  t.equal(worthOf(seconds(0, 0, 0), [seconds(50, 50, 50), seconds(0, 0, 0)]), 1, 'nothing of it shows dependence')
  const bursts = seconds(0, 20, 0, 20, 0, 20, 0, 20)
  t.equal(worthOf(bursts, []), 0.25, 'a quarter at the least')
  t.equal(worthOf(seconds(0, 0, 0), [bursts]), 0.25, 'a level shows it as well')
  const pairs = worthOf(seconds(0, 4, 4, 2, 6, 4, 0, 8, 2, 0), [])
  t.ok(pairs > 0.25 && pairs < 0.6, `${pairs}`)
  t.ok(worthOf(seconds(0, 0, 0), [seconds(...even)]) === 1)
})

test('the fewest that can show a level', async (t) => {
  const range = { from: 0, to: 2000, resolution: { share: 0.05 } }
  t.equal(levelsOf(range), 14)
  t.equal(fewestForLevel(range, 0.95), 131)
  t.equal(judgeObjective(P95, 0, [{ n: 44, bad: 0 }, { n: 44, bad: 0 }, { n: 43, bad: 0 }], { ...BAR, levels: 14 }).verdict, 'held')
  t.equal(judgeObjective(P95, 0, [{ n: 44, bad: 0 }, { n: 43, bad: 0 }, { n: 43, bad: 0 }], { ...BAR, levels: 14 }).verdict, 'inconclusive')
})
