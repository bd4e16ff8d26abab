import fc from 'fast-check'
import { test } from 'tap'
import { decodeExperiment } from '../../src/experiment/document.ts'
import { PremortemError } from '../../src/kernel/errors.ts'

const least = {
  title: 'What if payments answers 500 ms slower?',
  'steady-state': { at: 'edge', objectives: ['success >= 99%', 'p95 <= 300ms'] },
  phases: { baseline: '30s', fault: '60s', recovery: '30s' },
  faults: [{ type: 'delay', on: 'payments', delay: '500ms' }]
}

/** The document with one thing changed; a dotted path may lead through what is not there yet. */
function changed (path: string, value: unknown): unknown {
  const document: unknown = structuredClone(least)
  const keys = path.split('.')
  const last = keys.pop()!
  let node = document as Record<string, unknown>
  for (const key of keys) node = (node[key] ??= {}) as Record<string, unknown>
  if (value === undefined) delete node[last]
  else node[last] = value
  return document
}

test('the least, and what nobody said', async (t) => {
  const experiment = decodeExperiment(least)
  t.match(experiment, {
    title: least.title,
    description: undefined,
    contributions: {},
    tags: [],
    at: 'edge',
    source: 'proxy',
    load: undefined,
    phases: { warmup: 0, baseline: 30_000, fault: 60_000, recovery: 30_000 },
    guardrails: [],
    document: least
  })
  t.strictSame(experiment.objectives.map((objective) => objective.text), ['success >= 99%', 'p95 <= 300ms'])
  t.match(experiment.faults, [{ on: 'payments', params: { delay: 500 } }])
})

test('everything', async (t) => {
  const experiment = decodeExperiment({
    ...least,
    description: 'Checkout should stay fast.',
    contributions: { resilience: 'high', performance: 'medium' },
    tags: ['checkout'],
    load: { url: 'http://127.0.0.1:8080/checkout', rate: '50/s', method: 'post', headers: { a: 'b' }, body: '{}', timeout: '2s' },
    guardrails: ['success >= 50%'],
    rollbacks: []
  })
  t.match(experiment, {
    contributions: { resilience: 'high', performance: 'medium' },
    tags: ['checkout'],
    source: 'load',
    load: { url: 'http://127.0.0.1:8080/checkout', rate: 50, method: 'POST', headers: { a: 'b' }, body: '{}', timeout: 2000 },
    guardrails: [{ text: 'success >= 50%' }]
  })
})

test('load has defaults of its own, and the proxy can measure all the same', async (t) => {
  const load = { url: 'http://127.0.0.1:1/', rate: 5 }
  t.strictSame(decodeExperiment({ ...least, load }).load, { url: load.url, rate: 5, method: 'GET', headers: {}, timeout: 10_000, body: undefined })
  t.equal(decodeExperiment({ ...least, load, 'steady-state': { ...least['steady-state'], source: 'proxy' } }).source, 'proxy')
})

test('bad input: its path, what was found, what was wanted', async (t) => {
  const table: [string, unknown, string, unknown][] = [
    ['title', '', 'title', ''],
    ['title', undefined, 'title', 'nothing'],
    ['steady-state.at', undefined, 'steady-state.at', 'nothing'],
    ['steady-state.objectives', [], 'steady-state.objectives', []],
    ['steady-state.objectives', ['success >= 99%', 'p95 < soon'], 'steady-state.objectives.1', 'p95 < soon'],
    ['steady-state.source', 'load', 'steady-state.source', 'load'],
    ['steady-state.source', 'both', 'steady-state.source', 'both'],
    ['phases.fault', 'soon', 'phases.fault', 'soon'],
    ['phases.fault', 999, 'phases.fault', 999],
    ['phases.baseline', undefined, 'phases.baseline', 'nothing'],
    ['faults', [], 'faults', []],
    ['faults', [{ type: 'delay', delay: '1s' }], 'faults.0.on', 'nothing'],
    ['faults', [least.faults[0], { type: 'delay', on: 'x', delay: 'x' }], 'faults.1.delay', 'x'],
    ['load', { url: 'ftp://x', rate: 1 }, 'load.url', 'ftp://x'],
    ['load', { url: 'http://x', rate: '0/s' }, 'load.rate', 0],
    ['load', { url: 'http://x', rate: 1, headers: { a: 'b\nc' } }, 'load.headers.a', 'b\nc'],
    ['contributions', { speed: 'huge' }, 'contributions.speed', 'huge'],
    ['guardrails', ['always'], 'guardrails.0', 'always'],
    ['rollbacks', [{ run: 'x' }], 'rollbacks', [{ run: 'x' }]]
  ]
  for (const [path, value, at, found] of table) {
    t.throws(() => decodeExperiment(changed(path, value)), { code: 'PMT_ERR_INVALID', details: { path: at, found } }, `${path} ${JSON.stringify(value)}`)
  }
  t.throws(() => decodeExperiment(changed('phases.recover', '1s')), { message: 'unknown key `recover`', hint: 'did you mean `recovery`?' })
  t.throws(() => decodeExperiment(changed('faults', [{ type: 'dely', on: 'x' }])), { code: 'PMT_ERR_FAULT_UNKNOWN', details: { path: 'faults.0.type' } })
  t.throws(() => decodeExperiment(null), { code: 'PMT_ERR_INVALID', details: { path: '', found: null } })
})

test('any junk decodes or is refused by PremortemError', async () => {
  const path = fc.constantFrom('title', 'steady-state', 'steady-state.at', 'steady-state.objectives', 'phases', 'phases.fault', 'faults',
    'load', 'load.url', 'load.rate', 'contributions', 'guardrails', 'rollbacks', 'tags')
  fc.assert(fc.property(path, fc.oneof(fc.jsonValue(), fc.string(), fc.double()), (at, value) => {
    try {
      decodeExperiment(changed(at, value))
    } catch (error) {
      if (!(error instanceof PremortemError)) throw error
    }
  }), { numRuns: 2000 })
})

test('sources, and objectives and guardrails on them', async (t) => {
  const sources = { login: { http: 'http://a' }, errors: { prometheus: 'http://p', good: 'g', total: 't' } }
  const steady = (objectives: string[], more: object = {}) => ({ ...least, 'steady-state': { at: 'edge', objectives, sources }, ...more })
  const { sources: found, objectives, guardrails } = decodeExperiment(steady(['login >= 99%', 'success >= 99%'], { guardrails: ['errors >= 50%'] }))
  t.match([found, objectives, guardrails], [[{ name: 'login', type: 'http' }, { name: 'errors', counts: 'good' }], [{ source: 'login' }, { kind: 'success' }], [{ source: 'errors' }]])
  t.strictSame(decodeExperiment(least).sources, [])
  const refused = (document: unknown, details: object) => t.throws(() => decodeExperiment(document), { code: 'PMT_ERR_INVALID', details })
  refused(steady(['success >= 99%', 'logn >= 99%']), { path: 'steady-state.objectives.1', hint: 'did you mean `login`?' })
  refused(steady(['login >= 99%'], { guardrails: ['errors p95 <= 1s'] }), { path: 'guardrails.0' })
  refused(changed('steady-state.objectives', ['login >= 99%']), { path: 'steady-state.objectives.0', found: 'login >= 99%' })
  refused(changed('steady-state.sources', { login: { http: 'nowhere' } }), { path: 'steady-state.sources.login.http' })
  refused(steady(['success >= 99%', 'login >= 99%'], { limit: { parameter: 'delay', from: 0, to: '2s' }, faults: [{ type: 'delay', on: 'payments' }] }), { path: 'steady-state.objectives.1' })
  refused(changed('steady-state.sources', []), { path: 'steady-state.sources' })
  const shared = { faults: [{ type: 'delay', on: 'payments', delay: '1s', share: '50%', by: 'trace' }] }
  t.equal(decodeExperiment(steady(['success >= 99%'], shared)).design, 'concurrent')
  t.equal(decodeExperiment(steady(['login >= 99%'], shared)).design, 'before-after', 'samples have no arms')
  refused(steady(['login >= 99%'], { ...shared, compare: 'concurrent' }), { path: 'faults.0.share' })
})

test('an SLO in a file is read by those who have the file', (t) => {
  t.throws(() => decodeExperiment(changed('steady-state.openslo', 'slo.yaml')), {
    code: 'PMT_ERR_INVALID', details: { path: 'steady-state.openslo', found: 'slo.yaml', hint: /premortem run FILE/ }
  })
  t.end()
})
