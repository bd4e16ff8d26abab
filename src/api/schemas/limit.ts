import { Type } from 'typebox'
import type { Level, LevelObjective, LimitResult } from '../../experiment/limit/result.ts'
import { OneOf } from '../../kernel/schema.ts'
import { Nullable, component, count, ms, ref } from './schema.ts'

const verdict = OneOf(['held', 'breached', 'inconclusive'])
const evidence = (description: string) => Type.Object({ held: Type.Number(), breached: Type.Number() }, { description })
const shown = Nullable(Type.String())

/** Schema of one objective at one level. */
export const LevelObjectiveSchema = component<LevelObjective>('LevelObjective')(Type.Object({
  objective: Type.String(),
  verdict,
  n: count(),
  bad: count(),
  effective: Type.Number({ description: 'n after allowing for dependence between them' }),
  evidence: evidence('e-values: how strong the evidence is that it holds, and that it does not'),
  needed: evidence('what each must reach')
}))

/** Schema of one value that was tried. */
export const LevelSchema = component<Level>('Level')(Type.Object({
  value: Type.Number({ description: 'milliseconds, bytes, bytes a second or a fraction' }),
  shown: Type.String({ description: 'the value as people write it' }),
  verdict,
  purpose: OneOf(['search', 'check'], { description: '`check`: beyond the limit, to see that it stays broken there' }),
  ms: ms('how long it was judged'),
  objectives: Type.Array(ref(LevelObjectiveSchema)),
  rate: Type.Number({ description: 'what was counted a second' }),
  sameTraffic: Type.Boolean({ description: 'whether that is what it was in the baseline' }),
  hits: count('how often the fault hit'),
  why: Nullable(Type.String({ description: 'why it stayed undecided' }))
}))

/** Schema of where the objectives break. */
export const LimitResultSchema = component<LimitResult>('Limit')(Type.Object({
  fault: count('which fault of the document'),
  on: Type.String(),
  type: Type.String(),
  parameter: Type.String({ description: 'which of its parameters was raised' }),
  from: Type.Number(),
  to: Type.Number(),
  held: Nullable(Type.Number({ description: 'the harshest value that held' })),
  breached: Nullable(Type.Number({ description: 'the mildest value that was breached' })),
  estimate: Nullable(Type.Number({ description: 'the middle of the two' })),
  shown: Type.Object({ held: shown, breached: shown, estimate: shown, atLeast: shown }, { description: 'the same as people write them' }),
  atLeast: Nullable(Type.Number({ description: 'what was asked for' })),
  confidence: Type.Number({ description: 'with which the limit is between the two' }),
  complete: Type.Boolean({ description: 'whether the interval is as narrow as was asked for, or as undecided levels allow' }),
  levels: Type.Array(ref(LevelSchema)),
  verdict,
  words: Type.Array(Type.String())
}, { description: 'Where the objectives break' }))
