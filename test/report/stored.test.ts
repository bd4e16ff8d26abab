import { join } from 'node:path'
import { test } from 'tap'
import { PLAIN } from '../../src/report/layout.ts'
import { readRunFolder, readStoredRun, renderStored } from '../../src/report/stored.ts'

const line = (type: string, data: object): string => `${JSON.stringify({ time: '2026-01-01T00:00:00.000Z', elapsed: 1500, type, data })}\n`
const journal = (title: string): string => line('run.started', { title }) + line('run.phase', { phase: 'baseline' })

test('runs are found by id and as the latest', async (t) => {
  const root = t.testdir({
    '2026-01-01T00-00-00-aaaa': { 'journal.jsonl': journal('older') },
    '2026-01-02T00-00-00-aaaa': { 'journal.jsonl': journal('newer') + line('run.ended', { result: { id: 'x' } }) },
    'a-file': ''
  })
  t.match(readStoredRun(root, '2026-01-01T00-00-00-aaaa'), { result: null, entries: [{ data: { title: 'older' } }, {}] })
  t.match(readStoredRun(root, 'latest'), { result: { id: 'x' }, entries: [{ data: { title: 'newer' } }, {}, {}] })
  t.match(readRunFolder(join(root, '2026-01-01T00-00-00-aaaa')), { folder: join(root, '2026-01-01T00-00-00-aaaa') })
})

test('what is not a run in the folder is not found', async (t) => {
  const root = t.testdir({ inner: { run: { 'journal.jsonl': journal('x') } }, other: { 'journal.jsonl': journal('x') } })
  for (const id of ['nothing', '../other', '.', '', 'run/journal.jsonl']) {
    t.throws(() => readStoredRun(join(root, 'inner'), id), { code: 'PMT_ERR_RUN_NOT_FOUND', details: { found: id, wanted: 'latest, or one of run' } }, id)
  }
  t.throws(() => readStoredRun(join(root, 'none'), 'latest'), { code: 'PMT_ERR_RUN_NOT_FOUND', details: { wanted: 'there is none yet' } })
})

test('a run that was killed is told as far as it came', async (t) => {
  const root = t.testdir({ run: { 'journal.jsonl': journal('x\u001b[31m') + '{"torn":' } })
  const text = renderStored(readStoredRun(root, 'run'), 'text', PLAIN)
  t.match(text, /This run has no verdict: its process was killed/)
  t.match(text, / {4}1\.5s {2}run\.started {5}title=x.*\n {4}1\.5s {2}run\.phase {7}phase=baseline\n$/)
  t.notOk(text.includes('\u001b'), 'what a document says does not steer the terminal')
  const run = readStoredRun(root, 'run')
  t.match(renderStored(run, 'junit', PLAIN), /<testsuite name="x" .* timestamp="2026-01-01T00:00:00" .* errors="1"[^]*<error message="This run has no verdict: its process was killed/)
  t.match(renderStored(run, 'markdown', PLAIN), /^### x\n\n❌ \*\*NO VERDICT\*\*\. This run has no verdict/)
  t.match(renderStored({ ...run, entries: [] }, 'junit', PLAIN), /<testsuite name="run" .* timestamp="1970-01-01T00:00:00"/)
})
