import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { neededToBeSure, PRICE } from '../src/experiment/plan.ts'
import { ALPHA } from '../src/experiment/verdict.ts'
import { createRandom } from '../src/kernel/random.ts'
import { formatCount } from '../src/kernel/units.ts'
import { parseObjective } from '../src/measure/objective.ts'
import { sizeForHeld } from '../src/measure/statistics/power.ts'
import { tellDeviations, tellGate, tellGuardrail, tellSpillover, tellVerdicts } from './calibration-runs.ts'
import type { Setting, Sides } from './calibration-runs.ts'
import { expectedEvents } from './calibration-traffic.ts'
import type { Shape } from './calibration-traffic.ts'

/** Runs of each setting, and the seed of them all. */
const RUNS = 2000
const SEED = 20260530

/** Little traffic and much of it, for each objective: 30 and 300 bad exchanges are expected where the objective is just met. */
const TRAFFIC: readonly Omit<Setting, 'shape'>[] = [
  { objective: 'success >= 95%', rate: 10, seconds: 60 }, { objective: 'success >= 95%', rate: 100, seconds: 60 },
  { objective: 'success >= 99%', rate: 50, seconds: 60 }, { objective: 'success >= 99%', rate: 100, seconds: 300 },
  { objective: 'success >= 99.9%', rate: 500, seconds: 60 }, { objective: 'success >= 99.9%', rate: 1000, seconds: 300 }
]

/** How bad exchanges hang together, as far as an objective leaves room for it: an episode cannot be shorter than a moment. */
const shapesFor = (target: number): Shape[] => {
  const failing = Math.min(0.5, 50 * (1 - target))
  return [
    { kind: 'independent' },
    { kind: 'clusters', size: 3 }, { kind: 'clusters', size: 10 }, { kind: 'clusters', size: 30 },
    { kind: 'episodes', lasting: 0.3, failing }, { kind: 'episodes', lasting: 1, failing }, { kind: 'episodes', lasting: 2, failing },
    { kind: 'drifting', time: 1, deviation: 1 }, { kind: 'drifting', time: 2, deviation: 1 }, { kind: 'drifting', time: 5, deviation: 1 },
    { kind: 'drifting', time: 2, deviation: 0.5 }
  ]
}

/** Fewer bursts than these, or swings than those, and nobody can tell how long they are: see `BEYOND`. */
const ENOUGH = { clusters: 5, episodes: 5, drifting: 30, independent: 1 }

const eventsOf = (setting: Setting): number => expectedEvents({ ...setting, bad: 1 - parseObjective(setting.objective).target })

/** Where the bounds are to hold. */
export const SETTINGS: readonly Setting[] = TRAFFIC.flatMap((traffic) => shapesFor(parseObjective(traffic.objective).target)
  .map((shape) => ({ ...traffic, shape }))
  .filter((setting) => eventsOf(setting) >= ENOUGH[setting.shape.kind]))

/** Where they cannot, and how far off they are. */
const BEYOND: readonly Setting[] = [
  { objective: 'success >= 99%', rate: 50, seconds: 60, shape: { kind: 'clusters', size: 10 } },
  { objective: 'success >= 99%', rate: 50, seconds: 60, shape: { kind: 'clusters', size: 30 } },
  { objective: 'success >= 99%', rate: 100, seconds: 300, shape: { kind: 'episodes', lasting: 2, failing: 0.5 } },
  { objective: 'success >= 99%', rate: 100, seconds: 300, shape: { kind: 'episodes', lasting: 2, failing: 1 } },
  { objective: 'success >= 95%', rate: 100, seconds: 60, shape: { kind: 'drifting', time: 2, deviation: 1 } },
  { objective: 'success >= 95%', rate: 100, seconds: 60, shape: { kind: 'drifting', time: 5, deviation: 1 } },
  { objective: 'success >= 95%', rate: 100, seconds: 60, shape: { kind: 'drifting', time: 10, deviation: 1 } }
]

/** What is compared: enough of each kind, and not every length of it. */
const COMPARED: readonly Setting[] = SETTINGS.filter(({ objective, shape }) => objective !== 'success >= 99.9%' &&
  !(shape.kind === 'clusters' && shape.size === 30) && !(shape.kind === 'episodes' && shape.lasting === 2))

/** The figures of a page, and which of them are shares of false verdicts. */
export interface Section { title: string, words: string, head: readonly string[], rows: readonly (readonly string[])[] }

/** Marks the columns that must be at most 5 %. */
export const FALSE = 'false'

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

function nameOf (shape: Shape): string {
  switch (shape.kind) {
    case 'independent': return 'each on its own'
    case 'clusters': return `bursts of ${shape.size}`
    case 'episodes': return `episodes of ${shape.lasting} s, ${Math.round(shape.failing * 100)} % failing`
    case 'drifting': return `drift over ${shape.time} s, by a factor of ${Math.exp(shape.deviation).toFixed(1)}`
  }
}

const WHERE = ['objective', 'exchanges', 'bad ones come'] as const

const where = ({ objective, rate, seconds, shape }: Setting): string[] =>
  [`\`${objective}\``, `${formatCount(rate * seconds)} in ${seconds} s`, nameOf(shape)]

const random = (...labels: (string | number)[]) => createRandom(SEED).fork(labels.join(' '))

function verdicts (settings: readonly Setting[], truths: readonly number[]): string[][] {
  return settings.map((setting) => [...where(setting), ...truths.flatMap((times) => {
    const { held, breached } = tellVerdicts(setting, times, RUNS, random('verdict', JSON.stringify(setting), times))
    return (times > 1 ? [breached, held] : [held, breached]).map(percent)
  })])
}

function verdictSection (): Section {
  return {
    title: 'Held and breached',
    words: `The true share of bad ones is half of what the objective allows, just what it allows, one and a half times that and three times.
**False**: \`held\` where as much or more is bad, \`breached\` where as much or less is. What is left to 100 % is inconclusive.`,
    head: [...WHERE, 'half: held', `half: ${FALSE} breached`, `just: ${FALSE} held`, `just: ${FALSE} breached`,
      '1.5: breached', `1.5: ${FALSE} held`, '3: breached', `3: ${FALSE} held`],
    rows: verdicts(SETTINGS, [0.5, 1, 1.5, 3])
  }
}

/** What is asked of how many, all on their own, if half of what an objective allows is bad. */
function powerSection (): Section {
  return {
    title: 'How many it takes',
    words: `Each bad one on its own, half of what the objective allows, in 60 s. \`premortem plan\` says how many are needed to say \`held\` four times
in five: ${PRICE} times as many as an exact test that knows that they are independent.`,
    head: ['objective', 'an exact test', 'held, of so many', '`plan`', 'held, of so many'],
    rows: [...new Set(TRAFFIC.map(({ objective }) => objective))].map((objective) => {
      const { target } = parseObjective(objective)
      const exact = sizeForHeld(target, 1 - (1 - target) / 2, ALPHA)
      const heldOf = (n: number): string => percent(tellVerdicts({ objective, rate: n / 60, seconds: 60, shape: { kind: 'independent' } },
        0.5, RUNS, random('power', objective, n)).held)
      const planned = neededToBeSure(target)
      return [`\`${objective}\``, formatCount(exact), heldOf(exact), formatCount(planned), heldOf(planned)]
    })
  }
}

function deviationSections (): Section[] {
  return (['one after the other', 'two arms'] satisfies Sides[]).map((sides) => ({
    title: sides === 'two arms' ? 'Deviation from a control arm' : 'Deviation from the baseline',
    words: `${sides === 'two arms'
      ? 'Of one traffic, 30 % are hit and the rest are the control arm, at the same time.'
      : 'Two phases of the same length, one after the other.'} Without the faults, half of what the objective allows is bad. The
faults add nothing, just the margin that matters (half of what is allowed), or three times that. **False**:
\`deviated\` where they add no more than the margin, \`no relevant change\` where they add as much or more.`,
    head: [...WHERE, 'none: no change', `none: ${FALSE} deviated`, `margin: ${FALSE} deviated`, `margin: ${FALSE} no change`,
      '3: deviated', `3: ${FALSE} no change`],
    rows: COMPARED.map((setting) => [...where(setting), ...[0, 1, 3].flatMap((margins) => {
      const told = tellDeviations(setting, sides, margins, RUNS, random(sides, JSON.stringify(setting), margins))
      const both = [percent(told['no-relevant-change']), percent(told.deviated)]
      return margins === 0 ? both : both.toReversed()
    })])
  }))
}

function otherSection (): Section {
  return {
    title: 'Spill-over, and the gate of the baseline',
    words: `**False**: spill-over is reported, and the control arm is no worse than the baseline was; the baseline is refused as not steady, and it
is (with half of what is allowed bad, and with just that); the baseline is refused as breached, and it just meets the objective.`,
    head: [...WHERE, `${FALSE} spill-over`, `half: ${FALSE} not steady`, `just: ${FALSE} not steady`, `just: ${FALSE} breached`],
    rows: COMPARED.map((setting) => {
      const gate = (times: number) => tellGate(setting, times, RUNS, random('gate', JSON.stringify(setting), times))
      const [spilt, half, just] = [tellSpillover(setting, RUNS, random('spill-over', JSON.stringify(setting))), gate(0.5), gate(1)]
      return [...where(setting), ...[spilt, half.drifting, just.drifting, just.breached].map(percent)]
    })
  }
}

function guardrailSection (): Section {
  return {
    title: 'Guardrails',
    words: `Just as much is bad as the guardrail tolerates, in the baseline and under the faults alike, for as long as the setting says each. **False**: it
ends the run. 1 % is what is allowed, where bad ones come in no longer bursts than the baseline showed. [guardrails.md](guardrails.md) has the
patterns that are beyond that, and how soon it acts when it should.`,
    head: [...WHERE, `${FALSE} end`],
    rows: COMPARED.map((setting) => [...where(setting), percent(tellGuardrail(setting, RUNS, random('guardrail', JSON.stringify(setting))))])
  }
}

function beyondSection (): Section {
  return {
    title: 'Where it ends',
    words: `Bursts that are so rare that a phase may well see none leave no trace in it: with as many expected as the column says, a phase
sees none with the probability beside it, and no judge can know. Nor can it see swings that last longer than about a thirtieth of the phase. Then \`held\`
is said too often of what just misses the objective. A longer phase is the cure: five bursts, or thirty swings.`,
    head: [...WHERE, 'expected', 'none seen', 'just: held', '1.5: held'],
    rows: BEYOND.map((setting) => {
      const events = eventsOf(setting)
      const [just, more] = [1, 1.5].map((times) => tellVerdicts(setting, times, RUNS, random('beyond', JSON.stringify(setting), times)).held)
      return [...where(setting), events.toFixed(1), setting.shape.kind === 'drifting' ? '' : percent(Math.exp(-events)), percent(just!), percent(more!)]
    })
  }
}

const table = ({ title, words, head, rows }: Section): string =>
  `## ${title}\n\n${words}\n\n${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`

/** The shares of false verdicts that a page shows, each with the row and the column it stands in. */
export function falseShares (page: string): { at: string, share: number }[] {
  return page.split(/^## /m).slice(1).flatMap((section) => {
    const [head, , ...rows] = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, cells]) => cells!.split(' | '))
    return rows.flatMap((cells) => head!.flatMap((column, i) => column.split(/\W+/).includes(FALSE)
      ? [{ at: `${section.split('\n')[0]!}, ${cells.slice(0, WHERE.length).join(', ')}, ${column}`, share: parseFloat(cells[i]!) / 100 }]
      : []))
  })
}

function pageOf (sections: readonly string[]): string {
  const worst = falseShares(sections.join('\n')).toSorted((a, b) => b.share - a.share)[0]!
  return `<!-- Written by \`npm run docs:calibration\`; test/experiment/calibration.test.ts repeats it with fewer runs. -->

# Calibration

How often is a verdict wrong? Here the code that judges runs judges simulated ones, of which the truth is known: ${formatCount(RUNS)} of each setting,
from seed ${SEED}. [statistics.md](statistics.md) says how it judges.

**No false verdict is said more often than in ${percent(worst.share)} of the runs** (${worst.at.replaceAll(`${FALSE} `, '')}); 5 % is what is allowed. By
chance, ${formatCount(RUNS)} runs show a true 5 % as anything from ${percent(0.05 - 1.96 * Math.sqrt(0.05 * 0.95 / RUNS))} to ${percent(0.05 + 1.96 * Math.sqrt(0.05 * 0.95 / RUNS))}.

Exchanges arrive at random at a steady rate. How the bad ones hang together differs: each on its own; in bursts, so many in a row on average (their
lengths are geometric); in episodes, during which a share of all fails and between which nothing does (lengths exponential); or with a share
that drifts, its logarithm being autoregressive with this time constant and deviation.

What allowing for dependence costs is in the columns that are not false: where bad ones come each on its own, it takes
[about twice as many](#how-many-it-takes) to say the same, for nobody tells the judge that they do; and the more they hang together, the more often
the honest answer is \`inconclusive\`.

${sections.join('\n')}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const sections = [verdictSection(), powerSection(), ...deviationSections(), otherSection(), guardrailSection(), beyondSection()]
  await writeFile(new URL('calibration.md', import.meta.url), pageOf(sections.map(table)))
}
