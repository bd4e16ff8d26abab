import fc from 'fast-check'
import { test } from 'tap'
import { compilePattern, compilePatterns, isExpression } from '../../src/kernel/pattern.ts'
import { PremortemError } from '../../src/kernel/errors.ts'

const fits = (pattern: string, text: string): boolean => compilePattern(pattern).test(text)

test('globs', async (t) => {
  const table: [string, string, boolean][] = [
    ['/charge', '/charge', true], ['/charge', '/charge/1', false], ['/charge', '/Charge', false],
    ['/charge/*', '/charge/1', true], ['/charge/*', '/charge/1/2', false], ['/charge/*', '/charge/', true], ['/charge/*', '/charge', false],
    ['/charge/**', '/charge/1/2', true], ['/**/edit', '/a/b/edit', true], ['/**/edit', '/edit', false], ['**', '/anything/at/all', true],
    ['/a/*/c', '/a/b/c', true], ['/a/*/c', '/a/b/b/c', false], ['/v*/x', '/v2/x', true],
    ['/a***b', '/a/x/b', true], ['/****', '/a/b', true], ['/*/x/*', '/1/x/2', true], ['/*/x/*', '/1/x/2/3', false],
    ['/a.b', '/a.b', true], ['/a.b', '/aXb', false], ['/a(b|c)[d]+$', '/a(b|c)[d]+$', true], ['/a?', '/a', false],
    ['/a**', '/a\nb', true], ['/a/', '/a/', true], ['/a.b+c?/', '/a.b+c?/', true], ['/Products(1)/name', '/Products(1)/name', true], ['', '', true]
  ]
  for (const [glob, text, expected] of table) t.equal(fits(glob, text), expected, `${glob} ${text}`)
})

test('regular expressions stand between slashes and have a sign that no path has', async (t) => {
  t.ok(fits('/^\\/users\\/\\d+$/', '/users/42'))
  t.notOk(fits('/^\\/users\\/\\d+$/', '/users/me'))
  t.ok(fits('/(GET|PUT)/', 'a PUT b'), 'anywhere, if it does not say where')
  t.ok(fits('/^/a/[bc]$/', '/a/c'), 'a slash in it needs no backslash')
  t.ok(fits('/^[0-9a-f]{16}[0-9a-f]{16}$/', '0123456789abcdef'.repeat(2)))
  t.same(['/a/', '/a', 'a|b', '/a|b/', '/a\\b/', '/x{2}/'].map(isExpression), [false, false, false, true, true, true])
})

test('a pattern without stars and signs is the text itself', async () => {
  const text = fc.string({ minLength: 1 }).filter((s) => !s.includes('*') && !isExpression(s))
  fc.assert(fc.property(text, text, (pattern, path) => fits(pattern, path) === (pattern === path)))
  fc.assert(fc.property(text, (path) => fits(path, path)))
})

test('several stars mean what a regular expression says they mean', async () => {
  const glob = fc.array(fc.constantFrom('*', '**', 'a', 'b', '/', 'ab'), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
  const path = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 10 }).map((parts) => parts.join(''))
  fc.assert(fc.property(glob, path, (pattern, text) => {
    const source = pattern.replace(/\*+/g, (stars) => stars === '*' ? '[^/]*' : '.*')
    return fits(pattern, text) === new RegExp(`^${source}$`).test(text)
  }), { numRuns: 5000 })
})

test('what could take hours on a text made for it is refused, and says what to write', async (t) => {
  for (const found of ['/^(a+)+\\1$/', '/^(?=(a+)+$)b/', '/^(?!x(a+)+$)/', '/[0-9a-f]{32}/', '/(a{5}){5}/']) {
    t.throws(() => compilePattern(found), {
      code: 'PMT_ERR_INVALID', message: /could take hours/, details: { found, wanted: 'a regular expression between slashes, or a glob', hint: /without back-references, look-around and counts above 16/ }
    }, found)
  }
})

test('a broken expression and one with flags are refused', async (t) => {
  t.throws(() => compilePattern('/a(b/'), { code: 'PMT_ERR_INVALID', message: 'not a regular expression: Unterminated group', details: { found: '/a(b/' } })
  t.throws(() => compilePattern('/^[z-a]$/'), { code: 'PMT_ERR_INVALID', message: /out of order/ })
  for (const found of ['/^a$/i', '/^a$/gi']) t.throws(() => compilePattern(found), { code: 'PMT_ERR_INVALID', details: { found, hint: 'for either case write both, as in [aA]' } })
})

test('a text made to send a pattern back and forth is decided all the same', async (t) => {
  // Backtracking was still at the first of these after ten minutes.
  const evil = `/${'ab'.repeat(16_000)}${'c'.repeat(30_000)}`
  t.notOk(fits('/**a**b**c**d', evil))
  t.ok(fits('/**a**b**c**d', `${evil}d`))
  t.notOk(fits('/**/a/**/b', `/${'/a/x'.repeat(16_000)}`))
  t.notOk(fits('/^/(a|b|ab)*.*a.*b.*c.*d$/', evil))
  for (const source of ['/^(a+)+$/', '/^(a|aa)+$/', '/^(a|a)*$/', '/^([a-z]+)*$/', '/(a*)*b$/', '/^(.*a){12}$/']) t.notOk(fits(source, `${'a'.repeat(60_000)}!`), source)
})

test('again and again: no compiled code behind it forgets', async (t) => {
  const pattern = compilePattern('/^(a+)+$/')
  for (let i = 0; i < 50; i++) if (pattern.test(`${'a'.repeat(5000)}!`)) t.fail('it fits')
  t.ok(pattern.test('aaa'))
})

test('one of a list must fit, and errors name which is wrong', async (t) => {
  const pattern = compilePatterns(['/a', '/b/*'], 'match.path')
  t.same(['/a', '/b/1', '/c'].map((text) => pattern.test(text)), [true, true, false])
  t.ok(compilePatterns('API', 'x', (text) => text.toLowerCase()).test('api'))
  t.notOk(compilePatterns([], 'never').test('/'))
  t.throws(() => compilePatterns(['/a', '/(/'], 'match.path'), { code: 'PMT_ERR_INVALID', details: { path: 'match.path.1' } })
  t.throws(() => compilePatterns('/(/', 'match.path'), { code: 'PMT_ERR_INVALID', details: { path: 'match.path' } })
})

test('any text is a pattern or is refused as one', async () => {
  const text = fc.oneof(fc.string(), fc.string().map((s) => `/${s}(/`), fc.stringMatching(/^\/[\\^$()[\]{}|a-c+*?.]{0,20}\/$/))
  fc.assert(fc.property(text, fc.string(), (pattern, against) => {
    try {
      compilePattern(pattern).test(against)
    } catch (error) {
      if (!(error instanceof PremortemError)) throw error
    }
  }), { numRuns: 3000 })
})
