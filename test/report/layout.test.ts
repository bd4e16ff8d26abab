import { test } from 'tap'
import { columns, paint, percent, plain, supportsUnicode, wrap } from '../../src/report/layout.ts'
import { PLAIN } from '../../src/report/layout.ts'

test('percentages never look better than they are', async (t) => {
  t.equal(percent(0.999999), '99.99%')
  t.equal(percent(1), '100%')
  t.equal(percent(0.57), '57%')
  t.equal(percent(0.989998), '98.99%')
  t.equal(percent(0.00001, 'up'), '0.01%')
  t.equal(percent(0, 'up'), '0%')
  t.equal(percent(0.57, 'up'), '57%')
})

test('wrap breaks at spaces and keeps long words whole', async (t) => {
  t.same(wrap('one two three', 8), ['one two', 'three'])
  t.same(wrap('one two three', 8, '  '), ['one two', '  three'])
  t.same(wrap('extraordinary words', 5), ['extraordinary', 'words'])
  t.same(wrap('', 5), [''])
})

test('columns are as wide as their widest cell, whatever its style', async (t) => {
  const rows = [['a', 'b'], [{ text: 'long', style: 'red' as const }, '1'], ['x', '22']]
  t.same(columns(rows, PLAIN, { right: [1], indent: ' ' }), [' a      b', ' --------', ' long   1', ' x     22'])
  const coloured = columns(rows, { ...PLAIN, color: true, unicode: true })
  t.equal(coloured[2], '\u001b[31mlong\u001b[39m  1')
  t.match(coloured[1], '────────')
})

test('control characters do not reach the terminal', async (t) => {
  t.equal(plain('a\u001b[31m\r\nb\u009b2Jc\u0000d\u001b'), 'a bc d ')
  t.equal(paint(PLAIN, 'red', 'x'), 'x')
})

test('unicode by locale', async (t) => {
  t.equal(supportsUnicode({ LANG: 'en_GB.UTF-8' }), true)
  t.equal(supportsUnicode({ LANG: 'C.utf8' }), true)
  t.equal(supportsUnicode({ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }), false)
  t.equal(supportsUnicode({ LANG: 'en_GB.UTF-8', TERM: 'dumb' }), false)
  t.equal(supportsUnicode({}), false)
})
