import { join } from 'node:path'
import { test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { decodeSchedule } from '../../src/config/schedule.ts'
import { cli } from '../cli/harness.ts'

const EXPERIMENT = `title: x
steady-state: { at: edge, objectives: [success >= 90%] }
phases: { baseline: 1s, fault: 1s, recovery: 1s }
faults: [{ type: hang, on: edge }]
`

const config = (entry: string): string => `proxies: []
schedule:
  - name: slow
    cron: "0 10 * * mon-fri"
    experiment: experiments/e.yaml
  - { name: other, ${entry} }
`
const OTHER = 'cron: "@daily", experiment: experiments/e.yaml'

test('entries are decoded, their files relative to the configuration', async (t) => {
  const folder = t.testdir({ 'c.yaml': config(`${OTHER}, zone: Europe/Berlin, jitter: 10m, enabled: false`), experiments: { 'e.yaml': EXPERIMENT } })
  const { schedule } = await loadConfig(join(folder, 'c.yaml'))
  t.match(schedule, [
    { name: 'slow', zone: 'UTC', jitter: 0, enabled: true, experiment: join(folder, 'experiments', 'e.yaml') },
    { name: 'other', cron: '@daily', zone: 'Europe/Berlin', jitter: 600_000, enabled: false }
  ])
  t.equal(schedule[0]!.times.after(Date.UTC(2026, 10, 28)), Date.UTC(2026, 10, 30, 10))
  t.match(decodeSchedule([{ name: 'a', cron: '@daily', experiment: '/elsewhere/e.yaml' }], 'c.yaml'), [{ experiment: '/elsewhere/e.yaml' }])
  t.match(decodeSchedule([{ name: 'a', cron: '@daily', experiment: 'e.yaml' }], undefined), [{ experiment: 'e.yaml' }])
})

test('what does not fit is told at load, with its line', async (t) => {
  const wrong: [string, { code: string, message?: string, details: object }][] = [
    ['cron: "0 25 * * *", experiment: experiments/e.yaml', { code: 'PMT_ERR_INVALID', message: 'not a cron expression', details: { path: 'schedule.1.cron', line: 6, column: 26 } }],
    [`${OTHER}, zone: Mars`, { code: 'PMT_ERR_INVALID', message: 'no such time zone', details: { path: 'schedule.1.zone', line: 6 } }],
    ['cron: "@daily", experiment: none.yaml', { code: 'PMT_ERR_FILE_NOT_FOUND', details: { path: 'schedule.1.experiment', line: 6, column: 48, found: /none\.yaml$/ } }],
    [`${OTHER}, every: 1h`, { code: 'PMT_ERR_INVALID', details: { path: 'schedule.1.every', line: 6 } }],
    [OTHER.replace('experiment:', 'experimnt:'), { code: 'PMT_ERR_INVALID', details: { hint: 'did you mean `experiment`?' } }],
    ['cron: "@daily", experiment: bad.yaml', { code: 'PMT_ERR_INVALID', details: { file: /bad\.yaml$/, path: 'phases.fault', line: 3 } }]
  ]
  for (const [entry, error] of wrong) {
    const folder = t.testdir({ 'c.yaml': config(entry), 'bad.yaml': EXPERIMENT.replace('fault: 1s', 'fault: soon'), experiments: { 'e.yaml': EXPERIMENT } })
    t.match(await loadConfig(join(folder, 'c.yaml')).catch((thrown: unknown) => thrown), error, entry)
    t.match(await cli(['validate', join(folder, 'c.yaml')]), { code: 2, out: /PMT_ERR_\w+: .*\.yaml:\d+:\d+/ }, entry)
  }
  const folder = t.testdir({ 'c.yaml': config(OTHER).replace('other', 'slow'), experiments: { 'e.yaml': EXPERIMENT } })
  await t.rejects(loadConfig(join(folder, 'c.yaml')), { message: 'two scheduled experiments have one name', details: { path: 'schedule.1.name', line: 6 } })
})
