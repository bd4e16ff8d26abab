import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { falseShares, SETTINGS } from '../../docs/calibration.ts'
import { tellDeviations, tellGate, tellGuardrail, tellSpillover, tellVerdicts } from '../../docs/calibration-runs.ts'
import type { Compare, Judge, Setting } from '../../docs/calibration-runs.ts'
import { simulate } from '../../docs/calibration-traffic.ts'
import type { Shape } from '../../docs/calibration-traffic.ts'
import { compare } from '../../src/experiment/compare.ts'
import { ALPHA, judge } from '../../src/experiment/verdict.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import { clopperPearson } from '../../src/measure/statistics/clopper-pearson.ts'
import { deviationOf, deviationOfBlocks } from '../../src/measure/statistics/deviation.ts'
import { total } from '../../src/measure/statistics/effective-size.ts'
import type { Count } from '../../src/measure/statistics/effective-size.ts'
import { EMPTY } from './world.ts'

const RUNS = 400

const traffic = { objective: 'success >= 95%', rate: 100, seconds: 60 }
const SHAPES: Record<string, Shape> = {
  'each on its own': { kind: 'independent' },
  bursts: { kind: 'clusters', size: 10 },
  episodes: { kind: 'episodes', lasting: 1, failing: 0.5 },
  drift: { kind: 'drifting', time: 1, deviation: 1 }
}
const settings: [string, Setting][] = Object.entries(SHAPES).map(([name, shape]) => [name, { ...traffic, shape }])

/** Whether a share seen in so many runs shows for sure (99.9 %) that the true one is above what is accepted. */
const overclaims = (share: number, accepted = ALPHA): boolean =>
  clopperPearson(Math.round(share * RUNS), RUNS, 0.001).lower > accepted

/** What a guardrail accepts when nobody says. */
const FALSE_END = 0.01

/** A judge for whom every bad exchange is a witness of its own. */
const naive: Judge = ({ target }, series) => judge(target, [total(series)]).verdict

const naiveDeviation: Compare = (blocks, control, margin) => deviationOf(plain(blocks), plain(control), margin)

function plain (series: readonly Count[]): { p: number, n: number } {
  const { n, bad } = total(series)
  return { p: bad / n, n }
}

test('held and breached are not said falsely more often than one time in twenty, however bad ones come', async (t) => {
  for (const [name, setting] of settings) {
    const random = createRandom(1).fork(name)
    const just = tellVerdicts(setting, 1, RUNS, random)
    t.notOk(overclaims(just.held), `${name}: held ${just.held}, of what just misses`)
    t.notOk(overclaims(just.breached), `${name}: breached ${just.breached}, of what is just met`)
    const beyond = tellVerdicts(setting, 1.5, RUNS, random)
    t.notOk(overclaims(beyond.held), `${name}: held ${beyond.held}, of what is missed by half`)
    const within = tellVerdicts(setting, 0.5, RUNS, random)
    t.notOk(overclaims(within.breached), `${name}: breached ${within.breached}, of half of what is allowed`)
  }
})

test('and they are said: of independent ones nearly always, of the others when it is plain', async (t) => {
  for (const [name, setting] of settings) {
    const random = createRandom(2).fork(name)
    t.ok(tellVerdicts(setting, 4, 100, random).breached > 0.8, `${name}: breached`)
    if (name === 'each on its own') t.ok(tellVerdicts(setting, 0.5, 100, random).held > 0.95, `${name}: held`)
  }
})

test('a judge who takes bursts for independent ones is found out', async (t) => {
  const random = createRandom(3)
  const alone = tellVerdicts({ ...traffic, shape: SHAPES['each on its own']! }, 1, RUNS, random, naive)
  t.notOk(overclaims(alone.held) || overclaims(alone.breached), 'not by independent ones')
  const bursts = tellVerdicts({ ...traffic, shape: SHAPES.bursts! }, 1, RUNS, random, naive)
  t.ok(overclaims(bursts.held) && overclaims(bursts.breached), `held ${bursts.held}, breached ${bursts.breached}`)
  const deviations = tellDeviations({ ...traffic, shape: SHAPES.bursts! }, 'one after the other', 1, RUNS, random, naiveDeviation)
  t.ok(overclaims(deviations.deviated), `deviated ${deviations.deviated}`)
})

test('deviations are not said falsely more often than that, from a baseline or from a control arm', async (t) => {
  for (const [name, setting] of settings) {
    for (const sides of ['one after the other', 'two arms'] as const) {
      const random = createRandom(4).fork(`${name} ${sides}`)
      const none = tellDeviations(setting, sides, 0, RUNS, random)
      t.notOk(overclaims(none.deviated), `${name}, ${sides}: deviated ${none.deviated}, of no effect`)
      const margin = tellDeviations(setting, sides, 1, RUNS, random)
      t.notOk(overclaims(margin.deviated), `${name}, ${sides}: deviated ${margin.deviated}, of no more than the margin`)
      t.notOk(overclaims(margin['no-relevant-change']), `${name}, ${sides}: no change ${margin['no-relevant-change']}, of the margin`)
    }
  }
})

test('nor is spill-over, or a baseline that is not steady', async (t) => {
  for (const [name, setting] of settings) {
    const random = createRandom(5).fork(name)
    const spilt = tellSpillover(setting, RUNS, random)
    t.notOk(overclaims(spilt), `${name}: spill-over ${spilt}`)
    const { drifting, breached } = tellGate(setting, 1, RUNS, random)
    t.notOk(overclaims(drifting), `${name}: not steady ${drifting}`)
    t.notOk(overclaims(breached), `${name}: breached ${breached}`)
  }
})

test('nor does a guardrail end a run more often than it may', async (t) => {
  for (const [name, setting] of settings) {
    const ended = tellGuardrail(setting, RUNS, createRandom(7).fork(name))
    t.notOk(overclaims(ended, FALSE_END), `${name}: ended ${ended}`)
  }
})

test('what a run says of a deviation is what was calibrated', async (t) => {
  const random = createRandom(6)
  const objective = parseObjective(traffic.objective)
  const phaseOf = (name: string, series: readonly Count[]) => {
    const { n, bad } = total(series)
    const bins = series.map((count, second) => ({ second, n: count.n, of: [count.n], bad: [count.bad] }))
    return { ...EMPTY, name, startedAt: 0, endedAt: 60_000, n, of: [n], bad: [bad], bins, spread: [] }
  }
  for (const [, setting] of settings) {
    const [baseline, fault] = [0.02, 0.06].map((bad) => simulate({ ...setting, bad }, random)) as [Count[], Count[]]
    const reading = { objectives: [], phases: [phaseOf('baseline', baseline), phaseOf('fault', fault)] }
    const { verdict, changed, difference: { lower, upper } } =
      compare({ objectives: [objective], design: 'before-after' }, reading)!.deviations[0]!
    const { difference: _, ...told } = deviationOfBlocks(fault, baseline, (1 - objective.target) / 2)
    t.strictSame({ verdict, changed, lower, upper }, told)
  }
})

test('the page shows every setting, and no false verdict more often than it may be said', async (t) => {
  const page = await readFile(new URL('../../docs/calibration.md', import.meta.url), 'utf8')
  const shares = falseShares(page)
  t.ok(shares.length > 6 * SETTINGS.length, `${shares.length} shares of false verdicts`)
  const rows = page.split(/^## /m).find((section) => section.startsWith('Held and breached'))!.match(/^\| `/gm)!
  t.equal(rows.length, SETTINGS.length)
  for (const { at, share } of shares) t.ok(share <= (at.startsWith('Guardrails') ? FALSE_END : ALPHA), `${at}: ${share}`)
})
