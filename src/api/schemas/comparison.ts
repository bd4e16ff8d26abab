import { Type } from 'typebox'
import type { Comparison, Deviation } from '../../experiment/result.ts'
import { OneOf } from '../../kernel/schema.ts'
import { Nullable, component, count, ref } from './schema.ts'

const end = (description: string) => Nullable(Type.Number({ description }))

const EstimateSchema = Type.Object({
  value: Type.Number(), lower: end('null if there is no end'), upper: end('null if there is no end')
}, { description: 'a figure and the 90 % interval around it' })

const CountSchema = (description: string) => Type.Object({ n: count(), bad: count() }, { description })

/** Schema of one objective with the faults and without them. */
export const DeviationSchema = component<Deviation>('Deviation')(Type.Object({
  objective: Type.String(),
  with: CountSchema('with the faults'),
  without: CountSchema('without them'),
  difference: EstimateSchema,
  margin: Type.Number({ description: 'half the error budget: what matters' }),
  verdict: OneOf(['deviated', 'no-relevant-change', 'inconclusive']),
  changed: Type.Boolean({ description: 'whether there is any difference, whether or not it matters' }),
  latency: Type.Array(Type.Object({
    percentile: Type.Number(),
    with: Nullable(EstimateSchema),
    without: Nullable(EstimateSchema),
    difference: Nullable(EstimateSchema)
  }), { description: 'how percentiles of the latency moved, in milliseconds' }),
  pairs: Nullable(Type.Object({
    k: count('pairs of stretches'), p: Type.Number({ description: 'one-sided, by the sign-flip test' })
  })),
  conclusiveAfter: Nullable(Type.Number({ description: 'milliseconds of traffic after which the verdict could be given' }))
}))

/** Schema of what the fault phase was compared with. */
export const ComparisonSchema = component<Comparison>('Comparison')(Type.Object({
  design: OneOf(['concurrent', 'switchback', 'before-after']),
  against: OneOf(['control', 'baseline']),
  deviations: Type.Array(ref(DeviationSchema)),
  beforeAfter: Type.Array(ref(DeviationSchema), { description: 'the same, had there been no control arm' }),
  spillover: Type.Array(ref(DeviationSchema), { description: 'the control arm against the baseline' }),
  words: Type.Array(Type.String())
}))
