/* eslint-disable no-template-curly-in-string -- this is how it is written in a file */
import { test } from 'tap'
import { checkTolerance } from '../../../src/adapters/chaos-toolkit/tolerance-document.ts'
import type { Json } from '../../../src/adapters/chaos-toolkit/types.ts'

const probes: string[] = []
const check = (tolerance: Json): void => checkTolerance(tolerance, 'tolerance', (_, path) => { probes.push(path) })

test('what is a tolerance', async (t) => {
  for (const tolerance of [
    true, 200, 'x', [], [1, 2], { type: 'range', range: [1, 2.5] }, { type: 'regex', pattern: '(?P<x>a)' }, { type: 'regex', pattern: '(${x}' },
    { type: 'jsonpath', path: '$.a', count: 1 }, { type: 'jsonpath', path: '${x}' }
  ] as Json[]) t.doesNotThrow(() => check(tolerance), JSON.stringify(tolerance))
  check({ type: 'probe' })
  t.strictSame(probes, ['tolerance'])
})

for (const [tolerance, path, message] of [
  [0.5, 'tolerance', /must either be an integer, a string/],
  [null, 'tolerance', /must either be/],
  [{}, 'tolerance.type', /unsupported/],
  [{ type: 'sql' }, 'tolerance.type', /'sql' is unsupported/],
  [{ type: 'regex' }, 'tolerance.pattern', /must have a `pattern` key/],
  [{ type: 'regex', pattern: '(' }, 'tolerance.pattern', /does not compile/],
  [{ type: 'jsonpath', path: '' }, 'tolerance.path', /must have a `path` key/],
  [{ type: 'jsonpath', path: '$.a[?(@.b == 1)]' }, 'tolerance.path', /is invalid/],
  [{ type: 'jsonpath', path: '$.a', count: 'x' }, 'tolerance.count', /must be a number/],
  [{ type: 'range' }, 'tolerance.range', /two numbers/],
  [{ type: 'range', range: [1] }, 'tolerance.range', /two numbers/],
  [{ type: 'range', range: ['a', 2] }, 'tolerance.range', /two numbers/]
] as [Json, string, RegExp][]) {
  test(`${JSON.stringify(tolerance)} is none`, async (t) => t.throws(() => check(tolerance), { code: 'PMT_ERR_CHAOS_TOOLKIT', message, details: { path } }))
}
