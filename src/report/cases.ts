import type { FaultResult, ObjectiveResult, RunResult } from '../experiment/result.ts'
import { describeJudgement } from '../experiment/words.ts'
import { formatDuration } from '../kernel/units.ts'
import { parseObjective } from '../measure/objective.ts'
import { OUTCOMES, faultWords, placeWords, recoverWords } from './words.ts'

/**
 * How one thing that a run checks came out. `failure`: the service did not do what it should. `error`: the run cannot say.
 * `skipped`: it was not reached, or says nothing by itself.
 */
export type CaseState = 'passed' | 'failure' | 'error' | 'skipped'

/** One thing that a run checks. `seconds` is how long it was looked at, or took. */
export interface Case { name: string, seconds: number, state: CaseState, message: string }

/**
 * What a run checked, in its order: the baseline, each fault, each objective, the removal, each recovery, and the run as
 * a whole. Some case is a failure or an error exactly if the run's exit code is not 0.
 */
export function casesOf (result: RunResult): Case[] {
  const cases = [
    baselineCase(result),
    ...result.faults.map((fault) => landedCase(fault, result)),
    ...result.objectives.map((objective) => objectiveCase(objective, result)),
    removedCase(result),
    ...result.objectives.map(recoveryCase)
  ]
  const told = result.outcome === 'rehearsed' ? cases.map(rehearsed) : cases
  return unlike([...told, verdictCase(result, told)])
}

/** Where nothing was broken, nothing that was seen is the faults' doing. */
function rehearsed (one: Case): Case {
  const red = one.state === 'failure' || one.state === 'error'
  return red ? { ...one, state: 'skipped', message: `nothing was broken: ${one.message}` } : one
}

const BEFORE = 'the run ended before this'

function baselineCase (result: RunResult): Case {
  const { outcome, reasons } = result
  const about = { name: 'the baseline is steady', seconds: lengthOf(result, 'baseline') }
  if (outcome === 'baseline-not-steady') return { ...about, state: 'error', message: reasons.join('; ') || OUTCOMES[outcome].sentence }
  if (has(result, 'fault')) return { ...about, state: 'passed', message: '' }
  // Nothing reached it: there is a baseline, and nothing in it to begin with.
  if (outcome === 'inconclusive') return { ...about, state: 'error', message: reasons.join('; ') }
  return { ...about, state: 'skipped', message: BEFORE }
}

function landedCase ({ fault, id, landed, counters }: FaultResult, { outcome, reasons }: RunResult): Case {
  const about = { name: `lands: ${faultWords(fault)} on ${placeWords(fault)}`, seconds: 0 }
  if (landed) return { ...about, state: 'passed', message: '' }
  if (id === null) return { ...about, state: 'skipped', message: 'it was never applied' }
  if (counters === null) return { ...about, state: 'error', message: 'what it did could not be read' }
  if (outcome !== 'fault-did-not-land') return { ...about, state: 'skipped', message: 'it hit nothing before the run ended' }
  return { ...about, state: 'error', message: reasons.find((reason) => reason.includes(` ${id} `)) ?? OUTCOMES[outcome].sentence }
}

function objectiveCase ({ objective, fault }: ObjectiveResult, result: RunResult): Case {
  const about = { name: objective, seconds: lengthOf(result, 'fault') }
  if (fault === null) return { ...about, state: 'skipped', message: BEFORE }
  const message = describeJudgement(fault, parseObjective(objective))
  if (fault.verdict === 'breached') return { ...about, state: 'failure', message }
  if (fault.verdict === 'inconclusive') return { ...about, state: 'error', message }
  if (result.outcome === 'fault-did-not-land') return { ...about, state: 'skipped', message: 'it held, and a fault did not land: that says nothing' }
  return { ...about, state: 'passed', message }
}

function removedCase ({ faults }: RunResult): Case {
  const about = { name: 'the faults are removed', seconds: 0 }
  const left = faults.filter(({ removed }) => !removed)
  if (left.length > 0) return { ...about, state: 'error', message: `not confirmed: ${left.map(({ fault }) => `${faultWords(fault)} on ${placeWords(fault)}`).join(', ')}` }
  return faults.every(({ id }) => id === null) ? { ...about, state: 'skipped', message: 'none was applied' } : { ...about, state: 'passed', message: '' }
}

function recoveryCase ({ objective, fault, recovery, timeToRecover: time }: ObjectiveResult): Case {
  const about = { name: `recovers: ${objective}`, seconds: 'ms' in time ? time.ms / 1000 : 0 }
  if (time.kind === 'unaffected' || time.kind === 'recovered') return { ...about, state: 'passed', message: recoverWords(time) }
  if (time.kind === 'unknown') return { ...about, state: 'skipped', message: recovery === null ? BEFORE : 'there was too little to judge it by' }
  const message = `not seen to hold again in the ${formatDuration(time.ms)} that were watched`
  return { ...about, state: fault?.verdict === 'breached' || recovery?.verdict === 'breached' ? 'failure' : 'skipped', message }
}

function verdictCase (result: RunResult, others: readonly Case[]): Case {
  const { outcome, exitCode, reasons } = result
  const about = { name: 'the run reaches a verdict', seconds: secondsOf(result) }
  const told = others.some(({ state }) => state === 'failure' || state === 'error')
  const verdict = outcome === 'held' || outcome === 'breached' || outcome === 'not-recovered'
  if (exitCode === 0 || (verdict && told)) return { ...about, state: 'passed', message: OUTCOMES[outcome].sentence }
  return { ...about, state: 'error', message: [OUTCOMES[outcome].sentence, ...reasons].join(' ') }
}

const has = ({ phases }: RunResult, phase: string): boolean => phases.some(({ name }) => name === phase)

function lengthOf ({ phases }: RunResult, phase: string): number {
  const found = phases.find(({ name }) => name === phase)
  return found === undefined || found.endedAt === null ? 0 : Math.max(0, found.endedAt - found.startedAt) / 1000
}

/** How long a run took, in seconds. */
export function secondsOf ({ startedAt, endedAt }: Pick<RunResult, 'startedAt' | 'endedAt'>): number {
  return Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000
}

/** The cases with names that differ: two faults may be alike. */
function unlike (cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>()
  return cases.map((one) => {
    const before = seen.get(one.name) ?? 0
    seen.set(one.name, before + 1)
    return before === 0 ? one : { ...one, name: `${one.name} (${before + 1})` }
  })
}
