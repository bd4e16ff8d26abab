import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { createHaltFile, readHaltFile, removeHaltFile, writeHaltFile } from '../../src/adapters/halt-file.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { createRecordingLogger } from '../api/harness.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { until } from '../helpers/sidecar.ts'

/** On virtual time, so that only looking every now and then finds anything: the folder is made later than the watch. */
function setUp (t: Test) {
  const folder = join(t.testdir({}), 'data')
  const file = join(folder, 'HALT')
  const clock = createVirtualClock()
  const halt = new Halt(clock)
  const log = createRecordingLogger()
  const lever = createHaltFile({ file, halt, clock, log })
  t.teardown(() => lever.stop())
  return { folder, file, clock, halt, log, lever }
}

test('the file engages the lever within half a second, and its first line is the reason', async (t) => {
  const { folder, file, clock, halt, lever } = setUp(t)
  lever.start()
  await clock.advance(2000)
  t.equal(halt.state, null)
  mkdirSync(folder)
  writeFileSync(file, '  the pager rings \r\nand more\n')
  await clock.advance(500)
  t.strictSame(halt.state, { reason: 'the pager rings', by: 'file', since: '2026-01-01T00:00:02.500Z' })
})

test('an empty file may be about to get its reason', async (t) => {
  const { folder, file, clock, halt, lever } = setUp(t)
  lever.start()
  mkdirSync(folder)
  writeFileSync(file, '')
  await clock.advance(500)
  t.equal(halt.state, null)
  writeFileSync(file, 'now it says why')
  await clock.advance(100)
  t.match(halt.state, { reason: 'now it says why' })
  rmSync(file)
  await clock.advance(500)
  t.equal(halt.state, null)
  writeFileSync(file, '')
  await clock.advance(600)
  t.match(halt.state, { reason: `the file ${file} is there` }, 'it does not wait for ever')
})

test('one that is there at the start is heeded before anything else can happen', async (t) => {
  const { folder, file, halt, lever } = setUp(t)
  mkdirSync(folder)
  writeFileSync(file, 'from before')
  lever.start()
  t.match(halt.state, { reason: 'from before', by: 'file' })
  t.equal(readFileSync(file, 'utf8'), 'from before', 'it is left as it is')
})

test('a folder or something unreadable of that name is meant all the same', async (t) => {
  const { file, halt, lever } = setUp(t)
  mkdirSync(file, { recursive: true })
  lever.start()
  t.match(halt.state, { by: 'file' })
  t.throws(() => halt.release('over'), { code: 'PMT_ERR_FILE_UNREADABLE', details: { file } })
  t.not(halt.state, null, 'it stays halted: nobody would believe it otherwise')
})

test('engaged otherwise, it writes the file; released, it removes it', async (t) => {
  const { file, clock, halt, log, lever } = setUp(t)
  lever.start()
  halt.engage('over the API,\nin two lines')
  t.equal(readFileSync(file, 'utf8'), 'over the API, in two lines\nhalted since 2026-01-01T00:00:00.000Z; remove this file to release\n')
  await clock.advance(2000)
  t.match(halt.state, { reason: 'over the API,\nin two lines' })
  const next = new Halt(clock)
  const later = createHaltFile({ file, halt: next, clock, log })
  t.teardown(() => later.stop())
  later.start()
  t.match(next.state, { reason: 'over the API, in two lines' }, 'a later process is halted too')
  halt.release('it was not us')
  t.notOk(existsSync(file))
  t.match(log.lines.filter(({ level }) => level === 'warn'), [
    { message: 'halted', fields: { by: 'api' } }, { message: 'halted', fields: { by: 'file' } },
    { message: 'released', fields: { reason: 'it was not us', halted: { by: 'api' } } }
  ])
  await clock.advance(500)
  t.equal(next.state, null, 'and who shares the folder is released with it')
  t.match(log.lines.at(-1), { message: 'released', fields: { reason: `the file ${file} was removed` } })
})

test('a file that cannot be written does not keep the lever from working', async (t) => {
  const { folder, file, clock, halt, log, lever } = setUp(t)
  writeFileSync(folder, 'a file in the place of the folder')
  lever.start()
  halt.engage('now')
  await clock.advance(2000)
  t.match(halt.state, { reason: 'now' }, 'and that there is none is not its removal')
  t.match(log.lines.filter(({ level }) => level === 'error'), [{ fields: { file } }])
  halt.release('over')
  t.equal(halt.state, null)
})

test('after the stop nothing is looked at any more', async (t) => {
  const { folder, file, clock, halt, lever } = setUp(t)
  lever.start()
  lever.stop()
  t.equal(clock.pending(), 0)
  mkdirSync(folder)
  writeFileSync(file, 'late')
  await clock.advance(5000)
  t.equal(halt.state, null)
  halt.engage('too')
  t.equal(readFileSync(file, 'utf8'), 'late')
})

test('for real: the system tells, or half a second passes', async (t) => {
  const file = join(t.testdir({}), 'HALT')
  const clock = createSystemClock()
  const halt = new Halt(clock)
  const lever = createHaltFile({ file, halt, clock, log: createRecordingLogger() })
  t.teardown(() => lever.stop())
  lever.start()
  writeFileSync(file, 'by hand')
  await until(() => halt.state !== null)
  t.match(halt.state, { reason: 'by hand', by: 'file' })
  rmSync(file)
  await until(() => halt.state === null)
})

test('reading, writing and removing by themselves', async (t) => {
  const file = join(t.testdir({}), 'deep', 'HALT')
  t.equal(readHaltFile(file), null)
  removeHaltFile(file)
  writeHaltFile(file, { reason: 'why', since: 'then' })
  t.equal(readHaltFile(file), 'why')
  if (process.getuid?.() !== 0) {
    chmodSync(file, 0)
    t.equal(readHaltFile(file), '', 'one that cannot be read is there')
  }
  writeFileSync(file, 'x'.repeat(10_000))
  t.equal(readHaltFile(file)!.length, 1024)
  removeHaltFile(file)
  t.equal(readHaltFile(file), null)
})
