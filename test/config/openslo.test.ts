import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { loadExperiment } from '../../src/config/experiment-file.ts'
import { expandOpenSlo } from '../../src/config/openslo.ts'

const traffic = (spec: object): object => ({ metricSource: { type: 'premortem', spec: { listener: 'edge', ...spec } } })
const query = (text: string, more: object = { type: 'Prometheus' }): object => ({ metricSource: { ...more, spec: { query: text } } })
const ratio = (part: object): object => ({ ratioMetric: { counter: true, ...part } })
const ofTraffic = (good: object): object => ratio({ good: traffic({ good }), total: traffic({}) })

const slo = (name: string, indicator: object, objectives: object[] = [{ target: 0.999 }], more: object = {}): object => ({
  apiVersion: 'openslo/v1',
  kind: 'SLO',
  metadata: { name },
  spec: { service: 'shop', budgetingMethod: 'Occurrences', indicator: { spec: indicator }, objectives, ...more }
})
const SOURCE = { apiVersion: 'openslo/v1', kind: 'DataSource', metadata: { name: 'm' }, spec: { type: 'Prometheus', connectionDetails: { url: 'http://127.0.0.1:9090' } } }
const PROMETHEUS = { prometheus: 'http://127.0.0.1:9091' }

interface Steady { objectives: string[], sources?: Record<string, object> }

interface Around { steady?: object, reference?: object, notes?: string[] }

async function expand (t: Test, documents: object[], { steady = {}, reference = {}, notes = [] }: Around = {}): Promise<Steady> {
  const folder = t.testdir({ slos: { 's.yaml': documents.map((document) => stringify(document)).join('---\n') } })
  const openslo = { file: 'slos/s.yaml', ...reference }
  const value = await expandOpenSlo({ title: 'x', 'steady-state': { at: 'edge', openslo, ...steady } }, join(folder, 'e.yaml'), (note) => notes.push(note))
  return (value as { 'steady-state': Steady })['steady-state']
}

test('requests that are good become objectives at the proxy', async (t) => {
  const table: [object, object, string][] = [
    [{ status: '<500' }, { target: 0.999 }, 'success >= 99.9%'],
    [{ status: '< 500' }, { targetPercent: 99.95 }, 'success >= 99.95%'],
    [{ status: '<500', latency_lte: '300ms' }, { target: 0.99 }, 'success within 300ms >= 99%'],
    [{ latency_lte: '0.5s' }, { target: 0.95 }, 'p95 <= 500ms'],
    [{ latency_lte: 300 }, { target: 0.57 }, 'p57 <= 300ms']
  ]
  for (const [good, objective, text] of table) {
    t.same(await expand(t, [slo('a', ofTraffic(good), [objective])]), { at: 'edge', objectives: [text] }, text)
  }
})

test('Prometheus becomes a source of the name of the SLO', async (t) => {
  const counted = ratio({ good: query('a_total'), total: query('b_total') })
  const url = PROMETHEUS.prometheus
  t.same(await expand(t, [slo('check.out', counted, [{ target: 0.99 }, { targetPercent: 90 }])], { reference: PROMETHEUS }), {
    at: 'edge',
    objectives: ['check-out >= 99%', 'check-out >= 90%'],
    sources: { 'check-out': { prometheus: url, good: 'a_total', total: 'b_total' } }
  })
  t.match(await expand(t, [slo('p95', ratio({ bad: query('a'), total: query('b') }))], { reference: PROMETHEUS }), {
    objectives: ['slo-p95 >= 99.9%'], sources: { 'slo-p95': { bad: 'a', total: 'b' } }
  }, 'a name that says something else in an objective')
  for (const [op, sign] of Object.entries({ lte: '<=', gte: '>=', lt: '<', gt: '>' })) {
    t.match(await expand(t, [slo('q', { thresholdMetric: query('a') }, [{ op, value: 0.3, target: 0.9 }])], { reference: PROMETHEUS }), {
      objectives: ['q >= 90%'], sources: { q: { prometheus: url, query: 'a', expect: `${sign} 0.3` } }
    })
  }
})

test('where Prometheus is says a data source of the file, unless the experiment does', async (t) => {
  const counted = (more: object): object => slo('a', ratio({ good: query('a', more), total: query('b', more) }))
  const url = (steady: Steady): unknown => (steady.sources!.a as { prometheus: string }).prometheus
  t.equal(url(await expand(t, [counted({ metricSourceRef: 'm' }), SOURCE])), 'http://127.0.0.1:9090')
  t.equal(url(await expand(t, [counted({ metricSourceRef: 'm', type: 'prometheus' }), SOURCE], { reference: PROMETHEUS })), PROMETHEUS.prometheus)
  t.equal(url(await expand(t, [counted({ metricSourceRef: 'm', type: 'Prometheus' })], { reference: PROMETHEUS })), PROMETHEUS.prometheus, 'which need not be there then')
  await t.rejects(expand(t, [counted({ type: 'Prometheus' })]), { message: /where Prometheus is/, details: { hint: /prometheus: URL/ } })
  await t.rejects(expand(t, [counted({ metricSourceRef: 'n' }), SOURCE]), { code: 'PMT_ERR_INVALID', details: { path: /metricSourceRef$/, wanted: 'one of m' } })
  await t.rejects(expand(t, [counted({ metricSourceRef: 'm', type: 'Datadog' }), SOURCE]), { message: /another type/ })
})

test('several files, beside objectives and sources of its own', async (t) => {
  const folder = t.testdir({
    'a.yaml': stringify(slo('a', ofTraffic({ status: '<500' }))),
    'b.yaml': stringify(slo('b', { thresholdMetric: query('q') }, [{ op: 'lt', value: 1, target: 0.9 }]))
  })
  const own = { at: 'edge', objectives: ['p95 <= 1s'], sources: { login: { http: 'http://127.0.0.1/' } } }
  const openslo = ['a.yaml', { file: 'b.yaml', ...PROMETHEUS }]
  const file = join(folder, 'e.yaml')
  t.match(await expandOpenSlo({ 'steady-state': { ...own, openslo } }, file), {
    'steady-state': { objectives: ['p95 <= 1s', 'success >= 99.9%', 'b >= 90%'], sources: { login: {}, b: {} } }
  })
  const taken = { ...own, sources: { b: {} }, openslo }
  await t.rejects(expandOpenSlo({ 'steady-state': taken }, file), { message: /called b already/, details: { path: 'steady-state.openslo.1' } })
  t.strictSame(own.objectives, ['p95 <= 1s'], 'what was written stays as it is')
})

test('what a run does not use is noted', async (t) => {
  const notes: string[] = []
  await expand(t, [slo('a', ofTraffic({ status: '<500' }), undefined, { timeWindow: [{ duration: '28d', isRolling: true }], alertPolicies: ['x'] })], { notes })
  t.match(notes, [/SLO a: its window of 28d/, /SLO a: its alert policies/])
})

test('what cannot be judged is refused by name, with its place in the SLO', async (t) => {
  const good = ofTraffic({ status: '<500' })
  const threshold = { thresholdMetric: query('q') }
  const spec = 'spec.indicator.spec'
  const source = `${spec}.ratioMetric.good.metricSource`
  const counted = (text: string): object => ratio({ good: query(text), total: query('b') })
  const limit = { op: 'lt', value: 1, target: 0.9 }
  const table: [object, object][] = [
    [slo('a', ratio({ raw: query('q'), rawType: 'success' })), { path: `${spec}.ratioMetric.raw`, wanted: /total/ }],
    [slo('a', ratio({ good: traffic({}) })), { path: `${spec}.ratioMetric`, found: 'good' }],
    [slo('a', ratio({ good: traffic({}), bad: traffic({}), total: traffic({}) })), { path: `${spec}.ratioMetric`, found: 'good, bad, total' }],
    [slo('a', { ratioMetric: { ...(counted('a') as { ratioMetric: object }).ratioMetric, counter: false } }), { path: `${spec}.ratioMetric.counter`, found: false }],
    [slo('a', { ...good, ...threshold }), { path: spec, found: 'both' }],
    [slo('a', {}), { path: spec, found: 'nothing' }],
    [slo('a', ratio({ bad: traffic({ good: { status: '<500' } }), total: traffic({}) })), { path: `${spec}.ratioMetric.bad` }],
    [slo('a', ratio({ good: traffic({}), total: traffic({}) })), { path: `${source}.spec.good` }],
    [slo('a', ratio({ good: traffic({ good: { status: '<500' } }), total: traffic({ good: { status: '<500' } }) })), { path: `${spec}.ratioMetric.total.metricSource.spec.good` }],
    [slo('a', ratio({ good: traffic({ good: { status: '<500' } }), total: query('q') })), { path: `${spec}.ratioMetric.total.metricSource.type` }],
    [slo('a', ofTraffic({})), { path: `${source}.spec.good`, wanted: /latency_lte/ }],
    [slo('a', ofTraffic({ status: '<400' })), { path: `${source}.spec.good.status`, wanted: '"<500"' }],
    [slo('a', ofTraffic({ latency_lte: 0 })), { path: `${source}.spec.good.latency_lte` }],
    [slo('a', ofTraffic({ 'latency-lte': '1s' })), { path: `${source}.spec.good.latency-lte`, hint: /latency_lte/ }],
    [slo('a', ratio({ good: traffic({ route: '/pay', good: { status: '<500' } }), total: traffic({}) })), { path: `${source}.spec.route`, found: '/pay', hint: /proxy of its own/ }],
    [slo('a', ratio({ good: traffic({ method: 'GET', good: { status: '<500' } }), total: traffic({}) })), { path: `${source}.spec.method` }],
    [slo('a', ratio({ good: traffic({ listener: 'api', good: { status: '<500' } }), total: traffic({}) })), { path: `${source}.spec.listener`, found: 'api', wanted: /^edge/ }],
    [slo('a', ratio({ good: query('a', { type: 'Datadog' }), total: query('b') })), { path: `${source}.type`, found: 'Datadog' }],
    [slo('a', ratio({ good: query('a', {}), total: query('b') })), { path: `${source}.type`, found: 'nothing' }],
    [slo('a', counted('rate(a[{{.window}}])')), { path: `${source}.spec.query` }],
    [slo('a', { thresholdMetric: traffic({}) }), { path: `${spec}.thresholdMetric.metricSource.type`, hint: /ratioMetric/ }],
    [slo('a', threshold, [limit, limit]), { path: 'spec.objectives.1' }],
    [slo('a', threshold, [{ value: 1, target: 0.9 }]), { path: 'spec.objectives.0.op' }],
    [slo('a', threshold, [{ op: 'lt', target: 0.9 }]), { path: 'spec.objectives.0.value' }],
    [slo('a', counted('a'), [limit]), { path: 'spec.objectives.0.op' }],
    [slo('a', good, [{ value: 1, target: 0.9 }]), { path: 'spec.objectives.0.value' }],
    [slo('a', good, [{}]), { path: 'spec.objectives.0' }],
    [slo('a', good, [{ target: 0.9 }, { target: 99.9 }]), { path: 'spec.objectives.1.target', hint: /targetPercent: 99.9/ }],
    [slo('a', good, [{ target: 1e-15 }]), { path: 'spec.objectives.0.target' }],
    [slo('a', good, [{ targetPercent: 0 }]), { path: 'spec.objectives.0.targetPercent' }],
    [slo('a', good, [{ target: 0.9, targetPercent: 90 }]), { path: 'spec.objectives.0.targetPercent' }],
    [slo('a', good, [{ target: 0.9, compositeWeight: 2 }]), { path: 'spec.objectives.0.compositeWeight', hint: /list them/ }],
    [slo('a', good, [{ target: 0.9, timeSliceTarget: 0.9 }]), { path: 'spec.objectives.0.timeSliceTarget' }],
    [slo('a', good, undefined, { budgetingMethod: 'Timeslices' }), { path: 'spec.budgetingMethod', found: 'Timeslices' }]
  ]
  for (const [document, details] of table) {
    const { path } = details as { path: string }
    await t.rejects(expand(t, [document], { reference: PROMETHEUS }), { code: 'PMT_ERR_INVALID', details: { file: /s\.yaml$/, line: Number, column: Number, ...details } }, path)
  }
})

test('what the experiment says wrongly is told where it stands there', async (t) => {
  const folder = t.testdir({ 's.yaml': [slo('a', ofTraffic({ status: '<500' })), slo('b', {})].map((document) => stringify(document)).join('---\n') })
  const load = async (openslo: string, more = ''): Promise<unknown> => {
    const file = join(folder, 'e.yaml')
    await writeFile(file, `title: x\nsteady-state:\n  at: edge\n  openslo: ${openslo}\n${more}phases: { baseline: 1s, fault: 1s, recovery: 1s }\nfaults: [{ type: hang, on: payments }]\n`)
    return (await loadExperiment(file)).experiment
  }
  t.match(await load('{ file: s.yaml, name: a }'), {
    objectives: [{ kind: 'success', target: 0.999 }], document: { 'steady-state': { at: 'edge', objectives: ['success >= 99.9%'], openslo: undefined } }
  }, 'and what is run and kept is what the SLO stands for')
  const table: [string, object][] = [
    ['s.yaml', { path: 'steady-state.openslo', found: '2 SLOs', line: 4 }],
    ['{ file: s.yaml, name: c }', { path: 'steady-state.openslo.name', found: 'c', line: 4, column: 34 }],
    ['{ file: s.yaml, nam: a }', { path: 'steady-state.openslo.nam', line: 4 }],
    ['[s.yaml, 7]', { path: 'steady-state.openslo.0', line: 4, column: 13 }],
    ['[]', { path: 'steady-state.openslo', found: 'an empty list', line: 4 }],
    ['7', { path: 'steady-state.openslo', found: 7, line: 4 }],
    [`{ file: s.yaml, name: a, prometheus: "${PROMETHEUS.prometheus}" }`, { path: 'steady-state.openslo.prometheus', line: 4 }]
  ]
  for (const [openslo, details] of table) {
    await t.rejects(load(openslo), { code: 'PMT_ERR_INVALID', details: { file: /e\.yaml$/, ...details } }, openslo)
  }
  await t.rejects(load('{ file: s.yaml, name: a }', '  objectives: nothing\n'), { code: 'PMT_ERR_INVALID', details: { path: 'steady-state.objectives', line: 5 } })
  await t.rejects(load('{ file: s.yaml, name: a }', '  sources: []\n'), { code: 'PMT_ERR_INVALID', details: { path: 'steady-state.sources', line: 5 } })
  await t.rejects(load('none.yaml'), { code: 'PMT_ERR_FILE_NOT_FOUND', details: { file: /none\.yaml$/, path: 'steady-state.openslo', hint: /beside the experiment/ } })
})

test('what names no SLO stays as it is', async (t) => {
  for (const value of [null, 7, {}, { 'steady-state': null }, { 'steady-state': { objectives: 7 } }]) t.equal(await expandOpenSlo(value, 'e.yaml'), value)
})

test('the sample: both of its SLOs', async (t) => {
  const file = join(import.meta.dirname, '../../config/experiments/slo-from-openslo.yaml')
  const names = ['checkout-in-time', 'orders']
  t.match(await expandOpenSlo({ 'steady-state': { at: 'edge', openslo: names.map((name) => ({ file: '../openslo/shop.yaml', name })) } }, file), {
    'steady-state': { objectives: ['success within 300ms >= 95%', 'orders >= 99%'], sources: { orders: { bad: 'orders_failed_total' } } }
  })
})
