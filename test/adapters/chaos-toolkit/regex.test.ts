import { test } from 'tap'
import { pythonRegex } from '../../../src/adapters/chaos-toolkit/regex.ts'

const finds = (pattern: string, text: string): boolean => pythonRegex(pattern).test(text)

test('what Python writes otherwise', async (t) => {
  t.ok(finds('(?i)ok', 'all OK'))
  t.ok(finds('(?P<n>a)(?P=n)', 'aa'))
  t.notOk(finds('(?P<n>a)(?P=n)', 'ab'))
  t.ok(finds('\\Aab\\Z', 'ab'))
  t.notOk(finds('\\Aab\\Z', 'ab\n'))
  t.ok(finds('^ok$', 'ok\n'), 'a dollar also stands before the last line break')
  t.notOk(finds('^ok$', 'ok\n\n'))
  t.notOk(finds('^b', 'a\nb'))
  t.ok(finds('(?m)^b$', 'a\nb\nc'))
  t.notOk(finds('a.c', 'a\nc'))
  t.ok(finds('a.c', 'a\rc'))
  t.ok(finds('(?s)a.c', 'a\nc'))
})

test('classes are left alone', async (t) => {
  t.ok(finds('[.$^]', '$'))
  t.notOk(finds('[.]', 'x'))
  t.ok(finds('[]x]', ']'))
  t.notOk(finds('[^]x]', ']'))
  t.ok(finds('a[\\]]b', 'a]b'))
  t.ok(finds('\\$\\.', '$.'))
})

test('what is no pattern is refused', async (t) => {
  t.throws(() => pythonRegex('('), SyntaxError)
})
