import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { schedule } from '../../../src/cli/commands/schedule.ts'
import { decodeConfig } from '../../../src/config/schema.ts'
import type { ScheduleView } from '../../../src/experiment/schedule.ts'
import { createSystemClock } from '../../../src/kernel/clock.ts'
import type { Event } from '../../../src/kernel/events.ts'
import { Premortem } from '../../../src/premortem.ts'
import { PLAIN } from '../../../src/report/layout.ts'
import { cli, startService, startSidecar } from '../harness.ts'

const VIEW: ScheduleView = {
  name: 'slow', cron: '0 10 * * *', zone: 'UTC', experiment: 'slow.yaml', jitter: 0, enabled: true, nextAt: '2026-01-02T10:00:00.000Z', upcoming: [], last: null, started: 0, skipped: 0, failed: 0
}

test('the times and what came of them, in a table', async (t) => {
  const due = '2026-01-01T10:00:00.000Z'
  const none = { run: null, outcome: null }
  t.equal(schedule.views.human([
    VIEW,
    { ...VIEW, name: 'held', last: { due, kind: 'started', run: 'r1', outcome: 'baseline-not-steady', reason: null } },
    { ...VIEW, name: 'now', last: { due, kind: 'started', run: 'r2', outcome: null, reason: null } },
    { ...VIEW, name: 'skip', last: { due, kind: 'skipped', ...none, reason: 'premortem is\u001b[31m halted' } },
    { ...VIEW, name: 'off', enabled: false, nextAt: null }
  ], PLAIN), `name  cron        zone  next (UTC)        last (UTC)        came of it
------------------------------------------------------------------------------------
slow  0 10 * * *  UTC   2026-01-02 10:00  -                 -
held  0 10 * * *  UTC   2026-01-02 10:00  2026-01-01 10:00  baseline not steady (r1)
now   0 10 * * *  UTC   2026-01-02 10:00  2026-01-01 10:00  in progress (r2)
skip  0 10 * * *  UTC   2026-01-02 10:00  2026-01-01 10:00  skipped
off   0 10 * * *  UTC   disabled          -                 -
skip: skipped, because premortem is halted`)
})

test('where nothing is scheduled, it says so', async (t) => {
  const { control } = await startSidecar(t)
  t.match(await cli(['schedule', '--control', control]), { code: 0, out: /^nothing is scheduled/ })
  t.same(JSON.parse((await cli(['schedule', '--control', control, '--json'])).out), [])
})

test('a sidecar keeps its schedule: a run at its minute', async (t) => {
  const port = await startService(t)
  const data = t.testdir({})
  const file = join(data, 'e.yaml')
  // Nobody asks anything of the service, so the run ends after its baseline.
  writeFileSync(file, `title: Scheduled
steady-state: { at: edge, objectives: [success >= 90%] }
phases: { baseline: 1s, fault: 1s, recovery: 1s }
faults: [{ type: delay, on: edge, delay: 1ms }]
`)
  // A clock of which the next minute is half a second away.
  const system = createSystemClock()
  const offset = 59_500 - system.wall() % 60_000
  const clock = { ...system, wall: () => system.wall() + offset }
  const config = decodeConfig({
    control: { listen: '127.0.0.1:0' },
    data,
    proxies: [{ name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${port}` }],
    schedule: [{ name: 'minutely', cron: '* * * * *', experiment: file }]
  }, () => 'unused')
  const premortem = new Premortem(config, { clock, schedule: true })
  t.teardown(() => premortem.stop())
  const heard = (type: string): Promise<Event> => new Promise((resolve) => {
    const stop = premortem.events.subscribe((event) => {
      if (event.type !== type) return
      stop()
      resolve(event)
    })
  })
  t.match(new Premortem(config, { clock, control: false }).schedule.views(), [{ nextAt: null }], 'only where that is asked for')
  const ended = heard('schedule.ended')
  await premortem.start()
  const { data: { run } } = await ended
  const control = premortem.controlUrl!
  const told = JSON.parse((await cli(['schedule', '--control', control, '--json'])).out) as ScheduleView[]
  t.match(told, [{ name: 'minutely', started: 1, last: { kind: 'started', run, outcome: 'inconclusive' } }])
  t.match(await cli(['runs', '--control', control]), { out: new RegExp(`^${String(run)} +inconclusive`, 'm') })
  t.match(premortem.events.since(0).find(({ type }) => type === 'audit'), { data: { client: 'schedule', schedule: 'minutely', run } })
})
