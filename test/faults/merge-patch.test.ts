import { test } from 'tap'
import { mergePatch } from '../../src/faults/merge-patch.ts'

// RFC 7396, appendix A: original, patch, result.
const CASES: [unknown, unknown, unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [['a', 'b'], ['c', 'd'], ['c', 'd']],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }]
]

test('every example of the RFC', async (t) => {
  for (const [original, patch, result] of CASES) {
    t.strictSame(mergePatch(original, patch), result, JSON.stringify([original, patch]))
  }
})

test('what it is given stays as it was, and so do prototypes', async (t) => {
  const original = Object.freeze({ a: Object.freeze({ b: 1 }) })
  t.strictSame(mergePatch(original, { a: { c: 2 } }), { a: { b: 1, c: 2 } })
  const merged = mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}')) as object
  t.equal(JSON.stringify(merged), '{"__proto__":{"polluted":true}}')
  t.equal(Object.getPrototypeOf(merged), Object.prototype)
  t.notOk('polluted' in {})
})
