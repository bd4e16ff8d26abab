import { Type } from 'typebox'
import { EXIT_CODES } from '../../experiment/result.ts'
import type { RunOutcome } from '../../experiment/result.ts'
import { OneOf } from '../../kernel/schema.ts'
import type { RunSummary } from '../../report/history.ts'
import type { Trend } from '../../report/trend.ts'
import { TimeToRecoverSchema } from './run.ts'
import { Moment, Nullable, component, count, ref } from './schema.ts'

/** What `GET /v1/history` answers. */
export interface HistoryView { runs: RunSummary[], experiments: Trend[] }

const outcomes = Object.keys(EXIT_CODES) as RunOutcome[]
const states = ['running', 'unfinished', 'damaged'] as const
const share = (description: string) => Type.Number({ description })
const end = Nullable(Type.Number({ description: 'an end of the 90 % interval; null if it has none' }))

/** Schema of a stored run in one line. */
export const RunSummarySchema = component<RunSummary>('RunSummary')(Type.Object({
  id: Type.String(),
  state: OneOf(['ended', ...states], { description: '`unfinished`: it has no result; `damaged`: it cannot be read' }),
  startedAt: Nullable(Moment('when it began')),
  title: Nullable(Type.String()),
  documentHash: Nullable(Type.String({ description: 'SHA-256 of the document' })),
  outcome: Nullable(OneOf(outcomes)),
  exitCode: Nullable(Type.Integer()),
  objective: Nullable(Type.String({ description: 'the main objective: the first of the document' })),
  effect: Nullable(Type.Object({
    difference: Type.Object({ value: share('of bad ones, with the faults less without them'), lower: end, upper: end }),
    verdict: OneOf(['deviated', 'no-relevant-change', 'inconclusive']),
    against: OneOf(['control', 'baseline'])
  }, { description: 'on the main objective' })),
  timeToRecover: Nullable(ref(TimeToRecoverSchema)),
  problem: Nullable(Type.String({ description: 'why there is no result' }))
}))

const counts = Object.fromEntries([...outcomes, ...states].map((word) => [word, Type.Optional(count())])) as
  Record<RunOutcome | typeof states[number], ReturnType<typeof Type.Optional<ReturnType<typeof count>>>>

/** Schema of how one experiment went over its runs. */
export const TrendSchema = component<Trend>('Trend')(Type.Object({
  title: Type.String(),
  runs: count(),
  outcomes: Type.Object(counts),
  versions: Type.Array(Type.Object({ documentHash: Type.String(), runs: count(), first: Type.String({ description: 'id of its first run' }) }), {
    description: 'the documents that were run; more than one if it was changed'
  }),
  flake: Type.Object({
    changes: count('how often the outcome changed'),
    pairs: count('how often two runs of one document followed each other'),
    rate: Nullable(share('changes of pairs'))
  }),
  objective: Nullable(Type.String({ description: 'the main objective of the latest run' })),
  effects: Type.Array(Type.Object({ id: Type.String(), version: count('which of the versions'), value: Type.Number(), lower: end, upper: end })),
  recovery: Type.Object({
    median: Nullable(Type.Number({ description: 'by Kaplan and Meier, in milliseconds; null if it is beyond what was watched' })),
    runs: count('runs that had something to recover from'),
    notSeen: count('of those, the ones that were not seen to'),
    unaffected: count('runs in which every objective held throughout')
  })
}))

/** Schema of runs of this and earlier processes. */
export const HistorySchema = component<HistoryView>('History')(Type.Object({
  runs: Type.Array(ref(RunSummarySchema), { description: 'the newest last' }),
  experiments: Type.Array(ref(TrendSchema), { description: 'over these runs' })
}))
