import { test } from 'tap'
import { stringify } from 'yaml'
import { conforms } from '../conform.ts'
import { EXPERIMENT, createHarness } from '../harness.ts'

const YAML = { 'content-type': 'application/yaml' }

test('start, list, show, heartbeat, abort', async (t) => {
  const { api, runs } = await createHarness(t)
  const started = await api.inject({ method: 'POST', url: '/v1/runs?seed=42&lease=10s', payload: EXPERIMENT })
  t.equal(started.statusCode, 202)
  t.match(started.json(), { id: 'run-1', title: 'What if?', state: 'running', seed: 42 })
  t.ok(conforms('Run', started.json()), started.body)
  t.equal(started.headers.location, '/v1/runs/run-1')
  t.same(runs.calls, [['start', EXPERIMENT, { seed: 42, lease: 10_000, allowed: { process: false } }]])
  t.same((await api.inject('/v1/runs')).json(), [started.json()])
  t.same((await api.inject('/v1/runs/run-1')).json(), started.json())
  t.equal((await api.inject({ method: 'POST', url: '/v1/runs/run-1/heartbeat' })).statusCode, 200)
  t.equal((await api.inject({ method: 'POST', url: '/v1/runs/run-1/abort', payload: { reason: 'enough', outcome: 'interrupted' } })).statusCode, 200)
  t.equal((await api.inject({ method: 'POST', url: '/v1/runs/run-1/abort' })).statusCode, 200)
  t.match(runs.calls.slice(1), [['heartbeat', 'run-1'], ['abort', 'run-1', 'enough', 'interrupted'], ['abort', 'run-1', String, undefined]])
  for (const [method, url] of [['GET', '/v1/runs/no'], ['POST', '/v1/runs/no/abort'], ['POST', '/v1/runs/no/heartbeat']] as const) {
    t.match((await api.inject({ method, url })).json(), { code: 'PMT_ERR_RUN_NOT_FOUND' })
  }
})

test('why it may run outside its windows is passed on', async (t) => {
  const { api, runs } = await createHarness(t)
  t.equal((await api.inject({ method: 'POST', url: '/v1/runs?outsideWindow=incident%204711', payload: EXPERIMENT })).statusCode, 202)
  t.same(runs.calls, [['start', EXPERIMENT, { outsideWindow: 'incident 4711', allowed: { process: false } }]])
  t.equal((await api.inject({ method: 'POST', url: '/v1/runs?outsideWindow=', payload: EXPERIMENT })).statusCode, 400)
})

test('a YAML document is the same document', async (t) => {
  const { api, runs } = await createHarness(t)
  for (const type of ['application/yaml', 'text/yaml', 'text/x-yaml', 'application/x-yaml; charset=utf-8']) {
    const answer = await api.inject({ method: 'POST', url: '/v1/runs', payload: stringify(EXPERIMENT), headers: { 'content-type': type } })
    t.equal(answer.statusCode, 202, type)
    t.same(runs.calls.at(-1)?.[1], EXPERIMENT)
  }
})

test('what is wrong in a YAML document is found at its line', async (t) => {
  const { api } = await createHarness(t)
  const text = stringify({ ...EXPERIMENT, faults: [{ type: 'dely', on: 'edge' }] })
  const answer = await api.inject({ method: 'POST', url: '/v1/runs', payload: text, headers: YAML })
  t.equal(answer.statusCode, 400)
  const line = text.split('\n').findIndex((each) => each.includes('dely')) + 1
  t.match(answer.json(), { code: 'PMT_ERR_FAULT_UNKNOWN', path: 'faults.0.type', found: 'dely', hint: 'did you mean `delay`?', line, column: 11 })
  t.match((await api.inject({ method: 'POST', url: '/v1/runs', payload: { ...EXPERIMENT, title: undefined } })).json(), { code: 'PMT_ERR_INVALID', path: 'title' })
  t.match((await api.inject({ method: 'POST', url: '/v1/runs?seed=-1', payload: EXPERIMENT })).json(), { code: 'PMT_ERR_INVALID', path: 'query.seed' })
})

test('reports', async (t) => {
  const { api } = await createHarness(t)
  const json = await api.inject('/v1/runs/r-1/report')
  t.match(json.headers['content-type'], 'application/json')
  t.same(json.json(), { id: 'r-1' })
  const text = await api.inject('/v1/runs/r-1/report?format=text')
  t.match(text.headers['content-type'], 'text/plain')
  t.equal(text.body, 'the report of r-1')
  t.match((await api.inject('/v1/runs/r-1/report?format=junit')).headers['content-type'], 'application/xml')
  t.match((await api.inject('/v1/runs/r-1/report?format=markdown')).headers['content-type'], 'text/markdown')
  t.match((await api.inject('/v1/runs/r-1/report?format=pdf')).json(), { code: 'PMT_ERR_INVALID', path: 'query.format', wanted: 'one of text, json, junit, markdown' })
})

test('alerts of the user\'s monitoring', async (t) => {
  const { api, runs } = await createHarness(t)
  await api.inject({ method: 'POST', url: '/v1/runs', payload: EXPERIMENT })
  const alertmanager = { status: 'firing', alerts: [{ status: 'firing', labels: { alertname: 'Slow' } }, { status: 'resolved', labels: { alertname: 'Old' } }] }
  const taken = await api.inject({ method: 'POST', url: '/v1/runs/run-1/alerts', payload: alertmanager })
  t.equal(taken.statusCode, 202)
  t.same(taken.json(), { firing: 1, others: 1, runs: 1 })
  t.ok(conforms('AlertsTaken', taken.json()))
  t.same((await api.inject({ method: 'POST', url: '/v1/runs/current/alerts', payload: { title: 'HighErrorRate' } })).json(), { firing: 1, others: 0, runs: 1 })
  t.match(runs.calls.slice(1), [['alert', 'run-1', ['Slow']], ['alert', 'current', ['HighErrorRate']]])
  t.match((await api.inject({ method: 'POST', url: '/v1/runs/no/alerts', payload: {} })).json(), { code: 'PMT_ERR_RUN_NOT_FOUND' })
  for (const payload of ['[]', '"fire"', '5']) {
    const refused = await api.inject({ method: 'POST', url: '/v1/runs/run-1/alerts', payload, headers: { 'content-type': 'application/json' } })
    t.match(refused.json(), { code: 'PMT_ERR_INVALID', message: 'not an alert' }, payload)
  }
  t.equal((await api.inject({ method: 'POST', url: '/v1/runs/run-1/alerts' })).statusCode, 400)
})
