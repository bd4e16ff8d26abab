import { PremortemError, toPremortemError } from '../kernel/errors.ts'
import { formatDuration } from '../kernel/units.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import { budgetResult, overspent, spentOf } from './budget.ts'
import type { Spent } from './budget.ts'
import { conclude } from './conclude.ts'
import { unlessEnded } from './control.ts'
import type { RunContext } from './context.ts'
import type { Experiment } from './document.ts'
import { fingerprint } from './fingerprint.ts'
import { armRules } from './design.ts'
import { detect } from './detection.ts'
import type { Moments } from './detection.ts'
import { brokenGuardrail, guard } from './guardrail.ts'
import { hold } from './hold.ts'
import type { EachSecond } from './hold.ts'
import { Injection, identityOf } from './injection.ts'
import { AFTER, openMeter } from './meter.ts'
import type { Meter } from './meter.ts'
import { concludeLimit, limitOf } from './limit/conclude.ts'
import { LimitDrive } from './limit/drive.ts'
import { pagingsOf } from './paging.ts'
import type { PlanReport } from './plan.ts'
import type { LoadSummary } from './ports.ts'
import { concludeRehearsal, rehearsedOf } from './rehearsal.ts'
import { NOTHING_LEFT, restoredOf, whyNotRestored } from './restore.ts'
import { EXIT_CODES } from './result.ts'
import type { RunResult } from './result.ts'
import { paceOf, sourceResult } from './sources.ts'
import { gateBaseline } from './steady.ts'
import { holdSwitchback, joinStretches } from './switchback.ts'
import { findTls } from './survival.ts'

/** Event-loop lag above which a run's own figures are to be doubted, in milliseconds. */
const LATE = 20

/**
 * One run from start to end: baseline, fault, recovery, verdict. Never rejects: what goes wrong is an outcome. Whatever
 * ends it, its faults are removed before anything else happens.
 */
export async function runExperiment (context: RunContext, plan: PlanReport): Promise<RunResult> {
  const { id, experiment, ports, control, scribe } = context
  const { clock, log, random, journal } = ports
  const { seed } = random
  const startedAt = new Date(clock.wall()).toISOString()
  const begun = clock.now()
  // By the monotonic clock from there, for the other one may be set meanwhile.
  const wallOf = (at: number): string => new Date(Date.parse(startedAt) + at - begun).toISOString()
  const documentHash = fingerprint(experiment.document)
  const notes = [...plan.notes]
  ports.lag()
  scribe.file('experiment.json', experiment.document)
  scribe.tell('run.started', { title: experiment.title, seed, documentHash, plan })

  const injection = new Injection(context)
  let meter: Meter | undefined
  let load: LoadSummary | null = null
  let drive: LimitDrive | null = null
  const moments: Moments = { on: null, off: null }
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step()
    } catch (error) {
      log.error({ err: error, run: id }, 'a step of the run failed')
      // A halt that reached the data plane first is a halt all the same.
      const halted = error instanceof PremortemError && error.code === 'PMT_ERR_HALTED'
      control.end(halted ? 'aborted' : 'failed', whatOf(toPremortemError(error)))
    }
  }

  await attempt(async () => {
    const rules = experiment.design === 'concurrent' ? armRules(experiment.faults, (i) => identityOf(context, i)) : []
    meter = await openMeter(experiment, ports, rules)
    await hold(context, meter, 'warmup')
    const baseline = await holdBaseline(context, meter, notes)
    if (control.ended || baseline === null) return
    if (experiment.limit !== null) drive = new LimitDrive(context, { meter, injection, spec: experiment.limit, baseline })
    await holdFault(context, { meter, injection, baseline, drive, moments })
  })
  await injection.remove()
  if (moments.on !== null) moments.off = clock.now()
  await attempt(async () => {
    if (meter === undefined) return
    await hold(context, meter, 'recovery')
    await injection.count()
    await meter.finish(control)
  })
  await attempt(async () => { load = await meter?.close() ?? null })
  const residues = await injection.residues()
  const decided = experiment.rehearsal ? await injection.decisions() : []
  const unrestored = whyNotRestored(restoredOf(residues, []) ?? NOTHING_LEFT)
  if (unrestored !== null) control.end('not-recovered', unrestored)

  const lag = ports.lag()
  const stretches = meter?.latest ?? { objectives: [], phases: [] }
  const reading = experiment.design === 'switchback' ? joinStretches(stretches) : stretches
  const limit = limitOf(experiment, drive)
  const concluded = conclude(experiment, reading, control.endings, stretches)
  const searched = limit === null ? concluded : concludeLimit(concluded, limit, control.endings)
  const conclusion = experiment.rehearsal ? concludeRehearsal(searched, control.endings) : searched
  const { outcome, reasons, notes: found, objectives, comparison } = conclusion
  notes.push(...context.beside ?? [], ...found, ...doubts(load, lag))
  const { budget } = experiment
  const spent = spentBy(experiment, stretches)
  const result: RunResult = {
    id,
    title: experiment.title,
    outcome,
    exitCode: EXIT_CODES[outcome],
    reasons,
    notes,
    seed,
    documentHash,
    startedAt,
    endedAt: new Date(clock.wall()).toISOString(),
    took: clock.now() - begun,
    at: experiment.at,
    source: experiment.source,
    sources: experiment.sources.map(sourceResult),
    objectives,
    comparison,
    limit,
    detection: detect(experiment, reading, moments, context.alerts, objectives, wallOf),
    paging: moments.on === null ? [] : pagingsOf(experiment, reading),
    budget: budget === undefined || spent === null ? null : budgetResult(budget, spent, context.spentBefore),
    faults: injection.results(),
    rehearsal: experiment.rehearsal ? rehearsedOf(injection.results(), decided) : null,
    restored: restoredOf(residues, objectives),
    phases: reading.phases.filter(({ name, n }) => name in experiment.phases || (name !== AFTER && n > 0)),
    tls: findTls(experiment, (proxy) => proxy === experiment.at ? reading : meter?.witnessed(proxy)),
    load,
    lag,
    folder: journal.folder
  }
  scribe.file('result.json', result)
  scribe.note('run.ended', { outcome, exitCode: result.exitCode, reasons, result })
  scribe.close()
  return result
}

/** Measures the steady state, which must be one. */
async function holdBaseline (context: RunContext, meter: Meter, notes: string[]): Promise<PhaseReading | null> {
  const { experiment: { at, objectives, phases }, ports: { plane }, control } = context
  const reading = await hold(context, meter, 'baseline')
  if (control.ended || reading === null) return null
  const open = { exchanges: await meter.open(), connections: (await plane.describe(at))?.connections ?? 0 }
  const gate = gateBaseline(at, objectives, reading, phases.baseline, open)
  notes.push(...gate.notes)
  if (gate.ending !== null) control.end(gate.ending.outcome, gate.ending.reason)
  return reading
}

/** What a fault phase is held with; `drive` searches a limit in it, if there is one to search. */
interface Faulting { meter: Meter, injection: Injection, baseline: PhaseReading, drive: LimitDrive | null, moments: Moments }

/** Injects the faults and holds them, with leases renewed and guardrails on; at the end, each must have landed. */
async function holdFault (context: RunContext, { meter, injection, baseline, drive, moments }: Faulting): Promise<void> {
  const { experiment, ports: { clock }, control } = context
  const { objectives, guardrails, budget, phases, design, sources } = experiment
  const paces = new Map(sources.map((source) => [source.name, paceOf(source)]))
  const guarded = guard(guardrails, objectives.length, baseline, phases, paces)
  const each: EachSecond = async (reading, elapsed) => {
    const dear = budget === undefined ? null : overspent(budget, spentBy(experiment, meter.latest))
    if (dear !== null) return control.end('aborted', dear)
    if (brokenGuardrail(guarded, reading, elapsed) === null) return
    // Asked only then, for it costs a call. Where nobody answers, nothing is known to be on its way.
    const open = await unlessEnded(meter.open(), control).catch(() => 0) ?? 0
    const broken = brokenGuardrail(guarded, reading, elapsed, open)
    if (broken !== null) control.end('aborted', broken)
  }
  if (drive !== null) {
    await unlessEnded(meter.mark('injecting'), control)
    await drive.run(each)
  } else if (design === 'switchback') {
    moments.on = clock.now()
    await holdSwitchback(context, meter, injection, each)
  } else {
    // What starts while only some of the faults are there belongs neither to the baseline nor to the fault phase.
    await unlessEnded(meter.mark('injecting'), control)
    await injection.apply(phases.fault)
    moments.on = clock.now()
    await hold(context, meter, 'fault', { each, heartbeat: (left) => injection.renew(left) })
  }
  await unlessEnded(meter.mark('removing'), control)
  if (control.ended) return
  await injection.count()
  for (const missed of injection.missed()) control.end('fault-did-not-land', missed)
}

/** What a run has spent of its error budget so far; null without one. */
function spentBy ({ budget, objectives, guardrails, phases }: Experiment, reading: WatchReading): Spent | null {
  return budget === undefined ? null : spentOf(budget, objectives.length + guardrails.length, reading, phases.baseline)
}

/** A failure in words: what was found and wanted is what people can do something about. */
function whatOf ({ message, details: { found, wanted } }: PremortemError): string {
  return [message, ...typeof found === 'string' ? [`found ${found}`] : [], ...wanted === undefined ? [] : [`wanted ${wanted}`]].join('; ')
}

/** What to keep in mind about premortem's own share in the figures. */
function doubts (load: LoadSummary | null, lag: RunResult['lag']): string[] {
  const notes: string[] = []
  if (load !== null && load.unsent > 0) notes.push(`the load generator could not send ${load.unsent} of ${load.sent + load.unsent} requests in time`)
  if (lag.p99 > LATE) notes.push(`this process was busy: its event loop was up to ${formatDuration(lag.max)} late (p99 ${formatDuration(lag.p99)}), which is in the latencies`)
  return notes
}
