import { test } from 'tap'
import { Control } from '../../src/experiment/control.ts'
import { Scribe } from '../../src/experiment/scribe.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { createJournal } from './world.ts'

function createScribe (publish: (type: string, data: Record<string, unknown>) => void = () => {}) {
  const clock = createVirtualClock(500, Date.UTC(2026, 0, 1))
  const journal = createJournal()
  const control = new Control()
  return { clock, journal, control, scribe: new Scribe({ clock, log: silentLogger, journal, control, publish }) }
}

test('events go to both, notes to the journal alone, announcements to listeners alone', async (t) => {
  const told: unknown[] = []
  const { clock, journal, scribe } = createScribe((type, data) => told.push([type, data]))
  scribe.tell('run.phase', { phase: 'fault' })
  await clock.advance(1500)
  scribe.note('run.reading', { n: 3 })
  scribe.announce('run.ended', {})
  scribe.file('result.json', { a: 1 })
  scribe.close()
  t.strictSame(told, [['run.phase', { phase: 'fault' }], ['run.ended', {}]])
  t.strictSame(journal.entries(), [
    { time: '2026-01-01T00:00:00.000Z', elapsed: 0, type: 'run.phase', data: { phase: 'fault' } },
    { time: '2026-01-01T00:00:01.500Z', elapsed: 1500, type: 'run.reading', data: { n: 3 } }
  ])
  t.equal(journal.files.get('result.json'), '{\n  "a": 1\n}\n')
  t.ok(journal.closed)
})

test('a journal that breaks ends the run once and is left alone', async (t) => {
  const { journal, control, scribe } = createScribe()
  let attempts = 0
  journal.append = () => {
    attempts++
    throw new PremortemError('PMT_ERR_JOURNAL', { message: 'no space left' })
  }
  scribe.tell('run.live', {})
  scribe.tell('run.live', {})
  t.equal(attempts, 1)
  t.strictSame(control.endings, [{ outcome: 'failed', reason: 'no space left' }])
})

test('a listener that throws does not disturb the run', async (t) => {
  const { journal, control, scribe } = createScribe(() => { throw new Error('a bug in a listener') })
  scribe.tell('run.live', {})
  t.equal(journal.entries().length, 1)
  t.notOk(control.ended)
})
