import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { DecisionList, ReplayView } from '../../../src/proxy/decision-view.ts'
import { requestHead } from '../../helpers/heads.ts'
import { cli, startSidecar } from '../harness.ts'

async function setUp (t: Test) {
  const { premortem, control, data } = await startSidecar(t)
  const edge = premortem.proxies.get('edge')
  const show = (...words: string[]) => cli(['decisions', 'edge', ...words, '--control', control])
  const ask = (path: string): void => {
    const met = edge.plan.http.map((active) => ({ fault: active.id, decision: active.decide(requestHead({ path })) }))
    edge.decisions.record({ at: edge.clock.now(), connection: 4, exchange: 2, method: 'GET', path, revision: edge.plan.revision, met })
  }
  return { control, data, show, ask, edge }
}

test('a row for each fault that a request met, with why', async (t) => {
  const { control, show, ask } = await setUp(t)
  t.match(await show(), { code: 0, out: 'no decision fits\n' })
  await cli(['fault', 'add', 'edge', 'hang', 'select.every=2', '--match-path', '/pay', '--control', control])
  await cli(['fault', 'add', 'edge', 'delay', 'delay=1s', 'share=0', '--control', control])
  for (const path of ['/pay', '/', '/pay']) ask(path)
  const { code, out } = await show()
  t.equal(code, 0)
  const rows = out.trimEnd().split('\n').map((row) => row.trim().split(/ {2,}/))
  t.same(rows[0], ['id', 'time', 'connection', 'what', 'plan', 'fault', 'n', 'why'])
  t.match(rows.slice(2), [
    ['3', /^20\S+Z$/, '4', 'GET /pay', '2', 'hang-1', '2', 'hit'],
    ['delay-1', '3', 'spared by share 0%'],
    ['2', /Z$/, '4', 'GET /', '2', 'hang-1', '-', 'does not fit match.path'],
    ['delay-1', '2', 'spared by share 0%'],
    ['1', /Z$/, '4', 'GET /pay', '2', 'hang-1', '1', 'spared by every 2nd: this was number 1'],
    ['delay-1', '1', 'spared by share 0%']
  ])
  const ids = async (...words: string[]) => (JSON.parse((await show(...words, '--json')).out) as DecisionList).decisions.map(({ id }) => id)
  t.same(await ids('--hit'), [3])
  t.same(await ids('--spared'), [2, 1])
  t.same(await ids('--fault', 'hang-1', '--path', '/pay', '--limit', '1'), [3])
  t.same(await ids('--id', '2'), [2])
  t.same(await ids('--connection', '9'), [])
})

test('that the connection itself was asked, and that older ones are forgotten', async (t) => {
  const { show, edge } = await setUp(t)
  const met = [{ fault: 'refuse-1', decision: { n: 1, verdict: 'hit', detail: '' } as const }]
  for (let i = 0; i < 1001; i++) edge.decisions.record({ at: 0, connection: i + 1, exchange: 0, method: '', path: '', revision: 1, met })
  const { out } = await show('--limit', '1')
  t.match(out, /1001 +\S+Z +1001 +the connection +1 +refuse-1 +1 +hit\nolder ones are forgotten: a proxy keeps a thousand\n$/)
  t.match(await show('--id', '1'), { out: 'no decision among the last thousand fits\n' })
})

test('a replay is JSON, which a fault takes back', async (t) => {
  const { control, data, show, ask, edge } = await setUp(t)
  await cli(['fault', 'add', 'edge', 'hang', 'id=some', 'share=50%', '--control', control])
  for (let i = 0; i < 50; i++) ask('/')
  const { out } = await show('--fault', 'some', '--replay')
  const replay = JSON.parse(out) as ReplayView
  t.equal(replay.replay.length, edge.fault('some').counters.injected)
  const file = join(data, 'hit.json')
  writeFileSync(file, out)
  t.match(await cli(['fault', 'add', 'edge', 'hang', 'id=again', `replay=@${file}`, '--control', control]), { code: 0, out: new RegExp(`hang replay of ${replay.replay.length} `) })
  t.same(edge.fault('again').spec.replay, replay.replay)
})

test('mistakes', async (t) => {
  const { show } = await setUp(t)
  t.match(await show('--replay'), { code: 2, err: /PMT_ERR_USAGE: a replay is of one fault/ })
  t.match(await show('--hit', '--spared'), { code: 2, err: /exclude each other/ })
  t.match(await show('--limit', 'all'), { code: 2, err: /PMT_ERR_INVALID.*query\.limit/ })
  t.match(await show('--fault', 'x', '--replay'), { code: 2, err: /PMT_ERR_FAULT_NOT_FOUND/ })
})
