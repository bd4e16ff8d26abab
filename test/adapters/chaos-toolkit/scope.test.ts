/* eslint-disable no-template-curly-in-string -- this is how it is written in a file */
import { test } from 'tap'
import { decodeChaosExperiment } from '../../../src/adapters/chaos-toolkit/document.ts'
import { NO_OVERRIDES, loadScope, secretTexts } from '../../../src/adapters/chaos-toolkit/scope.ts'
import type { ScopeTools } from '../../../src/adapters/chaos-toolkit/scope.ts'
import type { Json } from '../../../src/adapters/chaos-toolkit/types.ts'

const experiment = (configuration: object, secrets: object = {}) => decodeChaosExperiment({ title: 't', description: 'd', method: [], configuration, secrets }, {})
const tools = (env: Record<string, string>, output?: Json): ScopeTools & { warned: string[] } => {
  const warned: string[] = []
  return { env, runProbe: async () => output, warn: (words) => warned.push(words), warned }
}

test('literals, and the environment with types and defaults', async (t) => {
  const { configuration, secrets } = await loadScope(experiment(
    { a: 1, b: { x: [1] }, c: { type: 'env', key: 'C', env_var_type: 'int' }, d: { type: 'env', key: 'D', default: [1] }, e: { type: 'env', key: 'E' } },
    { g: { k: 'v', e: { type: 'env', key: 'C' } } }
  ), NO_OVERRIDES, tools({ C: '7', E: 'e' }))
  t.strictSame(configuration, { a: 1, b: { x: [1] }, c: 7, d: [1], e: 'e' })
  t.strictSame(secrets, { g: { k: 'v', e: '7' } })
  t.strictSame(secretTexts({ configuration, secrets: { g: { k: 'v', n: 5, deep: { x: ['y', 'v'] }, no: null, yes: true, empty: '' } } }), ['v', '5', 'y'])
})

test('what is not in the environment, or cannot be had here, is refused by its path', async (t) => {
  await t.rejects(loadScope(experiment({ a: { type: 'env', key: 'NO' } }), NO_OVERRIDES, tools({})), {
    message: 'InvalidExperiment: Configuration makes reference to an environment key that does not exist: NO', details: { path: 'configuration.a' }
  })
  await t.rejects(loadScope(experiment({}, { g: { a: { type: 'env', key: 'NO' } } }), NO_OVERRIDES, tools({})), { message: /^InvalidExperiment: Secrets makes/, details: { path: 'secrets.g.a' } })
  await t.rejects(loadScope(experiment({}, { g: { a: { type: 'vault', path: 'p' } } }), NO_OVERRIDES, tools({})), { message: /Vault/, details: { path: 'secrets.g.a' } })
})

test('dynamic values come from probes, after the others; one that fails is left out', async (t) => {
  const probe = (type: string) => ({ x: { type: 'probe', name: 'x', provider: { type, path: 'sh', url: '${y}' } }, y: 'http://x/' })
  for (const [type, output, value] of [
    ['python', { any: 'thing' }, { any: 'thing' }], ['process', { status: 0, stdout: ' 7\n', stderr: '' }, '7'], ['http', { status: 500, headers: {}, body: { a: 1 } }, { a: 1 }]
  ] as [string, Json, Json][]) {
    const seen: Json[] = []
    const { configuration } = await loadScope(experiment(probe(type)), NO_OVERRIDES, {
      ...tools({}), runProbe: async (_, scope) => {
        seen.push(scope.configuration.y!)
        return output
      }
    })
    t.strictSame(configuration, { y: 'http://x/', x: value })
    t.strictSame(seen, ['http://x/'])
  }
  for (const output of [undefined, { status: 1, stdout: 'x', stderr: '' }]) {
    const failing = tools({}, output)
    t.strictSame((await loadScope(experiment(probe('process')), NO_OVERRIDES, failing)).configuration, { y: 'http://x/' })
    t.match(failing.warned, [/`x` has no value/])
  }
})

test('a variable wins over a file, and a file over the experiment', async (t) => {
  const { configuration, secrets } = await loadScope(experiment({ a: { type: 'env', key: 'NO' }, b: 1, c: 1 }, { g: { k: 1, l: 1 } }), {
    vars: { a: 3 }, configuration: { a: 2, b: 2, d: { type: 'env', key: 'D' } }, secrets: { g: { k: 2 }, h: { m: 2 } }
  }, tools({ D: 'd' }))
  t.strictSame(configuration, { a: 3, b: 2, c: 1, d: 'd' })
  t.strictSame(secrets, { g: { k: 2, l: 1 }, h: { m: 2 } })
})
