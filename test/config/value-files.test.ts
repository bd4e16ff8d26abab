import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { expandConfig, expandExperiment, expandFault, readList } from '../../src/config/value-files.ts'
import { Duration } from '../../src/kernel/schema.ts'
import { Type } from 'typebox'

const Ordinal = Type.Integer({ minimum: 1 })

const recorded = (t: Test, text: string): Promise<unknown[]> => readList(join(t.testdir({ f: text }), 'f'), 'recorded', Duration())
const replay = (t: Test, text: string): Promise<unknown[]> => readList(join(t.testdir({ f: text }), 'f'), 'replay', Ordinal)

test('one value on each line; blank ones and remarks are none', async (t) => {
  t.same(await recorded(t, '# of Monday\n12.5\r\n 40ms \n\n1m30s'), [12.5, '40ms', '1m30s'])
  t.same(await replay(t, '3\n7\n'), [3, 7])
})

test('a JSON list', async (t) => {
  t.same(await recorded(t, '[12.5, "40ms"]\n'), [12.5, '40ms'])
  t.same(await replay(t, ' \n[3, 7]'), [3, 7])
})

test('what GET …/decisions?format=replay answered', async (t) => {
  t.same(await replay(t, '{"fault":"a","seed":1,"replay":[3,7],"complete":true}'), [3, 7])
})

test('a snapshot becomes a hundred samples with its percentiles', async (t) => {
  const recent = { seconds: 10, count: 500, rate: 50, success: 1, p50: 20, p90: 60, p95: 100, p99: 500, max: 900 }
  const samples = await recorded(t, JSON.stringify({ proxy: 'a', recent })) as number[]
  t.equal(samples.length, 100)
  t.ok(samples.every((ms, i) => i === 0 || ms >= samples[i - 1]!))
  t.same([0, 49, 50, 89, 90, 94, 98, 99].map((i) => samples[i]), [20, 20, 20.5, 59.5, 64, 96, 450, 700])
})

test('what is no such file is refused, with file and line', async (t) => {
  const table: [string, string, object][] = [
    ['recorded', '5ms\nsoon\n', { line: 2, found: 'soon', wanted: /500ms/ }],
    ['recorded', '5ms\n-3\n', { line: 2, found: '-3' }],
    ['recorded', '# nothing\n\n', { line: 1, found: 'nothing' }],
    ['recorded', '[]', { line: 1 }],
    ['recorded', '[1,\n "soon"]', { line: 2, column: 2, found: 'soon' }],
    ['recorded', '[1,\n null]', { line: 2, found: null }],
    ['recorded', '{"replay":[1]}', { line: 1, wanted: /snapshot/ }],
    ['recorded', '{"recent":{"p50":1}}', { line: 1, wanted: /snapshot/ }],
    ['recorded', '{"recent":{"count":0,"p50":0,"p90":0,"p95":0,"p99":0,"max":0}}', { line: 1, wanted: /while requests/ }],
    ['replay', '3\n2.5\n', { line: 2, found: 2.5, wanted: /whole number/ }],
    ['replay', '{"fault":"a",\n"replay":[1,\n0]}', { line: 3, found: 0 }],
    ['replay', '{"recent":{}}', { line: 1, wanted: /format=replay/ }]
  ]
  for (const [key, text, details] of table) {
    const file = join(t.testdir({ f: text }), 'f')
    const error = await readList(file, key, key === 'replay' ? Ordinal : Duration()).catch((error: unknown) => error)
    t.match(error, { code: 'PMT_ERR_INVALID', details: { file, ...details } }, `${key} ${text}`)
    t.notOk('path' in (error as { details: object }).details)
  }
  await t.rejects(recorded(t, '[1'), { code: 'PMT_ERR_SYNTAX', details: { file: /f$/, line: 1 } })
})

test('a fault with a file in place of a list', async (t) => {
  const folder = t.testdir({ 'hits.txt': '2\n4\n' })
  const fault = Object.freeze({ type: 'hang', replay: '@hits.txt', id: '@x' })
  t.same(await expandFault(fault, folder), { type: 'hang', replay: [2, 4], id: '@x' })
  t.same(await expandFault({ type: 'hang', replay: `@${join(folder, 'hits.txt')}` }, '/nowhere'), { type: 'hang', replay: [2, 4] }, 'an absolute path is one')
  t.same(await expandFault({ type: 'status', body: '@hits.txt' }, folder), { type: 'status', body: '@hits.txt' }, 'text stays text')
  t.same(await expandFault({ type: 'hang', replay: [1, '@hits.txt', 9] }, folder), { type: 'hang', replay: [1, 2, 4, 9] }, 'among others')
  await t.rejects(expandFault({ type: 'hang', replay: '@none' }, folder, 'faults.2'), { code: 'PMT_ERR_FILE_NOT_FOUND', details: { file: join(folder, 'none'), path: 'faults.2.replay' } })
  await t.rejects(expandFault({ type: 'hang', replay: '@' }, folder), { code: 'PMT_ERR_FILE_UNREADABLE' })
})

test('what is no fault is left for others to refuse', async (t) => {
  for (const written of [null, 5, 'x', [], {}, { type: 'unknown', replay: '@x' }, { type: 5 }]) t.equal(await expandFault(written, '.'), written)
  for (const value of [null, 5, [], {}, { proxies: {} }, { proxies: [null, 5, { faults: 7 }, { faults: [null] }] }]) {
    t.strictSame(await expandConfig(value, 'c.yaml'), value)
    t.strictSame(await expandExperiment(value, 'e.yaml'), value)
  }
})

test('paths say where in the document', async (t) => {
  const folder = t.testdir({ bad: 'x\n' })
  const faults = [{ type: 'hang' }, { type: 'hang', replay: '@bad' }]
  await t.rejects(expandConfig({ proxies: [{}, { faults }] }, join(folder, 'c.yaml')), { details: { path: 'proxies.1.faults.1.replay', file: join(folder, 'bad'), line: 1 } } as never)
  await t.rejects(expandExperiment({ faults }, join(folder, 'e.yaml')), { details: { path: 'faults.1.replay', file: join(folder, 'bad') } } as never)
})

test('also of a fault by another of its names', async (t) => {
  const folder = t.testdir({ 'hit.txt': '3\n7\n' })
  t.same(await expandFault({ type: 'tls/wrong.host', replay: '@hit.txt' }, folder), { type: 'tls/wrong.host', replay: [3, 7] })
})
