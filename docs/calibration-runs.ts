import { firstFinding } from '../src/experiment/guard-rules.ts'
import { guard, guardrailOf } from '../src/experiment/guardrail.ts'
import { judgePhase } from '../src/experiment/verdict.ts'
import { gateBaseline } from '../src/experiment/steady.ts'
import type { Verdict } from '../src/experiment/result.ts'
import type { Random } from '../src/kernel/random.ts'
import { parseObjective } from '../src/measure/objective.ts'
import type { Objective } from '../src/measure/objective.ts'
import { deviationOfBlocks } from '../src/measure/statistics/deviation.ts'
import type { Deviation, DeviationVerdict } from '../src/measure/statistics/deviation.ts'
import type { Count } from '../src/measure/statistics/effective-size.ts'
import { total } from '../src/measure/statistics/effective-size.ts'
import type { Bin } from '../src/measure/counting.ts'
import { EMPTY } from '../test/experiment/world.ts'
import { binomial, simulate } from './calibration-traffic.ts'
import type { Shape, Traffic } from './calibration-traffic.ts'

/** What is asked of traffic of some length, and how its bad exchanges hang together. */
export interface Setting { objective: string, rate: number, seconds: number, shape: Shape }

/** What a judge says of what was counted second by second. */
export type Judge = (objective: Objective, series: readonly Count[]) => Verdict

const binsOf = (series: readonly Count[]): Bin[] => series.map(({ n, bad }, second) => ({ second, n, of: [n], bad: [bad] }))

/** The judge of real runs. */
export const judgeOfRuns: Judge = (objective, series) =>
  judgePhase([objective], { bins: binsOf(series) }, series.length * 1000)[0]!.verdict

/** How often each verdict is said over many runs, when the true share of bad ones is so many times what the objective allows. */
export function tellVerdicts (
  setting: Setting, times: number, runs: number, random: Random, judge = judgeOfRuns
): Record<Verdict, number> {
  const objective = parseObjective(setting.objective)
  const traffic = { ...setting, bad: (1 - objective.target) * times }
  return share(runs, ['held', 'breached', 'inconclusive'], () => judge(objective, simulate(traffic, random)))
}

/** How two sides come to be: one after the other, or as the two arms of one traffic, at the same time. */
export type Sides = 'one after the other' | 'two arms'

/** The share of the traffic that is hit where there are arms. */
const HIT = 0.3

/** What is said of two sides. */
export type Compare = (blocks: readonly Count[], control: readonly Count[], margin: number) => Deviation

/**
 * How often each verdict on a deviation is said, when the faults add so many margins to a share of bad ones that is half of what
 * is allowed without them.
 */
export function tellDeviations (
  setting: Setting, sides: Sides, margins: number, runs: number, random: Random, compare: Compare = deviationOfBlocks
): Record<DeviationVerdict, number> {
  const margin = (1 - parseObjective(setting.objective).target) / 2
  return share(runs, ['deviated', 'no-relevant-change', 'inconclusive'],
    () => compare(...drawSides({ ...setting, bad: margin }, sides, margins * margin, random), margin).verdict)
}

function drawSides (traffic: Traffic, sides: Sides, added: number, random: Random): [Count[], Count[]] {
  if (sides === 'one after the other') return [simulate({ ...traffic, bad: traffic.bad + added }, random), simulate(traffic, random)]
  const all = simulate(traffic, random)
  const hit = all.map(({ n, bad }) => {
    const among = binomial(bad, HIT, random)
    return { n: among + binomial(n - bad, HIT, random), bad: among }
  })
  const spared = all.map(({ n, bad }, i) => ({ n: n - hit[i]!.n, bad: bad - hit[i]!.bad }))
  // What the faults add comes on its own.
  const extra = added / (1 - traffic.bad)
  return [hit.map(({ n, bad }) => ({ n, bad: bad + binomial(n - bad, extra, random) })), spared]
}

/** How often the spared arm is said to be worse than the baseline, when it is not; half of what is allowed is bad in both. */
export function tellSpillover (setting: Setting, runs: number, random: Random): number {
  const { target } = parseObjective(setting.objective)
  const traffic = { ...setting, rate: setting.rate * (1 - HIT), bad: (1 - target) / 2 }
  const told = ({ changed, difference }: Deviation): boolean => changed && difference > 0
  return share(runs, ['told'], () =>
    told(deviationOfBlocks(simulate(traffic, random), simulate(traffic, random), (1 - target) / 2)) ? 'told' : null).told
}

/** How often the baseline is refused as drifting, and as breached, when neither is so. */
export function tellGate (setting: Setting, times: number, runs: number, random: Random): { drifting: number, breached: number } {
  const objective = parseObjective(setting.objective)
  const traffic = { ...setting, bad: (1 - objective.target) * times }
  return share(runs, ['drifting', 'breached'], () => {
    const series = simulate(traffic, random)
    const { n, bad } = total(series)
    const phase = { name: 'baseline', startedAt: 0, endedAt: series.length * 1000, n, of: [n], bad: [bad], bins: binsOf(series), ...EMPTY }
    const { ending } = gateBaseline('edge', [objective], phase, series.length * 1000, { exchanges: 0, connections: 0 })
    return ending === null ? null : ending.reason.includes('not steady') ? 'drifting' : 'breached'
  })
}

/** How often a guardrail ends a run in which just as much is bad as it tolerates, in the baseline and under the faults alike. */
export function tellGuardrail (setting: Setting, runs: number, random: Random): number {
  const guardrail = guardrailOf(parseObjective(setting.objective))
  const traffic = { ...setting, bad: 1 - guardrail.target }
  const length = setting.seconds * 1000
  return share(runs, ['ended'], () => {
    const baseline = { bins: binsOf(simulate(traffic, random)) }
    const [guarded] = guard([guardrail], 0, baseline, { baseline: length, fault: length })
    return firstFinding(simulate(traffic, random), guarded!.rule) === null ? null : 'ended'
  }).ended
}

/** The share of runs in which each was said. */
function share<T extends string> (runs: number, words: readonly T[], run: () => T | null): Record<T, number> {
  const told = Object.fromEntries(words.map((word) => [word, 0])) as Record<T, number>
  for (let i = 0; i < runs; i++) {
    const word = run()
    if (word !== null) told[word] += 1 / runs
  }
  return told
}
