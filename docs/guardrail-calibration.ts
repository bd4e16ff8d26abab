import { firstFinding } from '../src/experiment/guard-rules.ts'
import { guardrailOf, ruleFor } from '../src/experiment/guardrail.ts'
import { createRandom } from '../src/kernel/random.ts'
import type { Random } from '../src/kernel/random.ts'
import { parseObjective } from '../src/measure/objective.ts'
import { burstSize } from '../src/measure/statistics/design-effect.ts'
import { simulate } from './calibration-traffic.ts'
import type { Shape } from './calibration-traffic.ts'

const RATE = 50
const BASELINE = 60
const FAULT = 120
const RUNS = 200

/** Traffic that holds a guardrail, and in which share of runs it ended one all the same. `bad` is the true share of bad ones. */
export interface FalseEnds {
  guardrail: string
  bad: number
  traffic: string
  /** Whether the promise is made for such traffic. */
  promised: boolean
  falseEnds: number
}

/** Under traffic that breaks a guardrail: the median of the seconds until it ended the run. null: not within two minutes. */
export interface TimesToEnd { guardrail: string, bad: number, median: number | null }

const SHAPES: readonly { traffic: string, shape: Shape }[] = [
  { traffic: 'independent', shape: { kind: 'independent' } },
  { traffic: 'in clusters of 5', shape: { kind: 'clusters', size: 5 } },
  { traffic: 'in clusters of 20', shape: { kind: 'clusters', size: 20 } },
  { traffic: 'all fail for half a second, now and then', shape: { kind: 'episodes', lasting: 0.5, failing: 1 } },
  { traffic: 'half fail for 2 s, now and then', shape: { kind: 'episodes', lasting: 2, failing: 0.5 } },
  { traffic: 'the share drifts, e-fold within 5 s', shape: { kind: 'drifting', time: 5, deviation: 1 } }
]

/** Guardrails, the true share of bad ones, and for how many of the shapes the promise is made. */
const HOLDING: readonly [guardrail: string, bad: number, promised: number][] = [
  ['success >= 50%', 0.5, 6], ['success >= 95%', 0.05, 4], ['success >= 95%', 0.005, 4], ['success >= 99%', 0.01, 2]
]

const BREAKING: readonly [guardrail: string, bad: readonly number[]][] = [
  ['success >= 50%', [0.75, 1]], ['success >= 95%', [0.1, 0.2, 0.5, 1]], ['success >= 99%', [0.02, 0.05, 0.1, 0.2, 0.5, 1]]
]

/** How often traffic that just holds ends a run. Each row has dice of its own, so that rows can be added. */
export function falseEnds (runs = RUNS): FalseEnds[] {
  return HOLDING.flatMap(([guardrail, bad, promised]) => SHAPES.map(({ traffic, shape }, i) => {
    const random = createRandom(1).fork(`${guardrail} ${bad} ${traffic}`)
    let ended = 0
    for (let run = 0; run < runs; run++) {
      if (endOf(guardrail, { bad, shape }, { bad, shape }, random) !== null) ended++
    }
    return { guardrail, bad, traffic, promised: i < promised, falseEnds: ended / runs }
  }))
}

/** How long it takes to end a run that should end: one in a thousand was bad before, independently. */
export function timesToEnd (runs = 31): TimesToEnd[] {
  return BREAKING.flatMap(([guardrail, shares]) => shares.map((bad) => {
    const random = createRandom(2).fork(`${guardrail} ${bad}`)
    const shape: Shape = { kind: 'independent' }
    const times = Array.from({ length: runs }, () => endOf(guardrail, { bad: 0.001, shape }, { bad, shape }, random) ?? Infinity)
    const median = times.sort((a, b) => a - b)[Math.floor(runs / 2)]!
    return { guardrail, bad, median: median === Infinity ? null : median }
  }))
}

interface Kind { bad: number, shape: Shape }

/** After how many seconds of the fault phase a guardrail ended a simulated run; null if it did not. */
function endOf (guardrail: string, before: Kind, during: Kind, random: Random): number | null {
  const baseline = simulate({ rate: RATE, seconds: BASELINE, ...before }, random)
  const fault = simulate({ rate: RATE, seconds: FAULT, ...during }, random)
  const found = firstFinding(fault, ruleFor(guardrailOf(parseObjective(guardrail)), RATE, FAULT * 1000, burstSize(baseline)))
  return found === null ? null : found.second + 1
}
