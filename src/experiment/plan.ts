import type { Fault } from '../faults/envelope.ts'
import { formatCount, formatDuration, formatShare } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { Objective, Subject } from '../measure/objective.ts'
import { NOT_ALLOWED } from './allowed.ts'
import type { Allowed } from './allowed.ts'
import { budgetNote } from './budget.ts'
import { checkExperiment } from './check.ts'
import { countedOf, stretchOf, whyNotApart } from './design.ts'
import type { Experiment } from './document.ts'
import { planGuardrail } from './guardrail.ts'
import type { GuardrailPlan } from './guardrail.ts'
import type { LimitSpec } from './limit/document.ts'
import { fewestForLevel } from './limit/level.ts'
import type { DataPlane, ProxyInfo } from './ports.ts'
import { percentilesOf, thinPercentiles } from './percentiles.ts'
import type { Sampled } from './percentiles.ts'
import type { SourceSpec } from './sources.ts'
import { fewestForBreached, fewestForHeld, sizeForHeld } from '../measure/statistics/power.ts'
import { ALPHA } from './verdict.ts'

/** What one objective needs in one phase to be judged, in requests, handshakes or samples, and what there will be. */
export interface ObjectivePlan {
  objective: string
  phase: string
  /** What its numbers are. */
  counts: Subject
  /** In the phase, at the load's rate, the proxy's rate of now or the source's; null where only the run will tell. */
  expected: number | null
  /** All good, to say held. */
  needed: number
  /** To say held four times in five, if half the error budget is used. */
  neededFor80: number
  /** What can be said with `expected`. */
  can: ('held' | 'breached')[]
  /** What is missing to be able to say held, in words; null if nothing is. */
  shortBy: string | null
}

/** What an experiment needs to be able to conclude. Plain data. */
export interface PlanReport {
  title: string
  /** The proxy that is measured, as far as a run must know it; null if there is none. */
  measured: Pick<ProxyInfo, 'protocol' | 'tls'> | null
  /** Whether every objective can be held or breached under the fault, and there are no problems. */
  canConclude: boolean
  objectives: ObjectivePlan[]
  guardrails: GuardrailPlan[]
  /** What to keep in mind. */
  notes: string[]
  /** Why it cannot run at all. */
  problems: string[]
  /** How long a run takes, in milliseconds, without draining. */
  duration: number
}

/** Plans an experiment against the proxies as they are now: nothing is injected. */
export async function planExperiment (
  experiment: Experiment, plane: DataPlane, allowed: Allowed = NOT_ALLOWED
): Promise<PlanReport> {
  const { found, errors } = await checkExperiment(experiment, plane, allowed)
  const report = reportPlan(experiment, found.get(experiment.at), errors.map((error) => {
    const { path } = error.details
    return `${path === undefined ? '' : `${path}: `}${error.message} (${error.hint})`
  }))
  // A run says this itself, of what there was.
  const thin = thinPercentiles(percentilesOf(experiment.objectives), expectedRequests(report.objectives))
  return { ...report, notes: [...report.notes, ...thin] }
}

/** The same; throws the first of the problems, if there is one. Those of `checkExperiment`. */
export async function requirePlan (
  experiment: Experiment, plane: DataPlane, allowed: Allowed = NOT_ALLOWED
): Promise<PlanReport> {
  const { found, errors: [error] } = await checkExperiment(experiment, plane, allowed)
  if (error !== undefined) throw error
  return reportPlan(experiment, found.get(experiment.at), [])
}

function reportPlan (experiment: Experiment, measured: ProxyInfo | undefined, problems: string[]): PlanReport {
  const { phases } = experiment
  const rates: Rates = {
    requests: experiment.load?.rate ?? measured?.rate ?? 0,
    // A load keeps its connections, so how many handshakes it makes is not known before it runs.
    handshakes: measured?.handshakeRate ?? 0
  }
  const rateOf = (objective: Objective): number | null => {
    const counts = subjectOf(objective)
    return counts === 'samples' ? sampleRate(experiment.sources.find(({ name }) => name === objective.source)) : rates[counts]
  }
  const counted = shareCounted(experiment)
  const objectives = experiment.objectives.flatMap((objective) =>
    (['baseline', 'fault', 'recovery'] as const).map((phase) => {
      const rate = rateOf(objective)
      if (phase !== 'fault' || experiment.limit === null) {
        return planObjective(objective, phase, phases[phase], rate === null ? null : rate * (phase === 'fault' ? counted : 1))
      }
      return planLevel(experiment.limit, planObjective(objective, 'level', experiment.limit.stepTime, rate), objective, rate ?? 0)
    }))
  return {
    title: experiment.title,
    measured: measured === undefined ? null : { protocol: measured.protocol, tls: measured.tls },
    canConclude: problems.length === 0 && objectives.every(({ phase, expected, can }) =>
      !UNDER.includes(phase) || expected === null || can.includes('held')),
    objectives,
    guardrails: experiment.guardrails.map((guardrail) => planGuardrail(guardrail, rateOf(guardrail) ?? 0, phases.fault)),
    notes: notesOf(experiment, measured, rates, objectives),
    problems,
    duration: phases.warmup + phases.baseline + phases.fault + phases.recovery
  }
}

/** The share of the traffic that is in the fault arm: hit by one of the faults at least. */
const shareHit = (faults: readonly Fault[]): number => 1 - faults.reduce((spared, { share }) => spared * (1 - share), 1)

/** How much of the traffic of the fault phase counts as being under the faults. */
function shareCounted ({ design, faults, phases, switchback: { pairs, settle } }: Experiment): number {
  if (design === 'switchback') return pairs * countedOf(phases.fault, pairs, settle) / phases.fault
  return design === 'concurrent' ? shareHit(faults) : 1
}

/** How many there are a second. */
type Rates = Readonly<Record<Exclude<Subject, 'samples'>, number>>

/** What products of decimal fractions lose at most. */
const ROUNDING = 1e-9

/** So many times the exchanges does it take where nobody knows that they are independent; docs/calibration.md shows it. */
export const PRICE = 2.25

/** How many exchanges it takes to say held four times in five, if half the error budget is used by bad ones on their own. */
export const neededToBeSure = (target: number): number => Math.ceil(PRICE * sizeForHeld(target, 1 - (1 - target) / 2, ALPHA))

function planObjective (objective: Objective, phase: string, length: number, rate: number | null): ObjectivePlan {
  const { text, target } = objective
  const counts = subjectOf(objective)
  const expected = rate === null ? null : Math.floor(rate * length / 1000 + ROUNDING)
  const needed = fewestForHeld(target, ALPHA)
  const can: ObjectivePlan['can'] = []
  if (expected !== null && expected >= needed) can.push('held')
  if (expected !== null && expected >= fewestForBreached(target, ALPHA)) can.push('breached')
  return {
    objective: text,
    phase,
    counts,
    expected,
    needed,
    neededFor80: neededToBeSure(target),
    can,
    shortBy: rate === null || expected === null || expected >= needed ? null : shortOf(needed - expected, rate, counts)
  }
}

/** What the faults are judged in: the phase that bears their name, or a level of a search. */
const UNDER: readonly string[] = ['fault', 'level']

/** One level of a search, which takes more to be told than a phase that is looked at once. */
function planLevel (limit: LimitSpec, plan: ObjectivePlan, { target }: Objective, rate: number): ObjectivePlan {
  const needed = fewestForLevel(limit, target)
  const { counts } = plan
  const expected = plan.expected ?? 0
  const can = plan.can.filter((verdict) => verdict !== 'held' || expected >= needed)
  const shortBy = expected >= needed ? null : shortOf(needed - expected, rate, counts)
  return { ...plan, needed, neededFor80: Math.max(needed, plan.neededFor80), can, shortBy }
}

function shortOf (missing: number, rate: number, counts: Subject): string {
  const more = `${formatCount(missing)} ${counts}`
  // Whole seconds: a phase is rarely written finer.
  return rate === 0 ? more : `${more}, or ${formatDuration(Math.ceil(missing / rate - ROUNDING) * 1000)} more`
}

function notesOf (experiment: Experiment, measured: ProxyInfo | undefined, rates: Rates, objectives: ObjectivePlan[]): string[] {
  const { at, faults, load, source, phases, budget, sources } = experiment
  const rate = rates.requests
  const notes: string[] = []
  const here = faults.filter((fault) => fault.on === at)
  if (here.length > 0) {
    const what = here.some(({ type }) => type.layer !== 'tls')
      ? 'the injected delay or error is in the result itself, so the verdict says what was injected and not how the system copes.'
      : `the verdict says how many clients turn ${at} down and not how what is behind them copes. A request whose handshake failed never arrives and is not counted.`
    notes.push(`THE FAULT IS ON ${at}, WHICH IS ALSO WHERE THE OBJECTIVES ARE MEASURED: ${what} Break where the dependency is, measure where the user is.`)
  }
  if (experiment.design === 'concurrent') {
    notes.push(`compared with a control arm: ${formatShare(shareHit(faults))} of the traffic is to be hit, and the rest of it, at the same time, is what that is compared with`)
  }
  if (experiment.design === 'switchback') {
    const { pairs, settle } = experiment.switchback
    const [stretch, counted] = [stretchOf(phases.fault, pairs), countedOf(phases.fault, pairs, settle)].map(formatDuration)
    notes.push(`compared by switchback: ${pairs} pairs of stretches of ${stretch}, one of each pair with the faults, of which ${counted} count`)
  }
  for (const [i, fault] of faults.entries()) {
    const apart = experiment.design === 'before-after' && fault.share < 1 ? whyNotApart(fault, experiment) : null
    if (apart !== null) notes.push(`faults.${i} hits a share, but there is no control arm: ${apart}; \`by\` a header, a cookie or trace would make one`)
    if (fault.ttl !== undefined) notes.push(`faults.${i}.ttl is not used: a run leases its faults for at most ten seconds at a time and removes them itself`)
  }
  notes.push(...sources.flatMap((spec) => sourceNote(spec, experiment)))
  if (source === 'proxy' && load === undefined && measured !== undefined && experiment.objectives.some((objective) => subjectOf(objective) === 'requests')) {
    if (measured.tls === 'passthrough' && measured.connections > 0) {
      notes.push(`${formatCount(measured.connections)} connections are open at ${at} now; what passes on them unread is not counted`)
    } else {
      notes.push(rate === 0
        ? `no traffic reaches ${at} now; without it, or a load, nothing can be said`
        : `${rate.toFixed(1)} requests a second reach ${at} now; clients that wait for answers send fewer when the answers are slow`)
    }
  }
  if (objectives.some(({ counts }) => counts === 'handshakes') && measured !== undefined) notes.push(handshakeNote(at, rates.handshakes, load !== undefined))
  if (source === 'proxy' && measured?.protocol === 'tcp' && objectives.some(({ counts }) => counts === 'requests')) {
    notes.push(`${at} is a tcp proxy: what is counted are connections, when they end; those still open at the end count as bad`)
  }
  for (const { objective, phase, counts, expected, needed, neededFor80, shortBy } of objectives) {
    if (expected === null) continue
    if (shortBy !== null && phase === 'recovery') {
      notes.push(`the recovery phase is too short to see ${objective} hold again: ${formatCount(expected)} ${counts} expected, ${formatCount(needed)} needed`)
    } else if (shortBy !== null) {
      notes.push(`the ${phase === 'level' ? '`limit.step-time`' : `${phase} phase`} is too short to say that ${objective} held: ${formatCount(expected)} ${counts} expected, ${formatCount(needed)} needed, short by ${shortBy}`)
    } else if (phase === 'fault' && expected < neededFor80) {
      notes.push(`${objective} may well be inconclusive: ${formatCount(expected)} ${counts} expected, ${formatCount(neededFor80)} needed to say held four times in five when half the error budget is used`)
    }
  }
  if (budget !== undefined) notes.push(budgetNote(budget, rates[subjectOf(budget.objective) === 'handshakes' ? 'handshakes' : 'requests']))
  if (phases.warmup === 0 && load !== undefined) notes.push('there is no warm-up: cold caches and first connections count in the baseline')
  return notes
}

/** How many samples a second a source gives; null where only running it would tell. */
const sampleRate = (spec: SourceSpec | undefined): number | null => spec === undefined || 'total' in spec ? null : 1000 / spec.every

/** What is to be known of a source before it is asked. */
function sourceNote (spec: SourceSpec, { objectives, guardrails, phases }: Experiment): string[] {
  const { name, every } = spec
  const notes: string[] = []
  if ('total' in spec) notes.push(`how much the counters of ${name} will count is not known before the run; they are read every ${formatDuration(every)}`)
  if (![...objectives, ...guardrails].some(({ source }) => source === name)) notes.push(`no objective and no guardrail is on ${name}: its samples are told and not judged`)
  const short = (['baseline', 'fault', 'recovery'] as const).filter((phase) => phases[phase] < 2 * every)
  if (short.length > 0) notes.push(`${name} is asked every ${formatDuration(every)}, which is hardly once in ${short.join(' and ')}`)
  return notes
}

/** How many requests each phase is to have. */
const expectedRequests = (objectives: readonly ObjectivePlan[]): Sampled[] => [...new Map(objectives.filter(({ counts }) => counts === 'requests')
  .map(({ phase, expected }) => [phase, { name: phase, n: expected ?? 0 }])).values()]

function handshakeNote (at: string, rate: number, load: boolean): string {
  if (load) {
    return `how many handshakes the load makes at ${at} is not known before it runs: it keeps its connections open and makes few; ` +
      `${rate.toFixed(1)} a second are seen there now`
  }
  return rate === 0
    ? `no TLS handshake is seen at ${at} now: its clients keep their connections, or there are none; a fault that drains or cuts connections makes them shake hands`
    : `${rate.toFixed(1)} TLS handshakes a second are seen at ${at} now`
}
