import { test } from 'tap'
import { summarise } from '../../../src/report/history.ts'
import type { HistoryQuery } from '../../../src/report/history.ts'
import { awkward, breached } from '../../report/results.ts'
import { conforms } from '../conform.ts'
import { createHarness } from '../harness.ts'

test('runs of before, and how each experiment went', async (t) => {
  const asked: HistoryQuery[] = []
  const unfinished = { ...summarise(breached()), state: 'unfinished', outcome: null, exitCode: null, problem: 'it was killed' } as const
  const { api } = await createHarness(t, {
    history: async (query) => {
      asked.push(query)
      return [summarise(awkward()), summarise(breached()), unfinished]
    }
  })
  const answer = await api.inject('/v1/history?title=payments&last=7')
  t.equal(answer.statusCode, 200, answer.body)
  t.same(asked, [{ title: 'payments', last: 7 }])
  t.ok(conforms('History', answer.json()), answer.body)
  t.match(answer.json(), { runs: [{}, { outcome: 'breached' }, { state: 'unfinished' }], experiments: [{ runs: 1 }, { runs: 2, outcomes: { breached: 1, unfinished: 1 } }] })
  await api.inject('/v1/history')
  t.same(asked[1], {})
  for (const query of ['last=0', 'last=x', 'lsat=1', 'title=']) t.equal((await api.inject(`/v1/history?${query}`)).statusCode, 400, query)
})
