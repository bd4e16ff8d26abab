import type { RunOutcome } from '../experiment/result.ts'
import { medianTime } from '../measure/statistics/kaplan-meier.ts'
import type { Time } from '../measure/statistics/kaplan-meier.ts'
import type { RunSummary } from './history.ts'

/** How one experiment went over its runs, the oldest first. */
export interface Trend {
  title: string
  runs: number
  /** How many runs ended how; `unfinished` and `damaged` ones, which have no outcome, by these words. */
  outcomes: Partial<Record<RunOutcome | 'running' | 'unfinished' | 'damaged', number>>
  /** The documents that were run, in their order. More than one: it was changed, and what came before is another question. */
  versions: { documentHash: string, runs: number, first: string }[]
  /** How often the outcome changed from one run to the next of the same document, though nothing else is known to have. */
  flake: { changes: number, pairs: number, rate: number | null }
  /** The main objective: that of the latest run that names one. */
  objective: string | null
  /** Its shares of bad ones, with the faults less without them. `version` counts from 0. */
  effects: { id: string, version: number, value: number, lower: number | null, upper: number | null }[]
  /** Times to recover by Kaplan and Meier, in milliseconds: those that were not seen to end count. null: beyond what was seen. */
  recovery: { median: number | null, runs: number, notSeen: number, unaffected: number }
}

/** Outcomes that say something of premortem or of whoever ran it, and nothing of the service. */
const ASIDE: readonly (RunOutcome | null)[] = [null, 'interrupted', 'failed']

/** A trend for each experiment, by its title, that of the latest run last. Runs without a title belong to none. */
export function trendsOf (runs: readonly RunSummary[]): Trend[] {
  const latestFirst = new Set([...runs].reverse().flatMap(({ title }) => title ?? []))
  const titles = [...latestFirst].reverse()
  return titles.map((title) => trendOf(title, runs.filter((run) => run.title === title)))
}

function trendOf (title: string, runs: readonly RunSummary[]): Trend {
  const versions: Trend['versions'] = []
  const effects: Trend['effects'] = []
  for (const { id, documentHash, effect } of runs) {
    // A document that comes back is again the one of before; it is the changes that are told.
    if (documentHash !== null) {
      if (versions.at(-1)?.documentHash !== documentHash) versions.push({ documentHash, runs: 0, first: id })
      versions.at(-1)!.runs++
    }
    if (effect !== null) {
      const { value, lower, upper } = effect.difference
      effects.push({ id, version: Math.max(0, versions.length - 1), value, lower, upper })
    }
  }
  const [flake, recovery] = [flakeOf(runs), recoveryOf(runs)]
  const objective = runs.findLast((run) => run.objective !== null)?.objective ?? null
  return { title, runs: runs.length, outcomes: count(runs), versions, flake, objective, effects, recovery }
}

function count (runs: readonly RunSummary[]): Trend['outcomes'] {
  const outcomes: Trend['outcomes'] = {}
  for (const { outcome, state } of runs) {
    const word = outcome ?? (state as Exclude<RunSummary['state'], 'ended'>)
    outcomes[word] = (outcomes[word] ?? 0) + 1
  }
  return outcomes
}

function flakeOf (runs: readonly RunSummary[]): Trend['flake'] {
  const judged = runs.filter(({ outcome }) => !ASIDE.includes(outcome))
  const next = judged.slice(1).map((run, i) => [judged[i]!, run] as const)
  const pairs = next.filter(([a, b]) => a.documentHash === b.documentHash)
  const changes = pairs.filter(([a, b]) => a.outcome !== b.outcome).length
  return { changes, pairs: pairs.length, rate: pairs.length === 0 ? null : changes / pairs.length }
}

function recoveryOf (runs: readonly RunSummary[]): Trend['recovery'] {
  const times = runs.flatMap(({ timeToRecover: time }): Time[] =>
    time?.kind === 'recovered' || time?.kind === 'not-seen' ? [{ time: time.ms, censored: time.kind === 'not-seen' }] : [])
  return {
    median: medianTime(times),
    runs: times.length,
    notSeen: times.filter(({ censored }) => censored).length,
    unaffected: runs.filter(({ timeToRecover }) => timeToRecover?.kind === 'unaffected').length
  }
}
