import { formatDuration } from '../kernel/units.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import type { Ending } from './control.ts'
import type { Experiment } from './document.ts'
import { timeToRecover } from './recovery.ts'
import type { Judgement, ObjectiveResult, RunOutcome } from './result.ts'
import { seriesOf } from './series.ts'
import { judgePhase } from './verdict.ts'
import { describeJudgement } from './words.ts'

/** What the figures of a run come to. */
export interface Conclusion { outcome: RunOutcome, reasons: string[], notes: string[], objectives: ObjectiveResult[] }

/** Within these factors of the baseline's, an arrival rate under the fault counts as unchanged. */
const SAME_TRAFFIC = [0.8, 1.25] as const

/**
 * Judges every phase and says how the run ended. What ended it early goes first; then recovery that was not seen,
 * breaches, what cannot be said, and only then that everything held.
 */
export function conclude (experiment: Experiment, reading: WatchReading, endings: readonly Ending[]): Conclusion {
  const objectives = judgeObjectives(experiment, reading)
  const changed = trafficChange(experiment, reading)
  const told = verdicts(experiment, objectives, changed)
  return {
    outcome: endings[0]?.outcome ?? told.outcome,
    reasons: [...endings.map(({ reason }) => reason), ...told.reasons],
    notes: changed === null || told.reasons.includes(changed) ? [] : [changed],
    objectives
  }
}

function judgeObjectives ({ objectives }: Experiment, reading: WatchReading): ObjectiveResult[] {
  const phaseOf = (name: string): PhaseReading | undefined => reading.phases.find((phase) => phase.name === name)
  const judged = (name: string): Judgement[] | undefined => {
    const phase = phaseOf(name)
    return phase === undefined ? undefined : judgePhase(objectives, phase, lengthOf(phase))
  }
  const [baseline, fault, recovery] = [judged('baseline'), judged('fault'), judged('recovery')]
  const after = phaseOf('recovery')
  return objectives.map(({ text, target }, i) => {
    const series = after === undefined ? [] : seriesOf(after.bins, i, lengthOf(after))
    const judgements = { baseline: baseline?.[i] ?? null, fault: fault?.[i] ?? null, recovery: recovery?.[i] ?? null }
    return { objective: text, ...judgements, timeToRecover: timeToRecover(target, series, judgements.fault, judgements.recovery) }
  })
}

/** A phase that was cut off lasted as long as it saw traffic. */
function lengthOf ({ startedAt, endedAt, bins }: PhaseReading): number {
  return endedAt === null ? ((bins.at(-1)?.second ?? 0) + 1) * 1000 : endedAt - startedAt
}

function verdicts (
  experiment: Experiment, objectives: readonly ObjectiveResult[], changed: string | null
): { outcome: RunOutcome, reasons: string[] } {
  const under = (verdict: Judgement['verdict']): ObjectiveResult[] => objectives.filter(({ fault }) => fault?.verdict === verdict)
  const lost = objectives.filter(notRecovered)
  const breached = under('breached')
  const unsure = under('inconclusive')
  const held = under('held')
  const words = (result: ObjectiveResult): string =>
    `${result.objective} under the fault ${describeJudgement(result.fault!, experiment.objectives[objectives.indexOf(result)]!.target)}`
  const reasons = [
    ...breached.map(words),
    ...lost.map((result) => `${result.objective} was not seen to hold again in the ${formatDuration(experiment.phases.recovery)} after the faults were gone`),
    ...unsure.map(words)
  ]
  // Clients that slow down with the system leave the bad moments uncounted, so what seems to hold may not.
  const doubted = changed !== null && experiment.source === 'proxy' && held.length > 0
  if (doubted) reasons.push(changed)
  reasons.push(...held.map(words))
  const outcome = lost.length > 0 ? 'not-recovered' : breached.length > 0 ? 'breached' : held.length < objectives.length || doubted ? 'inconclusive' : 'held'
  return { outcome, reasons }
}

/** Never seen to hold again, and known to have been broken: under the fault, or after it. */
function notRecovered ({ fault, recovery, timeToRecover }: ObjectiveResult): boolean {
  return timeToRecover.kind === 'not-seen' && (fault?.verdict === 'breached' || recovery?.verdict === 'breached')
}

/** How the arrival rate under the fault differs from the baseline's, in words; null if it does not. */
function trafficChange ({ at, load, source }: Experiment, { phases }: WatchReading): string | null {
  // An open-loop load has the same rate throughout, whatever the answers do.
  if (source === 'load' && load !== undefined) return null
  const rateOf = (name: string): number | undefined => {
    const phase = phases.find((one) => one.name === name)
    return phase === undefined ? undefined : phase.n / (lengthOf(phase) / 1000)
  }
  const before = rateOf('baseline')
  const during = rateOf('fault')
  if (before === undefined || during === undefined || before === 0) return null
  const ratio = during / before
  if (ratio >= SAME_TRAFFIC[0] && ratio <= SAME_TRAFFIC[1]) return null
  return `traffic changed: ${during.toFixed(1)} requests a second at ${at} under the fault, ${before.toFixed(1)} in the baseline; ` +
    'clients that wait for slow answers ask less often, and then the bad moments are counted too rarely'
}
