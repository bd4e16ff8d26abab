import { test } from 'tap'
import { JsonPathError, parseJsonPath } from '../../../src/adapters/chaos-toolkit/jsonpath-parser.ts'

test('steps', async (t) => {
  t.strictSame(parseJsonPath('$'), [])
  t.strictSame(parseJsonPath('$.a[0]..b'), [
    { deep: false, selectors: [{ kind: 'key', key: 'a' }] },
    { deep: false, selectors: [{ kind: 'index', index: 0 }] },
    { deep: true, selectors: [{ kind: 'key', key: 'b' }] }
  ])
  t.strictSame(parseJsonPath('$["a b", -1, *]'), [{ deep: false, selectors: [{ kind: 'key', key: 'a b' }, { kind: 'index', index: -1 }, { kind: 'wildcard' }] }])
  t.match(parseJsonPath('$[0:2:1]'), [{ selectors: [{ kind: 'slice', start: 0, stop: 2, step: 1 }] }])
  t.match(parseJsonPath('$[::-1]'), [{ selectors: [{ kind: 'slice', start: undefined, stop: undefined, step: -1 }] }])
})

test('`or` binds tighter than `and`', async (t) => {
  t.match(parseJsonPath('$[?(@.a or @.b and @.c or @.d)]'), [{ selectors: [{ condition: { kind: 'and', left: { kind: 'or' }, right: { kind: 'or' } } }] }])
})

for (const text of ['', 'a', '$.', '$.1', "$['a']", '$[?(@.a == 1)]', '$[?(@.a = 1)', '$[]', '$[1.5]', '$[::0]', '$.a.foo()', '$ x', '$[?()]', '$[?(@.a = \'x\')]', '$.é']) {
  test(`\`${text}\` is refused`, async (t) => {
    t.throws(() => parseJsonPath(text), { name: 'JsonPathError', message: /character \d|found|was expected/ })
    t.throws(() => parseJsonPath(text), JsonPathError)
  })
}
