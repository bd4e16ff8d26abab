import { test } from 'tap'
import { conforms } from '../conform.ts'
import { EDGE, EXPERIMENT, createHarness } from '../harness.ts'

test('what an experiment needs', async (t) => {
  const { api, runs, events } = await createHarness(t, { proxySpecs: [EDGE] })
  const answer = await api.inject({ method: 'POST', url: '/v1/plan', payload: EXPERIMENT })
  t.equal(answer.statusCode, 200, answer.body)
  t.ok(conforms('PlanReport', answer.json()), answer.body)
  t.match(answer.json(), { title: 'What if?', canConclude: false })
  t.same(runs.calls, [], 'nothing was started')
  t.same(events.since(0).filter((event) => event.type === 'audit'), [])
  t.match((await api.inject({ method: 'POST', url: '/v1/plan', payload: { ...EXPERIMENT, fautls: [] } })).json(), { code: 'PMT_ERR_INVALID', path: 'fautls', hint: 'did you mean `faults`?' })
})
