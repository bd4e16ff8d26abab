import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { openReportFiles, withReportFiles, writeReports } from '../../src/cli/report-files.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { breached } from '../report/results.ts'

function setUp (args: Record<string, unknown>) {
  let err = ''
  const output = { write: (text: string) => { err += text } }
  const context = {
    stdout: output,
    stderr: output,
    env: {},
    signal: new AbortController().signal,
    clock: createVirtualClock(),
    json: false,
    look: PLAIN
  }
  return { run: (work: () => Promise<ReturnType<typeof breached>>) => withReportFiles(args, context, 'e.yaml', work), said: () => err }
}

const read = (file: string): string => readFileSync(file, 'utf8')

test('both files are written, in folders that were not there; what was in them is gone before the run', async (t) => {
  const folder = t.testdir({ 'old.md': 'HELD, long ago' })
  const [junit, markdown] = [join(folder, 'a', 'b', 'junit.xml'), join(folder, 'old.md')]
  const result = await setUp({ junit, markdown }).run(async () => {
    t.notOk(existsSync(junit) || existsSync(markdown), 'a crash now leaves no verdict')
    return breached()
  })
  t.same(result, breached())
  t.match(read(junit), /^<\?xml [^]*failures="1"/)
  t.match(read(markdown), /^### What if [^]*BREACHED/)
})

test('nothing is written that nobody asked for', async (t) => {
  t.same(openReportFiles({}), [])
  const { run, said } = setUp({})
  t.same(await run(async () => breached()), breached())
  t.equal(said(), '')
})

test('a run that never began leaves reports that say why, and its error', async (t) => {
  const folder = t.testdir({})
  const [junit, markdown] = [join(folder, 'j.xml'), join(folder, 'm.md')]
  const refused = new PremortemError('PMT_ERR_RUN_BUSY', { message: 'run x is in progress' })
  await t.rejects(setUp({ junit, markdown }).run(() => Promise.reject(refused)), refused)
  t.match(read(junit), /<testsuite name="e\.yaml" .* timestamp="2026-01-01T00:00:00" .* errors="1"[^]*message="PMT_ERR_RUN_BUSY: run x is in progress"/)
  t.match(read(markdown), 'NO VERDICT')
})

test('a file that cannot be written is refused before the run', async (t) => {
  const folder = t.testdir({ 'a-file': '', 'a-folder': {} })
  for (const junit of [join(folder, 'a-folder'), join(folder, 'a-file', 'junit.xml'), '/proc/no-such-folder/a/junit.xml']) {
    await t.rejects(setUp({ junit }).run(() => t.fail('it ran') as never), { code: 'PMT_ERR_FILE_UNREADABLE', message: 'the report cannot be written', details: { path: '--junit' } })
  }
  const one = join(folder, 'x')
  t.throws(() => openReportFiles({ junit: one, markdown: join(folder, 'a-folder', '..', 'x') }), { code: 'PMT_ERR_USAGE' })
})

test('a file that can no longer be written does not take the verdict away', async (t) => {
  const junit = join(t.testdir({}), 'junit.xml')
  const { run, said } = setUp({ junit })
  const result = await run(async () => {
    await writeReports([{ format: 'junit', file: join(junit, '..', 'other') }], () => 'x')
    t.testdir({ 'junit.xml': {} })
    return breached()
  })
  t.equal(result.exitCode, 1)
  t.ok(statSync(junit).isDirectory())
  t.match(said(), /^premortem: the report cannot be written: .*junit\.xml \(EISDIR\)\n$/)
})
