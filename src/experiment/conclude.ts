import { formatDuration } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import { blindSources } from './blind.ts'
import { compare } from './compare.ts'
import type { Ending } from './control.ts'
import type { Experiment } from './document.ts'
import { changesOf, timelineOf } from './detection.ts'
import { percentilesOf, thinPercentiles } from './percentiles.ts'
import { timeToRecover } from './recovery.ts'
import type { Comparison, Judgement, ObjectiveResult, RunOutcome } from './result.ts'
import { lengthOf, seriesOf } from './series.ts'
import { judgePhase } from './verdict.ts'
import { describeJudgement } from './words.ts'

/** What the figures of a run come to. */
export interface Conclusion {
  outcome: RunOutcome
  reasons: string[]
  notes: string[]
  objectives: ObjectiveResult[]
  comparison: Comparison | null
}

/** Within these factors of the baseline's, an arrival rate under the fault counts as unchanged. */
const SAME_TRAFFIC = [0.8, 1.25] as const

/**
 * Judges every phase and says how the run ended. What ended it early goes first; then recovery that was not seen,
 * breaches, what cannot be said, and only then that everything held. `stretches` is the reading before those of a switchback
 * were joined.
 */
export function conclude (
  experiment: Experiment, reading: WatchReading, endings: readonly Ending[], stretches: WatchReading = reading
): Conclusion {
  const objectives = judgeObjectives(experiment, reading)
  const changed = trafficChange(experiment, reading)
  const rush = handshakeChange(experiment, reading)
  const blind = blindSources(experiment, reading)
  const told = verdicts(experiment, objectives, changed, blind)
  const notes = [changed, rush, ...blind.values(), ...thin(experiment, reading)]
  return {
    outcome: endings[0]?.outcome ?? told.outcome,
    reasons: [...endings.map(({ reason }) => reason), ...told.reasons],
    notes: notes.flatMap((note) => note === null || told.reasons.includes(note) ? [] : [note]),
    objectives,
    comparison: compare(experiment, reading, stretches)
  }
}

/** The percentiles of the report that rest on too few; it shows a p99 of every phase. */
const thin = ({ objectives, phases }: Experiment, reading: WatchReading): string[] =>
  thinPercentiles([...percentilesOf(objectives), 0.99], reading.phases.filter(({ name }) => name !== 'warmup' && name in phases))

function judgeObjectives (experiment: Experiment, reading: WatchReading): ObjectiveResult[] {
  const { objectives, design } = experiment
  const phaseOf = (name: string): PhaseReading | undefined => reading.phases.find((phase) => phase.name === name)
  const judged = (name: string): Judgement[] | undefined => {
    const phase = phaseOf(name)
    // Whom the faults spare says nothing of those they hit.
    const part = name === 'fault' && design === 'concurrent' ? phase?.arms?.fault ?? phase : phase
    return phase === undefined ? undefined : judgePhase(objectives, part!, lengthOf(phase))
  }
  const [baseline, fault, recovery] = [judged('baseline'), judged('fault'), judged('recovery')]
  const after = phaseOf('recovery')
  const timeline = timelineOf(experiment, reading)
  const changes = changesOf(experiment, timeline)
  return objectives.map((objective, i) => {
    const { text, target } = objective
    const series = after === undefined ? [] : seriesOf(after.bins, i, lengthOf(after))
    const judgements = { baseline: baseline?.[i] ?? null, fault: fault?.[i] ?? null, recovery: recovery?.[i] ?? null }
    const { alarm, onset } = changes[i] ?? { alarm: null, onset: null }
    const failing = timeline === null || alarm === null || onset === null
      ? null
      : { series: timeline.series[i]!, off: timeline.off, onset, alarm }
    const recovered = timeToRecover(target, series, judgements.fault, judgements.recovery, failing)
    return { objective: text, counts: subjectOf(objective), ...judgements, timeToRecover: recovered }
  })
}

function verdicts (
  experiment: Experiment, objectives: readonly ObjectiveResult[], changed: string | null, blind: ReadonlyMap<string, string>
): { outcome: RunOutcome, reasons: string[] } {
  const under = (verdict: Judgement['verdict']): ObjectiveResult[] => objectives.filter(({ fault }) => fault?.verdict === verdict)
  const lost = objectives.filter(notRecovered)
  const breached = under('breached')
  const unsure = under('inconclusive')
  const held = under('held')
  const words = (result: ObjectiveResult): string =>
    `${result.objective} ${experiment.design === 'concurrent' ? 'in the fault arm' : 'under the fault'} ${describeJudgement(result.fault!, experiment.objectives[objectives.indexOf(result)]!)}`
  const reasons = [
    ...breached.map(words),
    ...lost.map((result) => `${result.objective} was not seen to hold again in the ${formatDuration(experiment.phases.recovery)} after the faults were gone`),
    ...unsure.map(words)
  ]
  // Clients that slow down with the system leave the bad moments uncounted, so what seems to hold may not.
  const doubted = changed !== null && experiment.source === 'proxy' && held.some(({ counts }) => counts === 'requests')
  if (doubted) reasons.push(changed)
  // What a source could not see is no witness that all was well.
  const unseen = held.flatMap((result) => blind.get(experiment.objectives[objectives.indexOf(result)]!.source ?? '') ?? [])
  reasons.push(...new Set(unseen))
  reasons.push(...held.map(words))
  const outcome = lost.length > 0 ? 'not-recovered' : breached.length > 0 ? 'breached' : held.length < objectives.length || doubted || unseen.length > 0 ? 'inconclusive' : 'held'
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
  const [before, during] = ratesOf(phases, ({ n }) => n)
  if (before === undefined || during === undefined || before === 0) return null
  if (isSame(during / before)) return null
  return `traffic changed: ${during.toFixed(1)} requests a second at ${at} under the fault, ${before.toFixed(1)} in the baseline; ` +
    'clients that wait for slow answers ask less often, and then the bad moments are counted too rarely'
}

/**
 * How the rate of handshakes under the fault differs from the baseline's, in words; null if it does not, or none are judged.
 * It puts no verdict in doubt: that clients must connect anew is what such faults do, and how often they then try is a finding.
 */
function handshakeChange ({ at, objectives }: Experiment, { phases }: WatchReading): string | null {
  const i = objectives.findIndex((objective) => subjectOf(objective) === 'handshakes')
  if (i === -1) return null
  const [before, during] = ratesOf(phases, ({ of }) => of[i]!)
  if (before === undefined || during === undefined || (before === 0 ? during === 0 : isSame(during / before))) return null
  const more = during > before ? '; clients connect anew, or try again' : ''
  return `${during.toFixed(1)} handshakes a second at ${at} under the fault, ${before.toFixed(1)} in the baseline${more}`
}

/** What was counted a second in the baseline and under the fault; undefined where there was no such phase. */
function ratesOf (phases: readonly PhaseReading[], count: (phase: PhaseReading) => number): (number | undefined)[] {
  return ['baseline', 'fault'].map((name) => {
    const phase = phases.find((one) => one.name === name)
    return phase === undefined ? undefined : count(phase) / (lengthOf(phase) / 1000)
  })
}

const isSame = (ratio: number): boolean => ratio >= SAME_TRAFFIC[0] && ratio <= SAME_TRAFFIC[1]
