import { test } from 'tap'
import type { ScheduleView } from '../../../src/experiment/schedule.ts'
import { conforms } from '../conform.ts'
import { createHarness } from '../harness.ts'

const TIME = '2026-01-01T10:00:00.000Z'
const VIEW: ScheduleView = {
  name: 'slow', cron: '0 10 * * *', zone: 'UTC', experiment: 'slow.yaml', jitter: 0, enabled: true, nextAt: TIME, upcoming: [TIME], last: { due: TIME, kind: 'started', run: 'r', outcome: 'held', reason: null }, started: 1, skipped: 0, failed: 0
}

test('what is scheduled', async (t) => {
  const { api } = await createHarness(t, { schedule: { views: () => [VIEW, { ...VIEW, name: 'off', nextAt: null, last: null }] } })
  const answer = await api.inject('/v1/schedule')
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), [VIEW, { nextAt: null, last: null }])
  for (const view of answer.json() as unknown[]) t.ok(conforms('Schedule', view), JSON.stringify(view))
  t.same((await (await createHarness(t)).api.inject('/v1/schedule')).json(), [])
})
