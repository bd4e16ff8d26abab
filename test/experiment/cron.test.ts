import { test } from 'tap'
import { parseTimes } from '../../src/experiment/cron.ts'

function times (cron: string, zone: string, from: string, many: number): string[] {
  const found: string[] = []
  let moment: number | null = Date.parse(from)
  for (let i = 0; i < many && moment !== null; i++) {
    moment = parseTimes(cron, zone).after(moment)
    found.push(moment === null ? 'never' : new Date(moment).toISOString().slice(0, 16))
  }
  return found
}

test('working hours are those of the zone, summer and winter', async (t) => {
  t.same(times('0 10 * * mon-fri', 'Europe/Berlin', '2026-03-27T12:00:00Z', 2), ['2026-03-30T08:00', '2026-03-31T08:00'], 'over a weekend, into summer time')
  t.same(times('0 10 * * mon-fri', 'Europe/Berlin', '2026-10-23T12:00:00Z', 1), ['2026-10-26T09:00'], 'and out of it')
  t.same(times('0 10 * * *', 'UTC', '2026-03-28T10:00:00Z', 2), ['2026-03-29T10:00', '2026-03-30T10:00'], 'later than, never at')
  t.same(times('@daily', 'Asia/Kolkata', '2026-01-01T00:00:00Z', 1), ['2026-01-01T18:30'])
})

test('where clocks go forward, a time that does not exist is the moment of the change', async (t) => {
  t.same(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2), ['2026-03-29T01:00', '2026-03-30T00:30'])
  t.same(times('0 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', 2), ['2026-03-29T01:00', '2026-03-29T02:00'], 'every hour is every hour')
})

test('where clocks go back, a fixed time comes once, and every hour is every hour', async (t) => {
  t.same(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2), ['2026-10-25T00:30', '2026-10-26T01:30'])
  t.same(times('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 3), ['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'])
  t.same(times('30 1 * * *', 'America/New_York', '2026-11-01T04:00:00Z', 2), ['2026-11-01T05:30', '2026-11-02T06:30'])
})

test('what is no time is refused', async (t) => {
  const refused = { code: 'PMT_ERR_INVALID' }
  for (const cron of ['', 'nonsense', '0 10 * *', '0 0 10 * * *', '61 * * * *', '0 25 * * *', '0 10 * * funday', '0 10 * * 1-9']) {
    t.throws(() => parseTimes(cron, 'UTC'), { ...refused, message: 'not a cron expression', details: { path: 'cron', found: cron, hint: /./ } }, cron)
  }
  t.throws(() => parseTimes('0 10 * *', 'UTC'), { ...refused, details: { hint: /exactly five space separated parts/ } })
  t.throws(() => parseTimes('0 0 30 2 *', 'UTC'), { ...refused, message: 'a time that never comes' })
  t.ok(parseTimes('0 0 29 2 *', 'UTC').after(Date.UTC(2097, 0, 1)), '2100 has no 29 February, 2104 has')
  for (const zone of ['', 'Mars/Phobos', 'Europe/Berlim']) t.throws(() => parseTimes('0 10 * * *', zone), { ...refused, details: { path: 'zone', found: zone } }, zone)
})
