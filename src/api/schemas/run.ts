import { Type } from 'typebox'
import { EXIT_CODES } from '../../experiment/result.ts'
import type { Judgement, RunOutcome, RunResult, Survival, TimeToRecover } from '../../experiment/result.ts'
import type { PlanReport } from '../../experiment/plan.ts'
import type { RunView } from '../../experiment/runs.ts'
import { ExperimentSchema } from '../../experiment/document.ts'
import { OneOf } from '../../kernel/schema.ts'
import type { HandshakeReading, PhaseReading } from '../../measure/watch.ts'
import { DelaysSchema, FaultCountersSchema, FaultSpecSchema, HandshakeCountSchema } from './proxy.ts'
import { ComparisonSchema } from './comparison.ts'
import { BudgetResultSchema, DetectionSchema, PagingSchema } from './detection.ts'
import { LimitResultSchema } from './limit.ts'
import { Moment, Nullable, component, count, ms, ref, written } from './schema.ts'

const outcome = OneOf(Object.keys(EXIT_CODES) as RunOutcome[], { description: 'how it ended' })
const lag = Type.Object({ p50: ms('median'), p99: ms('99th percentile'), max: ms('longest') })
const counts = Type.Record(Type.String(), count())

/** Schema of one objective judged over one phase. */
export const JudgementSchema = component<Judgement>('Judgement')(Type.Object({
  verdict: OneOf(['held', 'breached', 'inconclusive']),
  n: count(),
  bad: count(),
  effective: Type.Number({ description: 'n after allowing for dependence between them' }),
  good: Type.Number({ description: 'share of good ones' }),
  lower: Type.Number({ description: 'exact one-sided 95 % bound on `good`' }),
  upper: Type.Number({ description: 'exact one-sided 95 % bound on `good`' }),
  needed: Type.Number({ description: 'how many, all good, would have been needed at least to say held' })
}))

/** Schema of how long an objective took to hold again. */
export const TimeToRecoverSchema = component<TimeToRecover>('TimeToRecover')(Type.Union([
  Type.Object({ kind: Type.Literal('unaffected') }),
  Type.Object({
    kind: Type.Literal('recovered'),
    ms: Type.Number({ description: 'milliseconds from when the faults were gone; negative if it held again before' }),
    sinceOnset: Type.Optional(ms('from when it began to fail'))
  }),
  Type.Object({ kind: Type.Literal('not-seen'), ms: ms('how long was watched') }),
  Type.Object({ kind: Type.Literal('unknown') })
]))

/** Schema of what handshakes came to. */
export const HandshakeReadingSchema = component<HandshakeReading>('HandshakeReading')(Type.Object({
  n: count('TLS handshakes that began'),
  unfinished: count('of n, those still open when this was read'),
  counts: Type.Array(ref(HandshakeCountSchema))
}))

const offset = (description: string) => Nullable(ms(description))

const survivorFields = {
  old: count('on connections that were opened before'),
  resumed: count('on later ones whose session was resumed'),
  fresh: count('on later ones after a full handshake'),
  lastOld: offset('when the last began on a connection that was opened before'),
  lastResumed: offset('when the last began on a resumed session'),
  subject: OneOf(['requests', 'connections'], { description: 'what was counted' })
}

/** Schema of how much of the traffic did without a new handshake. */
export const SurvivalSchema = component<Survival>('Survival')(Type.Object({
  from: OneOf(['baseline', 'fault'], { description: 'the phase it is drawn from' }),
  sessions: Type.Boolean({ description: 'whether a resumed session escapes the fault' }),
  watched: ms('how long was watched'),
  n: count('all of them'),
  ...survivorFields,
  share: Type.Number({ description: 'of n, the share that went on or would have' }),
  last: offset('when the last of those began'),
  words: Type.String({ description: 'all of it in one sentence' })
}))

const objectiveCounts = (description: string) => Type.Array(count(), { description })

const percentiles = Type.Object({ p50: ms('median'), p90: ms('90th percentile'), p95: ms('95th percentile'), p99: ms('99th percentile'), max: ms('slowest') })

const countFields = {
  n: count('requests'),
  of: objectiveCounts('for each objective, how many it counts'),
  bad: objectiveCounts('of those, the bad ones'),
  unfinished: count('of n, those still open when this was read'),
  bins: Type.Array(Type.Object({ second: count(), n: count(), of: Type.Array(count()), bad: Type.Array(count()) })),
  latency: percentiles,
  spread: Type.Optional(Type.Array(Type.Unsafe<[number, number]>(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })), {
    description: 'milliseconds, and how many took about that long'
  }))
}

const SourceReadingSchema = Type.Object({
  n: count('samples'),
  bad: count('of n'),
  answers: count('how often it answered'),
  missing: count('samples that did not come, which count nowhere else'),
  unfinished: count('still awaited when this was read'),
  why: Type.Record(Type.String(), count(), { description: 'why some were bad or missing, and how often' }),
  latency: Nullable(percentiles)
})

const ArmSchema = Type.Object(countFields)

/** Schema of the counts of one phase. */
export const PhaseReadingSchema = component<PhaseReading>('PhaseReading')(Type.Object({
  name: Type.String(),
  startedAt: ms('monotonic, of the process that measures'),
  endedAt: Nullable(ms('when the next phase began')),
  ...countFields,
  statuses: counts,
  outcomes: counts,
  handshakes: ref(HandshakeReadingSchema),
  survivors: Nullable(Type.Object({
    ...survivorFields,
    bins: Type.Array(Type.Object({ second: count(), old: count(), resumed: count(), fresh: count() }))
  }, { description: 'what the requests came on; null if none came behind TLS' })),
  arms: Nullable(Type.Object({ fault: ArmSchema, control: ArmSchema }, { description: 'the arms of the faults; null if they are not told apart' })),
  samples: Type.Optional(Type.Record(Type.String(), SourceReadingSchema, { description: 'what each source of samples said' }))
}))

/** Schema of everything a run found out. */
export const RunResultSchema = component<RunResult>('RunResult')(Type.Object({
  id: Type.String(),
  title: Type.String(),
  outcome,
  exitCode: Type.Integer(),
  reasons: Type.Array(Type.String(), { description: 'most important first' }),
  notes: Type.Array(Type.String()),
  seed: Type.Integer(),
  documentHash: Type.String({ description: 'SHA-256 of the document' }),
  startedAt: Moment('when it began'),
  endedAt: Moment('when it ended'),
  took: ms('how long it took, by a clock that nobody sets'),
  at: Type.String(),
  source: OneOf(['proxy', 'load']),
  sources: Type.Array(Type.Object({
    name: Type.String(), type: OneOf(['http', 'process', 'prometheus']), what: Type.String({ description: 'what is asked' }), every: ms('how often')
  }), { description: 'where samples came from, beside the traffic' }),
  objectives: Type.Array(Type.Object({
    objective: Type.String(),
    counts: OneOf(['requests', 'handshakes', 'samples'], { description: 'what its n are' }),
    baseline: Nullable(ref(JudgementSchema)),
    fault: Nullable(ref(JudgementSchema)),
    recovery: Nullable(ref(JudgementSchema)),
    timeToRecover: ref(TimeToRecoverSchema)
  })),
  comparison: Nullable(ref(ComparisonSchema)),
  limit: Nullable(ref(LimitResultSchema)),
  detection: Nullable(ref(DetectionSchema)),
  paging: Type.Array(ref(PagingSchema), { description: 'one for each objective' }),
  budget: Nullable(ref(BudgetResultSchema)),
  faults: Type.Array(Type.Object({
    fault: ref(FaultSpecSchema),
    id: Nullable(Type.String()),
    landed: Type.Boolean(),
    removed: Type.Boolean(),
    counters: Nullable(ref(FaultCountersSchema)),
    delays: DelaysSchema
  })),
  rehearsal: Nullable(Type.Array(Type.Object({
    fault: Type.String({ description: 'its id' }),
    on: Type.String({ description: 'the proxy' }),
    eligible: count('requests, connections or handshakes that fitted it'),
    hit: count('of those, the ones that it would have hit'),
    decisions: count('the last decisions that the proxy kept, which the rest is drawn from'),
    complete: Type.Boolean({ description: 'whether those are all' }),
    connections: count('on how many connections those were that it would have hit'),
    routes: Type.Array(Type.Object({ route: Type.String(), n: count(), hit: count() }), { description: 'the most frequently hit first' })
  }), { description: 'whom the faults would have hit; null if this was no rehearsal' })),
  restored: Nullable(Type.Object({
    faultsGone: Nullable(Type.Boolean({ description: 'no fault of the run is active, asked of the data plane; null if it could not be asked' })),
    heldByFaults: Nullable(count('requests or connections that they hit and that are not over')),
    recovered: Nullable(Type.Boolean({ description: 'every objective was seen to hold again; null if too little was seen' }))
  }, { description: 'whether all is as before, confirmed after the recovery; null if nothing was injected' })),
  phases: Type.Array(ref(PhaseReadingSchema)),
  tls: Type.Array(Type.Object({
    at: Type.String(),
    phases: Type.Array(Type.Object({ name: Type.String(), handshakes: ref(HandshakeReadingSchema) })),
    survival: Nullable(ref(SurvivalSchema))
  }), { description: 'one for each proxy with a tls fault, and for `at` if handshakes are judged' }),
  load: Nullable(Type.Object({ sent: count(), unsent: count(), lag })),
  lag,
  folder: Type.String()
}, { description: 'What a run found out' }))

/** Schema of a run as it is shown. */
export const RunViewSchema = component<RunView>('Run')(Type.Object({
  id: Type.String(),
  title: Type.String(),
  state: OneOf(['running', 'ended']),
  phase: Nullable(Type.String()),
  phaseEndsAt: Nullable(Moment('when the phase is due to end')),
  startedAt: Moment('when it began'),
  live: Nullable(Type.Object({
    n: count(),
    rate: Type.Number({ description: 'exchanges a second' }),
    handshakes: Nullable(Type.Object({ n: count(), rate: Type.Number({ description: 'a second' }) })),
    objectives: Type.Array(Type.Object({ objective: Type.String(), n: count(), bad: count(), good: Type.Number() }))
  })),
  outcome: Nullable(outcome),
  exitCode: Nullable(Type.Integer()),
  folder: Type.String(),
  seed: Type.Integer(),
  result: Nullable(ref(RunResultSchema))
}, { description: 'One execution of an experiment' }))

/** Schema of what an experiment needs to be able to conclude. */
export const PlanReportSchema = component<PlanReport>('PlanReport')(Type.Object({
  title: Type.String(),
  measured: Nullable(Type.Object({
    protocol: OneOf(['tcp', 'http', 'auto']), tls: OneOf(['none', 'passthrough', 'terminate'])
  }, { description: 'the proxy that is measured; null if there is none' })),
  canConclude: Type.Boolean(),
  objectives: Type.Array(Type.Object({
    objective: Type.String(),
    phase: Type.String(),
    counts: OneOf(['requests', 'handshakes', 'samples'], { description: 'what the numbers are' }),
    expected: Nullable(Type.Number({ description: 'requests, handshakes or samples in the phase, at the rate of now; null where only the run will tell' })),
    needed: Type.Number({ description: 'all good, needed to say held' }),
    neededFor80: Type.Number({ description: 'needed to say held four times in five' }),
    can: Type.Array(OneOf(['held', 'breached'])),
    shortBy: Nullable(Type.String())
  })),
  guardrails: Type.Array(Type.Object({
    guardrail: Type.String(),
    tolerated: Type.Number({ description: 'share of bad ones' }),
    refused: Type.Number({ description: 'share of bad ones that is clearly too much' }),
    alpha: Type.Number({ description: 'the chance to end the run although the objective holds' }),
    most: Type.Number({ description: 'how many it counts in the fault phase' }),
    threshold: Type.Number({ description: 'of its CUSUM' }),
    soonest: Nullable(ms('until it ends the run if nothing is good; null if not within the fault phase')),
    words: Type.String()
  })),
  notes: Type.Array(Type.String()),
  problems: Type.Array(Type.String()),
  duration: ms('how long the run will take')
}, { description: 'What an experiment needs to be able to conclude' }))

/** Schema of the body of POST /v1/runs and /v1/plan: the experiment document, JSON or YAML. */
export const ExperimentBody = written(ExperimentSchema)
