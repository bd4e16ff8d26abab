import { Type } from 'typebox'
import type { Verdict } from '../../faults/plan.ts'
import { OneOf } from '../../kernel/schema.ts'
import type { DecisionList, DecisionView, ReplayView } from '../../proxy/decision-view.ts'
import { Moment, component, count, ref } from './schema.ts'

const VERDICTS: readonly Verdict[] = [
  'hit', 'shadow', 'unmatched', 'after', 'first', 'for', 'every', 'by', 'share', 'replay', 'concurrent', 'total', 'unfit', 'pending', 'never', 'untagged', 'node', 'existing'
]

/** Schema of what was decided about one request or connection. */
export const DecisionViewSchema = component<DecisionView>('Decision')(Type.Object({
  id: Type.Integer({ description: 'counts up from 1 on each proxy' }),
  time: Moment('when the faults were asked'),
  connection: Type.Integer(),
  exchange: count('ordinal on its connection, from 1; 0 for the connection itself'),
  method: Type.String(),
  path: Type.String(),
  revision: count('of the plan that was asked'),
  faults: Type.Array(Type.Object({
    fault: Type.String({ description: 'its id' }),
    n: count('ordinal among those that fitted this fault; 0 if this did not'),
    hit: Type.Boolean(),
    verdict: OneOf(VERDICTS),
    why: Type.String({ description: 'one sentence' })
  }), { description: 'in the order they were asked' })
}, { description: 'Which faults a request or connection met, and what each decided' }))

/** Schema of decisions. */
export const DecisionListSchema = component<DecisionList>('Decisions')(Type.Object({
  complete: Type.Boolean({ description: 'false once the proxy has forgotten older ones: it keeps a thousand' }),
  decisions: Type.Array(ref(DecisionViewSchema), { description: 'the newest first' })
}, { description: 'The last decisions of a proxy' }))

/** Schema of what a fault hit. */
export const ReplayViewSchema = component<ReplayView>('Replay')(Type.Object({
  fault: Type.String({ description: 'its id' }),
  seed: Type.Integer({ description: 'give it back as `seed`, for the same random numbers' }),
  replay: Type.Array(Type.Integer(), { description: 'ordinals of those that it hit; give them back as `replay`' }),
  complete: Type.Boolean({ description: 'false if decisions of this fault are forgotten, or not settled yet' })
}, { description: 'What a fault hit, to be hit again' }))
