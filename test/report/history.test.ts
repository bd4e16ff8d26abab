import { test } from 'tap'
import { readHistory, recoveryOf, summarise } from '../../src/report/history.ts'
import type { RunResult, TimeToRecover } from '../../src/experiment/result.ts'
import { awkward, breached } from './results.ts'

const json = JSON.stringify
const line = (type: string, data: object): string => `${json({ time: '2026-01-01T00:00:01.000Z', elapsed: 10, type, data })}\n`
const idOf = (i: number): string => `2026-01-${String(i).padStart(2, '0')}T00-00-00-aaaa`
const stored = (id: string, more: Partial<RunResult> = {}) => ({ 'result.json': json({ ...breached(), id, ...more }) })

function deviation (value: number): NonNullable<RunResult['comparison']> {
  const with_ = { n: 100, bad: 10 }
  return {
    design: 'concurrent',
    against: 'control',
    deviations: [{
      objective: 'success >= 99%', with: with_, without: with_, difference: { value, lower: value - 0.01, upper: value + 0.01 }, margin: 0.005, verdict: 'deviated', changed: true, latency: [], pairs: null, conclusiveAfter: null
    }],
    beforeAfter: [],
    spillover: [],
    words: []
  }
}

test('a run in one line', async (t) => {
  t.same(summarise({ ...breached(), comparison: deviation(0.3) }), {
    id: breached().id,
    state: 'ended',
    startedAt: '2026-01-01T00:00:00.000Z',
    title: breached().title,
    documentHash: breached().documentHash,
    outcome: 'breached',
    exitCode: 1,
    objective: 'success >= 99%',
    effect: { difference: { value: 0.3, lower: 0.29, upper: 0.31 }, verdict: 'deviated', against: 'control' },
    timeToRecover: { kind: 'recovered', ms: 1240 },
    problem: null
  })
  t.match(summarise(awkward()), { effect: null, timeToRecover: { kind: 'unknown' } })
  t.match(summarise({ ...breached(), objectives: [] }), { objective: null, timeToRecover: null })
  const nothing = deviation(0)
  nothing.deviations[0]!.without.n = 0
  t.equal(summarise({ ...breached(), comparison: nothing }).effect, null, 'nothing to compare with')
  t.throws(() => summarise({} as RunResult), { code: 'PMT_ERR_JOURNAL' })
})

test('a run has recovered when its last objective has', async (t) => {
  const unaffected: TimeToRecover = { kind: 'unaffected' }
  const unknown: TimeToRecover = { kind: 'unknown' }
  const after = (ms: number): TimeToRecover => ({ kind: 'recovered', ms })
  const lost = (ms: number): TimeToRecover => ({ kind: 'not-seen', ms })
  t.same(recoveryOf([unaffected, after(1), after(3), unknown]), after(3))
  t.same(recoveryOf([after(9), lost(6), lost(5)]), lost(6))
  t.same(recoveryOf([unaffected, unknown]), unknown)
  t.same(recoveryOf([unaffected, unaffected]), unaffected)
  t.equal(recoveryOf([]), null)
})

test('runs come by their time, the last so many, of one title', async (t) => {
  const root = t.testdir({
    [idOf(3)]: stored('three', { title: 'What if A?' }),
    [idOf(1)]: stored('one', { title: 'what if a?' }),
    [idOf(2)]: stored('two', { title: 'Other' }),
    'a-file': ''
  })
  const ids = async (query: object): Promise<string[]> => (await readHistory(root, query)).map(({ id }) => id)
  t.same(await ids({}), [idOf(1), idOf(2), idOf(3)])
  t.same(await ids({ last: 2 }), [idOf(2), idOf(3)])
  t.same(await ids({ title: 'IF A' }), [idOf(1), idOf(3)])
  t.same(await ids({ title: 'if a', last: 1 }), [idOf(3)])
  t.same(await ids({ title: 'if b' }), [])
  t.same(await readHistory(`${root}/none`), [])
})

test('what is killed or damaged is shown, with all that is known of it', async (t) => {
  const started = line('run.started', { title: 'Killed', documentHash: 'abc' })
  const root = t.testdir({
    [idOf(1)]: { 'journal.jsonl': started + '{"torn' },
    [idOf(2)]: { 'journal.jsonl': 'nonsense\n' },
    [idOf(3)]: {},
    [idOf(4)]: { 'result.json': '{"torn', 'journal.jsonl': started + line('run.ended', { result: { ...breached(), id: 'x' } }) },
    [idOf(5)]: { 'result.json': '{}', 'journal.jsonl': started },
    [idOf(6)]: { 'result.json': 'null' },
    [idOf(7)]: { 'result.json': {}, 'journal.jsonl': '7\nnull\n' },
    [idOf(8)]: { 'result.json': json({ ...breached(), comparison: undefined, tls: undefined }) },
    'not-an-id': {}
  })
  const unfinished = { state: 'unfinished', title: 'Killed', documentHash: 'abc', startedAt: '2026-01-01T00:00:01.000Z', outcome: null, problem: /was killed/ }
  t.match(await readHistory(root), [
    { id: idOf(1), ...unfinished },
    { id: idOf(2), state: 'damaged', startedAt: '2026-01-02T00:00:00.000Z', title: null, problem: 'a line of the journal is not JSON, line 1' },
    { id: idOf(3), state: 'damaged', problem: /cannot be read/ },
    { id: idOf(4), state: 'ended', outcome: 'breached', problem: null },
    { id: idOf(5), ...unfinished },
    { id: idOf(6), state: 'damaged' },
    { id: idOf(7), state: 'damaged' },
    { id: idOf(8), state: 'ended', effect: null },
    { id: 'not-an-id', state: 'damaged', startedAt: null }
  ])
  t.match(await readHistory(root, { title: 'killed' }), [{ id: idOf(1) }, { id: idOf(5) }])
})

test('no more is read than must be', async (t) => {
  const folders = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`2026-02-01T00-00-${String(i).padStart(2, '0')}-aaaa`, i < 20 ? {} : stored(`${i}`)]))
  const root = t.testdir(folders)
  const runs = await readHistory(root, { last: 30 })
  t.equal(runs.length, 30)
  t.ok(runs.every(({ state }) => state === 'ended'), 'the broken ones are older')
})
