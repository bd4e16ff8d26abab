import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createRunId, openFileJournal, readJournal, resultOf } from '../../src/experiment/journal.ts'
import { createRandom } from '../../src/kernel/random.ts'

const line = (type: string, data: object = {}): string => JSON.stringify({ time: '2026-01-01T00:00:00.000Z', elapsed: 0, type, data })

test('run ids sort by time and name a folder and a fault', async (t) => {
  const random = createRandom(1)
  const id = createRunId(Date.UTC(2026, 10, 22, 22, 31, 5), random)
  t.match(id, /^2026-11-22T22-31-05-[0-9a-f]{4}$/)
  t.match(`${id}.0`, /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
  t.not(createRunId(Date.UTC(2026, 10, 22, 22, 31, 5), random), id)
})

test('each line is on disk when append returns, and can be read back', async (t) => {
  const root = join(t.testdir(), 'data', 'runs')
  const journal = openFileJournal(root, 'a')
  t.teardown(() => journal.close())
  t.equal(journal.folder, join(root, 'a'))
  journal.append(line('run.started', { seed: 1 }))
  t.match(readJournal(journal.folder), [{ type: 'run.started', data: { seed: 1 } }])
  journal.append(line('run.ended', { result: { outcome: 'held', took: 4 } }))
  t.strictSame(resultOf(readJournal(journal.folder)), { outcome: 'held', took: 4, objectives: [], comparison: null, limit: null, detection: null, paging: [], budget: null, restored: null, rehearsal: null, tls: [], sources: [] })
  journal.write('experiment.json', '{}\n')
  t.equal(readFileSync(join(root, 'a', 'experiment.json'), 'utf8'), '{}\n')
  journal.close()
  journal.close()
  t.throws(() => journal.append('late'), { code: 'PMT_ERR_JOURNAL' })
})

test('a torn last line is left out, and a run without an end has no result', async (t) => {
  const journal = openFileJournal(t.testdir(), 'a')
  journal.append(line('run.started'))
  journal.append(line('run.phase', { phase: 'baseline' }))
  journal.close()
  appendFileSync(join(journal.folder, 'journal.jsonl'), line('run.ended', { result: {} }).slice(0, 60))
  const entries = readJournal(journal.folder)
  t.strictSame(entries.map(({ type }) => type), ['run.started', 'run.phase'])
  t.equal(resultOf(entries), null)
})

test('an empty journal has no lines', async (t) => {
  const journal = openFileJournal(t.testdir(), 'a')
  journal.close()
  t.strictSame(readJournal(journal.folder), [])
})

test('what cannot be read or written is named', async (t) => {
  const root = t.testdir({ a: {}, file: '', broken: { 'journal.jsonl': `${line('run.started')}\nnot json\n${line('run.ended')}\n` } })
  t.throws(() => openFileJournal(root, 'a'), { code: 'PMT_ERR_JOURNAL', details: { found: 'EEXIST' } }, 'another run is not written over')
  t.throws(() => openFileJournal(join(root, 'file'), 'b'), { code: 'PMT_ERR_JOURNAL' })
  t.throws(() => readJournal(join(root, 'none')), { code: 'PMT_ERR_JOURNAL', details: { found: 'ENOENT', file: join(root, 'none', 'journal.jsonl') } })
  t.throws(() => readJournal(join(root, 'broken')), { code: 'PMT_ERR_JOURNAL', details: { line: 2 } })
  const journal = openFileJournal(root, 'c')
  t.teardown(() => journal.close())
  t.throws(() => journal.write('no/such/folder', ''), { code: 'PMT_ERR_JOURNAL' })
  t.notOk(existsSync(join(root, 'c', 'no')))
})

test('a result of before handshakes were counted is one without them', async (t) => {
  const old = { outcome: 'held', startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:02.500Z', objectives: [{ objective: 'success >= 99%' }] }
  const ended = (result: object) => resultOf([{ time: '', elapsed: 0, type: 'run.ended', data: { result } }])
  t.strictSame(ended(old), { ...old, took: 2500, objectives: [{ objective: 'success >= 99%', counts: 'requests' }], comparison: null, limit: null, detection: null, paging: [], budget: null, restored: null, rehearsal: null, tls: [], sources: [] })
  t.match(ended({ objectives: [{ counts: 'handshakes' }], tls: [{ at: 'bank' }] }), { objectives: [{ counts: 'handshakes' }], tls: [{ at: 'bank' }] })
})
