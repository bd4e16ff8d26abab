import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { eventsFile, openEventLog, recoverJournal } from '../../../src/adapters/chaos-toolkit/event-log.ts'
import type { ChaosEvent } from '../../../src/adapters/chaos-toolkit/journal.ts'
import { createRedactor } from '../../../src/adapters/chaos-toolkit/redact.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const started: ChaosEvent = { type: 'started', time: '2026-01-01T00:00:00.000000+00:00', experiment: { title: 'secret' }, platform: 'p', node: 'n' }
const ended: ChaosEvent = { type: 'ended', time: '2026-01-01T00:00:02.000000+00:00', duration: 2, status: 'completed', deviated: false }
const during = (index: number): ChaosEvent => ({ type: 'hypothesis', when: 'during', index, state: { steady_state_met: true, probes: [] } })

test('a journal is on disk from the first event, without secrets, and a killed run can be recovered', async (t) => {
  const file = join(t.testdir({}), 'journal.json')
  const clock = createVirtualClock()
  const read = (): object => JSON.parse(readFileSync(file, 'utf8')) as object
  const log = openEventLog({ file, clock, redact: createRedactor(['secret']), late: false })
  log.append(started)
  t.match(read(), { status: 'interrupted', experiment: { title: '***' } })
  log.append(during(0))
  t.match(read(), { steady_states: { during: [] } }, 'frequent events wait')
  await clock.advance(1000)
  log.append(during(1))
  t.match(read(), { steady_states: { during: [{}, {}] } })
  t.same(recoverJournal(eventsFile(file)), read())
  writeFileSync(eventsFile(file), `${readFileSync(eventsFile(file), 'utf8')}{"torn`)
  t.same(recoverJournal(eventsFile(file)), read())
  log.append(ended)
  log.finish()
  t.match(read(), { status: 'completed', duration: 2 })
  t.same(log.journal(), read())
  t.notOk(existsSync(eventsFile(file)), 'the events are not needed any more')
})

test('late, nothing is written before the end; and what is discarded is gone', async (t) => {
  const folder = t.testdir({})
  const [late, gone] = [join(folder, 'late.json'), join(folder, 'gone.json')]
  const options = { clock: createVirtualClock(), redact: createRedactor([]) }
  const log = openEventLog({ ...options, file: late, late: true })
  log.append(started)
  t.notOk(existsSync(late) || existsSync(eventsFile(late)))
  log.append(ended)
  log.finish()
  t.match(JSON.parse(readFileSync(late, 'utf8')), { status: 'completed' })
  const other = openEventLog({ ...options, file: gone, late: false })
  other.append(started)
  other.discard()
  t.notOk(existsSync(gone) || existsSync(eventsFile(gone)))
})

test('a place that cannot be written is said', async (t) => {
  t.throws(() => openEventLog({ file: join(t.testdir({}), 'no/such/j.json'), clock: createVirtualClock(), redact: createRedactor([]), late: false }), { code: 'PMT_ERR_FILE_UNREADABLE', details: { found: 'ENOENT' } })
})
