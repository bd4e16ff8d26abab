import { test } from 'tap'
import { VALUE_TYPES, readValue } from '../../../src/adapters/chaos-toolkit/values.ts'
import type { Json } from '../../../src/adapters/chaos-toolkit/types.ts'

for (const [text, type, value] of [
  ['7', 'str', '7'], ['7', 'string', '7'], ['7', 'bytes', '7'], [' -7 ', 'int', -7], ['1_000', 'integer', 1000], ['1.5', 'float', 1.5], ['2', 'number', 2],
  ['no', 'bool', false], ['False', 'bool', false], ['0', 'bool', false], ['off', 'bool', true], ['1', 'bool', true], ['{"a": [1]}', 'json', { a: [1] }]
] as [string, string, Json][]) test(`${text} as ${type}`, async (t) => t.strictSame(readValue(text, type, 'x'), value))

test('what does not fit is named', async (t) => {
  for (const [text, type] of [['1.5', 'int'], ['many', 'float'], ['', 'float'], ['{', 'json']]) {
    t.throws(() => readValue(text!, type!, 'configuration.x'), { code: 'PMT_ERR_CHAOS_TOOLKIT', message: /does not fit its type/, details: { path: 'configuration.x', found: text } })
  }
  t.throws(() => readValue('1', 'octal', 'x'), { message: /no such type/, details: { wanted: VALUE_TYPES.join(', ') } })
})
