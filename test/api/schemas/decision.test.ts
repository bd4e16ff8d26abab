import { Check } from 'typebox/value'
import { test } from 'tap'
import { conforms } from '../conform.ts'
import { DecisionViewSchema } from '../../../src/api/schemas/decision.ts'

const decision = {
  id: 1,
  time: '2026-01-01T00:00:00.000Z',
  connection: 1,
  exchange: 0,
  method: '',
  path: '',
  revision: 1,
  faults: [{ fault: 'a', n: 1, hit: true, verdict: 'hit', why: 'hit' }]
}

test('the schemas are those of what is answered', async (t) => {
  t.ok(Check(DecisionViewSchema, decision))
  t.notOk(Check(DecisionViewSchema, { ...decision, faults: [{ ...decision.faults[0], verdict: 'maybe' }] }))
  t.ok(conforms('Decisions', { complete: false, decisions: [decision] }))
  t.ok(conforms('Replay', { fault: 'a', seed: 1, replay: [1, 2], complete: true }))
  t.notOk(conforms('Replay', { fault: 'a', seed: 1, replay: ['1'], complete: true }))
})
