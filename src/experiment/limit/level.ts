import { dispersion } from '../../measure/statistics/dispersion.ts'
import { dependentSize, total } from '../../measure/statistics/effective-size.ts'
import type { Count } from '../../measure/statistics/effective-size.ts'
import { evidenceOn, fewestForEvidence } from '../../measure/statistics/evidence.ts'
import { ALPHA } from '../verdict.ts'
import type { LevelObjective } from './result.ts'
import { mostLevels } from './search.ts'
import type { LevelVerdict, SearchRange } from './search.ts'

/** In fewer seconds nothing is said: one hiccup would look like a level. */
export const FEWEST_SECONDS = 3

/** What every level of a search has in common. */
export interface Bar {
  /** How many levels and objectives there are at most: what the chance of an error is shared between. */
  levels: number
  objectives: number
  /** What the requests of each objective are worth each, at most 1, for they depend on each other: by what was seen before. */
  worth: readonly number[]
}

/** What was before a level can say no less than this of what its requests are worth: one hiccup is no law. */
const LEAST_WORTH = 1 / 4

/** What requests are worth, by the seconds of the baseline and of every level so far. */
export function worthOf (baseline: readonly Count[], levels: readonly (readonly Count[])[]): number {
  return Math.max(LEAST_WORTH, 1 / dispersion([baseline, ...levels]))
}

/**
 * What evidence must reach, as an e-value. Over all levels together the chance of a wrong `held` is at most 5 %, and so is
 * that of a wrong `breached`. That all objectives hold needs no correction for their number; that one is breached does.
 */
export function neededFor ({ levels, objectives }: Omit<Bar, 'worth'>): { held: number, breached: number } {
  return { held: levels / ALPHA, breached: levels * objectives / ALPHA }
}

/** The fewest, all good, that can show at one level of a search that a target holds. */
export const fewestForLevel = (range: SearchRange, target: number): number => fewestForEvidence(target, ALPHA / levelsOf(range))

/** How many levels a search has at most: what it takes to find the limit, and one for the check beyond it. */
export const levelsOf = (range: SearchRange): number => mostLevels(range) + 1

/** One objective at a level, by the seconds whose requests have all ended, or are known to be bad. `i` is its place. */
export function judgeObjective (
  objective: { text: string, target: number }, i: number, seconds: readonly Count[], bar: Bar
): LevelObjective {
  const { n, bad } = total(seconds)
  const worth = n === 0 ? 1 : Math.min(bar.worth[i]!, ownWorth(seconds))
  const found = evidenceOn({ n: n * worth, bad: bad * worth }, 1 - objective.target)
  const evidence = { held: Math.exp(Math.min(found.held, MOST)), breached: Math.exp(Math.min(found.breached, MOST)) }
  const needed = neededFor(bar)
  const long = seconds.length >= FEWEST_SECONDS
  const verdict = long && evidence.breached >= needed.breached ? 'breached' : long && evidence.held >= needed.held ? 'held' : 'inconclusive'
  return { objective: objective.text, verdict, n, bad, effective: n * worth, evidence, needed }
}

/** From so many seconds on they show by themselves how bad ones hang together; before, the cautious way is taken. */
const SHOWING = 8

/** What the requests of a level are worth, by its own seconds, alone and two and four at a time. */
function ownWorth (seconds: readonly Count[]): number {
  if (seconds.length < SHOWING) return dependentSize(seconds, ALPHA) / total(seconds).n
  let most = 1
  for (let blocks = seconds; blocks.length >= SHOWING / 2; blocks = inPairs(blocks)) most = Math.max(most, dispersion([blocks]))
  return 1 / most
}

const inPairs = (blocks: readonly Count[]): Count[] =>
  Array.from({ length: Math.floor(blocks.length / 2) }, (_, i) => total(blocks.slice(2 * i, 2 * i + 2)))

/** Beyond this a double ends; no evidence needs to be told more exactly. */
const MOST = 700

/** What the objectives of a level come to: one that is breached breaks it, and all must hold. */
export function verdictOfLevel (objectives: readonly Pick<LevelObjective, 'verdict'>[]): LevelVerdict {
  if (objectives.some(({ verdict }) => verdict === 'breached')) return 'breached'
  return objectives.every(({ verdict }) => verdict === 'held') ? 'held' : 'inconclusive'
}
