import { test } from 'tap'
import { OWNER } from '../../src/experiment/allowed.ts'
import { parseTimes } from '../../src/experiment/cron.ts'
import type { RunResult } from '../../src/experiment/result.ts'
import type { RunView } from '../../src/experiment/runs.ts'
import { Scheduler } from '../../src/experiment/schedule.ts'
import type { ScheduledExperiment, SchedulerDeps } from '../../src/experiment/schedule.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { createVirtualClock } from '../helpers/clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const every = (cron: string, more: Partial<ScheduledExperiment> = {}): ScheduledExperiment => ({
  name: 'slow', cron, zone: 'UTC', times: parseTimes(cron, 'UTC'), experiment: 'slow.yaml', jitter: 0, enabled: true, ...more
})

/** A scheduler on a clock of a test, which begins at midnight of 2026, and whose wall clock can be set. */
function setUp (experiments: ScheduledExperiment[], more: Partial<SchedulerDeps> = {}) {
  const virtual = createVirtualClock()
  let offset = 0
  const clock = { ...virtual, wall: () => virtual.wall() + offset }
  const events = new EventBus(clock)
  const started: string[] = []
  const ends: ((result: RunResult) => void)[] = []
  const results: Promise<RunResult>[] = []
  const runs: SchedulerDeps['runs'] = {
    async start (document) {
      started.push(`${String(document)} ${new Date(clock.wall()).toISOString().slice(5, 19)}`)
      results.push(new Promise((resolve) => { ends.push(resolve) }))
      return { id: `run-${started.length}` } as RunView
    },
    result: (id) => results[Number(id.slice(4)) - 1]!
  }
  const scheduler = new Scheduler(experiments, { clock, log: silentLogger, events, random: createRandom(1), runs, load: async (file) => `document of ${file}`, ...more })
  const told = (): string[] => events.since(0).map(({ type, data }) => `${type} ${String(data.schedule)}`)
  const end = async (outcome: RunResult['outcome'] = 'held'): Promise<void> => {
    ends.at(-1)!({ outcome, exitCode: 0 } as RunResult)
    await virtual.advance(0)
  }
  return { scheduler, clock, events, started, told, end, set: (ms: number) => { offset += ms } }
}

test('an experiment is run at its times, and what came of it is shown', async (t) => {
  const { scheduler, clock, started, end, told, events } = setUp([every('0 10 * * *')])
  scheduler.start()
  t.match(scheduler.views(), [{ nextAt: '2026-01-01T10:00:00.000Z', upcoming: ['2026-01-01T10:00:00.000Z', '2026-01-02T10:00:00.000Z', '2026-01-03T10:00:00.000Z'], last: null, started: 0 }])
  await clock.advance(10 * HOUR - 1)
  t.same(started, [])
  await clock.advance(1)
  t.same(started, ['document of slow.yaml 01-01T10:00:00'])
  t.match(scheduler.views(), [{ nextAt: '2026-01-02T10:00:00.000Z', last: { due: '2026-01-01T10:00:00.000Z', kind: 'started', run: 'run-1', outcome: null } }])
  await end('breached')
  t.match(scheduler.views(), [{ last: { outcome: 'breached', reason: null }, started: 1, skipped: 0, failed: 0 }])
  t.same(told(), ['audit slow', 'schedule.started slow', 'schedule.ended slow'])
  t.match(events.since(0)[0]!.data, { method: 'POST', path: '/v1/runs', client: 'schedule', run: 'run-1' })
  await clock.advance(24 * HOUR)
  t.equal(started.length, 2)
})

test('what is scheduled may do what its owner may, so that sources that run programs are asked', async (t) => {
  const given: unknown[] = []
  const runs: SchedulerDeps['runs'] = {
    async start (_, options) {
      given.push(options)
      return { id: 'run-1' } as RunView
    },
    result: async () => ({ outcome: 'held', exitCode: 0 }) as RunResult
  }
  const { scheduler, clock } = setUp([every('0 * * * *')], { runs })
  scheduler.start()
  await clock.advance(HOUR)
  t.strictSame(given, [{ allowed: OWNER }])
})

test('a run that is due while its last goes on is skipped and told', async (t) => {
  const { scheduler, clock, started, end, told } = setUp([every('*/10 * * * *')])
  scheduler.start()
  await clock.advance(25 * MINUTE)
  t.equal(started.length, 1)
  t.match(scheduler.views(), [{ started: 1, skipped: 1, last: { kind: 'started', run: 'run-1' } }], 'the run in progress stays to be seen')
  t.same(told().at(-1), 'schedule.skipped slow')
  await end()
  await clock.advance(10 * MINUTE)
  t.equal(started.length, 2)
})

test('what was skipped after a run that has ended is what is shown', async (t) => {
  let halted = false
  const halt = new PremortemError('PMT_ERR_HALTED')
  const { scheduler, clock, end } = setUp([every('0 * * * *')], { load: async () => { if (halted) throw halt } })
  scheduler.start()
  await clock.advance(HOUR)
  await end()
  halted = true
  await clock.advance(HOUR)
  t.match(scheduler.views(), [{ started: 1, skipped: 1, last: { kind: 'skipped', run: null, due: '2026-01-01T02:00:00.000Z' } }])
})

test('halted, or busy with another run: skipped; a file that does not fit: failed', async (t) => {
  let error = new PremortemError('PMT_ERR_HALTED', { message: 'premortem is halted since then: enough' })
  const { scheduler, clock, told, events } = setUp([every('0 * * * *')], { load: () => Promise.reject(error) })
  scheduler.start()
  await clock.advance(HOUR)
  t.match(scheduler.views(), [{ skipped: 1, failed: 0, last: { kind: 'skipped', run: null, reason: /halted/ } }])
  error = new PremortemError('PMT_ERR_RUN_BUSY', { message: 'run x is in progress on edge' })
  await clock.advance(HOUR)
  t.match(scheduler.views(), [{ skipped: 2, last: { reason: 'run x is in progress on edge' } }])
  error = new PremortemError('PMT_ERR_WINDOW')
  await clock.advance(HOUR)
  t.match(scheduler.views(), [{ skipped: 3, last: { kind: 'skipped', reason: /not allowed at this time/ } }])
  error = new PremortemError('PMT_ERR_INVALID', { file: 'slow.yaml', line: 3, found: 'soon' })
  await clock.advance(HOUR)
  t.match(scheduler.views(), [{ skipped: 3, failed: 1, last: { kind: 'failed', reason: 'PMT_ERR_INVALID: a value does not fit; found soon (slow.yaml:3)' } }])
  t.same(told(), ['schedule.skipped slow', 'schedule.skipped slow', 'schedule.skipped slow', 'schedule.failed slow'])
  t.match(events.since(3)[0]!.data, { error: { code: 'PMT_ERR_INVALID', line: 3 }, due: '2026-01-01T04:00:00.000Z' })
})

test('a clock that is set forward past a time skips it; one that is set a little does not', async (t) => {
  const { scheduler, clock, set, started } = setUp([every('0 * * * *')])
  scheduler.start()
  await clock.advance(30 * MINUTE)
  set(40 * MINUTE)
  await clock.advance(MINUTE)
  t.same(started, [])
  t.match(scheduler.views(), [{ skipped: 1, nextAt: '2026-01-01T02:00:00.000Z', last: { kind: 'skipped', reason: /late: this process slept, or the clock was set/ } }])
  set(48 * MINUTE + 40_000)
  await clock.advance(MINUTE)
  t.same(started, ['document of slow.yaml 01-01T02:00:10'], 'ten seconds late is soon enough')
})

test('a clock that is set back brings its times again, and a correction does not', async (t) => {
  const { scheduler, clock, set, started, end } = setUp([every('0 * * * *')])
  scheduler.start()
  await clock.advance(HOUR)
  await end()
  set(-30_000)
  await clock.advance(5 * MINUTE)
  t.equal(started.length, 1, 'the same time does not come twice')
  set(-24 * HOUR)
  await clock.advance(MINUTE)
  t.match(scheduler.views(), [{ nextAt: '2025-12-31T02:00:00.000Z' }], 'not a day of waiting')
  await clock.advance(HOUR)
  t.equal(started.length, 2)
})

test('a random delay is at most the jitter, and the time is the same', async (t) => {
  const { scheduler, clock, started } = setUp([every('0 10 * * *', { jitter: HOUR }), every('0 10 * * *', { name: 'other', jitter: HOUR })])
  scheduler.start()
  const [one, other] = scheduler.views().map(({ nextAt }) => Date.parse(nextAt!) - Date.UTC(2026, 0, 1, 10))
  for (const delay of [one!, other!]) t.ok(delay >= 0 && delay < HOUR, String(delay))
  t.not(one, other)
  await clock.advance(11 * HOUR)
  t.equal(started.length, 2)
  t.match(scheduler.views(), [{ last: { due: '2026-01-01T10:00:00.000Z' } }, { last: { due: '2026-01-01T10:00:00.000Z' } }])
})

test('nothing starts that is disabled, or once it is stopped', async (t) => {
  let loaded = (_: unknown): void => {}
  const { scheduler, clock, started, told } = setUp([every('0 * * * *'), every('0 * * * *', { name: 'off', enabled: false })], { load: () => new Promise((resolve) => { loaded = resolve }) })
  scheduler.start()
  scheduler.start()
  t.match(scheduler.views(), [{}, { enabled: false, nextAt: null, upcoming: [] }])
  await clock.advance(HOUR)
  scheduler.stop()
  loaded('too late')
  await clock.advance(24 * HOUR)
  t.same(started, [])
  t.same(told(), [])
  t.match(scheduler.views(), [{ nextAt: null }])
  t.equal(clock.pending(), 0)
})
