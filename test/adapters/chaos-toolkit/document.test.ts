import { test } from 'tap'
import { decodeChaosExperiment, isChaosToolkit } from '../../../src/adapters/chaos-toolkit/document.ts'

const env = { PATH: process.env.PATH }
const probe = { type: 'probe', name: 'p', tolerance: 200, provider: { type: 'http', url: 'http://x/' } }
const action = { type: 'action', name: 'a', provider: { type: 'process', path: 'sh' } }
const control = { name: 'c', provider: { type: 'python', module: 'm.n', arguments: { x: 1 } } }
const whole = {
  title: 'T',
  description: 'D',
  version: '1',
  tags: ['x'],
  contributions: { reliability: 'banana' },
  configuration: { a: 1 },
  secrets: { g: { k: 'v' } },
  'steady-state-hypothesis': { title: 'H', probes: [probe], controls: [control] },
  method: [action, { ref: 'p' }, { ...action, name: 'b', controls: [control] }],
  rollbacks: [{ ref: 'a' }],
  controls: [control],
  extensions: [{ name: 'premortem', at: 'edge' }],
  runtime: { hypothesis: { strategy: 'continously' } }
}

test('an experiment, its references resolved', async (t) => {
  const experiment = decodeChaosExperiment(whole, env)
  t.match(experiment, {
    title: 'T', configuration: { a: 1 }, hypothesis: { title: 'H', probes: [{ name: 'p' }] }, runtime: { hypothesis: 'continuously', rollbacks: 'default' }, extensions: [{ name: 'premortem' }]
  })
  t.strictSame(experiment.method.map(({ name }) => name), ['a', 'p', 'b'])
  t.strictSame(experiment.rollbacks, [action])
  t.strictSame(experiment.controls.map(({ path }) => path), ['controls.0', 'steady-state-hypothesis.controls.0', 'method.2.controls.0'])
  t.equal(experiment.document, whole)
  t.match(decodeChaosExperiment({ title: 'T', description: 'D', method: [] }, env), { hypothesis: null, method: [], rollbacks: [], runtime: null })
})

test('of two activities with one name the later one is meant, and probes come after the method', async (t) => {
  const named = (name: string, path: string) => ({ type: 'action', name, provider: { type: 'process', path } })
  const { method } = decodeChaosExperiment({ ...whole, method: [named('p', 'sh'), named('a', 'sh'), named('a', 'env'), { ref: 'p' }, { ref: 'a' }], rollbacks: [] }, env)
  t.strictSame([method[3], method[4]!.provider.path], [probe, 'env'])
})

test('which files are the Chaos Toolkit\'s', async (t) => {
  t.ok(isChaosToolkit({ method: [] }))
  t.notOk(isChaosToolkit({ method: [], phases: {} }))
  t.notOk(isChaosToolkit({ phases: {} }))
  t.notOk(isChaosToolkit([]))
})

for (const [change, path, message] of [
  [{ title: '' }, 'title', /^InvalidExperiment: experiment requires a title/],
  [{ description: undefined }, 'description', /requires a description/],
  [{ tags: ['x', ''] }, 'tags.1', /tags must be non-empty strings/],
  [{ tags: 'x' }, 'tags', /must be a list/],
  [{ configuration: [] }, 'configuration', /must be a mapping/],
  [{ secrets: { g: 'x' } }, 'secrets.g', /groups/],
  [{ 'steady-state-hypothesis': {} }, 'steady-state-hypothesis', /hypothesis must be a mapping/],
  [{ 'steady-state-hypothesis': { probes: [] } }, 'steady-state-hypothesis.title', /requires a title/],
  [{ 'steady-state-hypothesis': { title: 'x', probes: [action] } }, 'steady-state-hypothesis.probes.0', /^InvalidActivity: .*tolerance entry/],
  [{ method: 'x' }, 'method', /must be a list/],
  [{ method: [{ ref: '' }] }, 'method.0.ref', /non-empty strings/],
  [{ method: [{ ref: 'nope' }] }, 'method.0.ref', /referenced activity 'nope' could not be found in the experiment/],
  [{ rollbacks: [{ ref: 'nope' }] }, 'rollbacks.0.ref', /'nope'/],
  [{ rollbacks: [{}] }, 'rollbacks.0', /^InvalidActivity/],
  [{ controls: [{}] }, 'controls.0', /^InvalidControl: empty/],
  [{ controls: [{ provider: control.provider }] }, 'controls.0.name', /`name`/],
  [{ controls: [{ name: 'c' }] }, 'controls.0.provider', /`provider`/],
  [{ controls: [{ name: 'c', provider: { type: 'http' } }] }, 'controls.0.provider.type', /'http'/],
  [{ controls: [{ name: 'c', provider: { type: 'python' } }] }, 'controls.0.provider.module', /module/],
  [{ extensions: [{}] }, 'extensions.0', /non-empty `name`/],
  [{ runtime: { rollbacks: { strategy: 'x' } } }, 'runtime.rollbacks.strategy', /no strategy/],
  [{ runtime: { hypothesis: 'x' } }, 'runtime.hypothesis', /must be a mapping/]
] as [object, string, RegExp][]) {
  test(`${JSON.stringify(change)} does not fit`, async (t) =>
    t.throws(() => decodeChaosExperiment({ ...whole, ...change }, env), { code: 'PMT_ERR_CHAOS_TOOLKIT', message, details: { path } }))
}

test('without a method, or without anything, there is no experiment', async (t) => {
  t.throws(() => decodeChaosExperiment({ title: 'T', description: 'D' }, env), { message: /requires a method/ })
  for (const nothing of [{}, [], null, 'x']) t.throws(() => decodeChaosExperiment(nothing, env), { message: /an empty experiment is not an experiment/ })
})
