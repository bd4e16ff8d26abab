/* eslint-disable no-template-curly-in-string -- this is how it is written in a file */
import { test } from 'tap'
import { PythonTypeError } from '../../../src/adapters/chaos-toolkit/python.ts'
import { isWithin } from '../../../src/adapters/chaos-toolkit/tolerance.ts'
import type { ToleranceTools } from '../../../src/adapters/chaos-toolkit/tolerance.ts'
import type { Activity, Json } from '../../../src/adapters/chaos-toolkit/types.ts'

const seen: Activity[] = []
const tools: ToleranceTools = {
  scope: { configuration: { ok: 200, word: 'fine', ratio: 0.5, low: [1, 3], pattern: '^f', name: 'baz', none: null }, secrets: {} },
  runProbe: async (probe) => {
    seen.push(probe)
    const { value } = probe.provider.arguments as { value: Json }
    return value === 'fail' ? undefined : value
  }
}
const http = (status: number, body: Json = ''): Json => ({ status, headers: {}, body })
const V = { foo: [{ baz: 1 }, { baz: 2 }] }
const probe = { type: 'probe', name: 'p', provider: { type: 'process', path: 'true', arguments: { a: 1 } } }

const VECTORS: [Json, Json, boolean][] = [
  [true, true, true], [true, 1, true], [true, 'true', false], [false, 0, true], [false, null, false], [true, http(200), false],
  ['x', 'x', true], ['200', http(200), false], ['x', 'xy', false],
  ['${ok}', http(200), true], ['${word}', 'fine', true], ['${ratio}', 0.5, false], ['${low}', 2, true], ['${none}', null, false], ['${unknown}', '${unknown}', true],
  [200, http(200), true], [200, http(500), false], [1, true, true], [3, 3, true], [3, '3', false], [0, { status: false }, true],
  [[200, 204], http(202), false], [[200, 204], http(204), true], [[200], http(200), true],
  [[1, 3], 2, true], [[1, 3], 3, true], [[1, 3], 4, false], [['a', 'c'], 'b', true], [[1, 2, 3], 2, true], [[1, 2, 3], 5, false], [['a'], 'a', true],
  [{ type: 'range', range: [1, 2] }, '1.5', true], [{ type: 'range', range: [1, 2] }, ' 1.5\n', true], [{ type: 'range', range: [1, 2] }, 'many', false],
  [{ type: 'range', range: [1, 2] }, '', false], [{ type: 'range', range: [1, 2] }, 2.1, false], [{ type: 'range', range: [1, 2] }, 'inf', false], [{ type: 'range', range: [0, 1] }, true, true],
  [{ type: 'range', range: [1, 2], target: 'body' }, http(200, 2), true], [{ type: 'range', range: [1, 2], target: 'nobody' }, 1, true],
  [{ type: 'regex', pattern: 'in' }, 'fine', true], [{ type: 'regex', pattern: '^in' }, 'fine', false], [{ type: 'regex', pattern: '${pattern}' }, 'fine', true],
  [{ type: 'regex', pattern: '^ok$', target: 'stdout' }, { status: 0, stdout: 'ok\n', stderr: '' }, true],
  [{ type: 'jsonpath', path: '$.foo.*[?(@.baz)]' }, V, true], [{ type: 'jsonpath', path: '$.notsofoo.*[?(@.baz)].baz' }, V, false],
  [{ type: 'jsonpath', path: '$.foo.*[?(@.${name}=2)]', count: 1 }, V, true], [{ type: 'jsonpath', path: '$.foo.*[?(@.baz)]', count: 2 }, V, true],
  [{ type: 'jsonpath', path: '$.foo.*[?(@.baz)]', count: 1 }, V, false], [{ type: 'jsonpath', path: '$.foo[*].baz' }, JSON.stringify(V), true],
  [{ type: 'jsonpath', path: '$.foo[*].baz', target: 'body' }, http(200, V), true], [{ type: 'jsonpath', path: '$.foo' }, 'no json', false],
  [{ type: 'jsonpath', path: '$.foo[?(@.baz)].baz', expect: [['hello', 'bonjour']] }, { foo: { baz: ['hello', 'bonjour'] } }, true],
  [{ type: 'jsonpath', path: '$.foo[?(@.baz)].baz', expect: [] }, { foo: { jon: 'boom' } }, true],
  [{ type: 'jsonpath', path: '$.a', expect: '${ok}', count: 7 }, { a: 200 }, true], [{ type: 'jsonpath', path: '$.a', expect: 'x' }, { a: 200 }, false],
  [probe, 'anything', true], [probe, 0, false], [probe, {}, false], [probe, 'fail', false]
]

for (const [tolerance, value, within] of VECTORS) {
  test(`${JSON.stringify(tolerance)} of ${JSON.stringify(value)}: ${within}`, async (t) => t.equal(await isWithin(tolerance, value, tools), within))
}

test('what ends in a TypeError there is one here', async (t) => {
  for (const [tolerance, value] of [
    [{ type: 'range', range: [1, 2] }, http(200)], [{ type: 'range', range: [1, 2] }, null], [{ type: 'regex', pattern: 'x' }, http(200)],
    [{ type: 'regex', pattern: '${ok}' }, 'x'], [[1, 2], 'x'], [[1, 2], null]
  ] as [Json, Json][]) await t.rejects(isWithin(tolerance, value, tools), PythonTypeError, JSON.stringify([tolerance, value]))
})

test('a probe as tolerance gets the value beside its own arguments', async (t) => {
  await isWithin(probe, 'given', tools)
  t.match(seen.at(-1), { name: 'p', provider: { arguments: { a: 1, value: 'given' } } })
})
