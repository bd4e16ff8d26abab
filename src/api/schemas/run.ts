import { Type } from 'typebox'
import { EXIT_CODES } from '../../experiment/result.ts'
import type { Judgement, RunOutcome, RunResult, TimeToRecover } from '../../experiment/result.ts'
import type { PlanReport } from '../../experiment/plan.ts'
import type { RunView } from '../../experiment/runs.ts'
import { ExperimentSchema } from '../../experiment/document.ts'
import { OneOf } from '../../kernel/schema.ts'
import type { PhaseReading } from '../../measure/watch.ts'
import { DelaysSchema, FaultCountersSchema, FaultSpecSchema } from './proxy.ts'
import { Moment, Nullable, component, count, ms, ref, written } from './schema.ts'

const outcome = OneOf(Object.keys(EXIT_CODES) as RunOutcome[], { description: 'how it ended' })
const lag = Type.Object({ p50: ms('median'), p99: ms('99th percentile'), max: ms('longest') })
const counts = Type.Record(Type.String(), count())

/** Schema of one objective judged over one phase. */
export const JudgementSchema = component<Judgement>('Judgement')(Type.Object({
  verdict: OneOf(['held', 'breached', 'inconclusive']),
  n: count(),
  bad: count(),
  effective: Type.Number({ description: 'n after allowing for dependence between exchanges' }),
  good: Type.Number({ description: 'share of good exchanges' }),
  lower: Type.Number({ description: 'exact one-sided 95 % bound on `good`' }),
  upper: Type.Number({ description: 'exact one-sided 95 % bound on `good`' }),
  needed: Type.Number({ description: 'how many exchanges, all good, would have been needed at least to say held' })
}))

/** Schema of how long an objective took to hold again. */
export const TimeToRecoverSchema = component<TimeToRecover>('TimeToRecover')(Type.Union([
  Type.Object({ kind: Type.Literal('unaffected') }),
  Type.Object({ kind: Type.Literal('recovered'), ms: ms('how long it took') }),
  Type.Object({ kind: Type.Literal('not-seen'), ms: ms('how long was watched') }),
  Type.Object({ kind: Type.Literal('unknown') })
]))

/** Schema of the counts of one phase. */
export const PhaseReadingSchema = component<PhaseReading>('PhaseReading')(Type.Object({
  name: Type.String(),
  startedAt: ms('monotonic, of the process that measures'),
  endedAt: Nullable(ms('when the next phase began')),
  n: count(),
  bad: Type.Array(count(), { description: 'one for each objective' }),
  unfinished: count('of n, those still open when this was read'),
  bins: Type.Array(Type.Object({ second: count(), n: count(), bad: Type.Array(count()) })),
  latency: Type.Object({ p50: ms('median'), p90: ms('90th percentile'), p95: ms('95th percentile'), p99: ms('99th percentile'), max: ms('slowest') }),
  statuses: counts,
  outcomes: counts
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
  at: Type.String(),
  source: OneOf(['proxy', 'load']),
  objectives: Type.Array(Type.Object({
    objective: Type.String(),
    baseline: Nullable(ref(JudgementSchema)),
    fault: Nullable(ref(JudgementSchema)),
    recovery: Nullable(ref(JudgementSchema)),
    timeToRecover: ref(TimeToRecoverSchema)
  })),
  faults: Type.Array(Type.Object({
    fault: ref(FaultSpecSchema),
    id: Nullable(Type.String()),
    landed: Type.Boolean(),
    removed: Type.Boolean(),
    counters: Nullable(ref(FaultCountersSchema)),
    delays: DelaysSchema
  })),
  phases: Type.Array(ref(PhaseReadingSchema)),
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
  canConclude: Type.Boolean(),
  objectives: Type.Array(Type.Object({
    objective: Type.String(),
    phase: Type.String(),
    expected: Type.Number({ description: 'exchanges in the phase at the rate of now' }),
    needed: Type.Number({ description: 'exchanges, all good, needed to say held' }),
    neededFor80: Type.Number({ description: 'exchanges needed to say held four times in five' }),
    can: Type.Array(OneOf(['held', 'breached'])),
    shortBy: Nullable(Type.String())
  })),
  notes: Type.Array(Type.String()),
  problems: Type.Array(Type.String()),
  duration: ms('how long the run will take')
}, { description: 'What an experiment needs to be able to conclude' }))

/** Schema of the body of POST /v1/runs and /v1/plan: the experiment document, JSON or YAML. */
export const ExperimentBody = written(ExperimentSchema)
