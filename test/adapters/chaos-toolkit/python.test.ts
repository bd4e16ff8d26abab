import { test } from 'tap'
import { PythonTypeError, pythonCompare, pythonEquals, pythonJson, pythonText, pythonTruth, pythonType } from '../../../src/adapters/chaos-toolkit/python.ts'

test('equality is by value, and True is 1', async (t) => {
  t.ok(pythonEquals(true, 1))
  t.ok(pythonEquals(0, false))
  t.notOk(pythonEquals('1', 1))
  t.notOk(pythonEquals(null, 0))
  t.ok(pythonEquals(null, null))
  t.ok(pythonEquals({ a: [1, { b: 'x' }] }, { a: [true, { b: 'x' }] }))
  t.notOk(pythonEquals({ a: 1 }, { b: 1 }))
  t.notOk(pythonEquals([1, 2], [1]))
  t.notOk(pythonEquals([], {}))
})

test('order is of numbers, of texts by code points, and of lists; of nothing else', async (t) => {
  t.ok(pythonCompare(1, 2) < 0)
  t.ok(pythonCompare(true, 0) > 0)
  t.ok(pythonCompare('a', 'b') < 0)
  t.ok(pythonCompare('ab', 'a') > 0)
  t.ok(pythonCompare('\uffff', '\u{10000}') < 0, 'UTF-16 would say otherwise')
  t.ok(pythonCompare([1, 2], [1, 3]) < 0)
  t.ok(pythonCompare([1], [1, 3]) < 0)
  t.equal(pythonCompare([1], [1]), 0)
  t.throws(() => pythonCompare('1', 1), new PythonTypeError("'<=' not supported between instances of 'str' and 'int'"))
  t.throws(() => pythonCompare({}, {}), PythonTypeError)
})

test('text, truth and types are Python\'s', async (t) => {
  t.equal(pythonText('x'), 'x')
  t.equal(pythonText(true), 'True')
  t.equal(pythonText(null), 'None')
  t.equal(pythonText({ k: [1, "it's", 'a "b" \'c\'\n'] }), '{\'k\': [1, "it\'s", \'a "b" \\\'c\\\'\\n\']}')
  t.strictSame([{}, [], '', 0, null, false].map(pythonTruth), Array(6).fill(false))
  t.strictSame([{ a: 0 }, [0], '0', -1, true].map(pythonTruth), Array(5).fill(true))
  t.strictSame([null, true, 1, 1.5, '', [], {}].map(pythonType), ['NoneType', 'bool', 'int', 'float', 'str', 'list', 'dict'])
})

test('JSON has sorted keys, spaces, and ASCII only', async (t) => {
  t.equal(pythonJson({ b: [1, null, true], a: 'é\u{1f600}"\n', A: {} }), '{"A": {}, "a": "\\u00e9\\ud83d\\ude00\\"\\n", "b": [1, null, true]}')
})
