import fc from 'fast-check'
import { test } from 'tap'
import { MatchSchema, compileMatch } from '../../src/faults/match.ts'
import type { Match } from '../../src/faults/match.ts'
import { decode } from '../../src/kernel/schema.ts'
import { requestHead } from '../helpers/heads.ts'

const fits = (match: Match, head: Parameters<typeof requestHead>[0]): boolean => compileMatch(match)(requestHead(head))

test('with nothing to match, everything fits', async (t) => {
  t.ok(compileMatch(undefined)(requestHead()))
  t.ok(compileMatch({})(requestHead()))
})

test('methods, whatever their case', async (t) => {
  t.ok(fits({ method: 'post' }, { method: 'POST' }))
  t.notOk(fits({ method: 'POST' }, { method: 'GET' }))
  t.ok(fits({ method: ['PUT', 'patch'] }, { method: 'PATCH' }))
})

test('paths', async (t) => {
  const table: [string | string[], string, boolean][] = [
    ['/charge', '/charge', true], ['/charge', '/charge/1', false], ['/charge', '/Charge', false],
    ['/charge/*', '/charge/1', true], ['/charge/*', '/charge/1/2', false], ['/charge/*', '/charge/', true], ['/charge/*', '/charge', false],
    ['/charge/**', '/charge/1/2', true], ['/**/edit', '/a/b/edit', true], ['/**/edit', '/edit', false], ['**', '/anything/at/all', true],
    ['/a/*/c', '/a/b/c', true], ['/a/*/c', '/a/b/b/c', false], ['/v*/x', '/v2/x', true],
    ['/a***b', '/a/x/b', true], ['/****', '/a/b', true],
    ['/a.b', '/a.b', true], ['/a.b', '/aXb', false], ['/a(b|c)[d]+$', '/a(b|c)[d]+$', true], ['/a?', '/a', false],
    [['/a', '/b/*'], '/b/1', true], [['/a', '/b/*'], '/c', false], ['/a**', '/a\nb', true]
  ]
  for (const [path, found, expected] of table) t.equal(fits({ path }, { path: found }), expected, `${path} ${found}`)
})

test('hosts, whatever their case', async (t) => {
  t.ok(fits({ host: 'API.internal' }, { host: 'api.INTERNAL' }))
  t.ok(fits({ host: '*.internal' }, { host: 'api.internal' }))
  t.notOk(fits({ host: '*.internal' }, { host: 'internal' }))
  t.ok(fits({ host: ['a.test', 'b.test'] }, { host: 'b.test' }))
})

test('headers: there with any value, with a value, with a pattern; all of them', async (t) => {
  const headers = { 'x-tenant': 'acme', accept: 'text/html' }
  t.ok(fits({ header: { 'X-Tenant': '*' } }, { headers }))
  t.ok(fits({ header: { accept: '*' } }, { headers }), 'a lone star takes slashes too')
  t.notOk(fits({ header: { 'x-user': '*' } }, { headers }))
  t.ok(fits({ header: { 'x-tenant': 'acme' } }, { headers }))
  t.notOk(fits({ header: { 'x-tenant': 'ACME' } }, { headers }))
  t.ok(fits({ header: { accept: 'text/*' } }, { headers }))
  t.notOk(fits({ header: { accept: 'text/*', 'x-tenant': 'other' } }, { headers }))
})

test('every field given must fit', async (t) => {
  const match = { method: 'POST', path: '/charge/**', host: 'pay.test', header: { 'x-tenant': 'acme' } }
  const head = { method: 'POST', path: '/charge/1', host: 'pay.test', headers: { 'x-tenant': 'acme' } }
  t.ok(fits(match, head))
  for (const other of [{ method: 'GET' }, { path: '/' }, { host: 'x' }, { headers: {} }]) t.notOk(fits(match, { ...head, ...other }))
})

test('a pattern without stars is the text itself, whatever is in it', async () => {
  const text = fc.string({ minLength: 1 }).filter((s) => !s.includes('*'))
  fc.assert(fc.property(text, text, (pattern, path) => fits({ path: pattern }, { path }) === (pattern === path)))
  fc.assert(fc.property(text, (path) => fits({ path }, { path })))
})

test('what a match may not be', async (t) => {
  const table: [unknown, string][] = [
    [{ method: '' }, 'method'], [{ method: [] }, 'method'], [{ path: 5 }, 'path'], [{ host: null }, 'host'],
    [{ header: 'x' }, 'header'], [{ header: { x: 5 } }, 'header.x'], [{ header: { 'x y': 'z' } }, 'header.x y'], [{ query: 'a' }, 'query'], ['/path', '']
  ]
  for (const [match, path] of table) t.throws(() => decode(MatchSchema, match), { code: 'PMT_ERR_INVALID', details: { path } }, JSON.stringify(match))
})

test('several stars mean what a regular expression says they mean', async () => {
  const glob = fc.array(fc.constantFrom('*', '**', 'a', 'b', '/', 'ab'), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
  const path = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 10 }).map((parts) => parts.join(''))
  fc.assert(fc.property(glob, path, (pattern, text) => {
    const source = pattern.replace(/\*+/g, (stars) => stars === '*' ? '[^/]*' : '.*')
    return fits({ path: pattern }, { path: text }) === new RegExp(`^${source}$`).test(text)
  }), { numRuns: 5000 })
})

test('a path made to send a pattern back and forth is decided all the same', async (t) => {
  // A regular expression was still at the first of these after ten minutes.
  t.notOk(fits({ path: '/**a**b**c**d' }, { path: `/${'ab'.repeat(16_000)}${'c'.repeat(30_000)}` }))
  t.notOk(fits({ path: '/**/a/**/b' }, { path: `/${'/a/x'.repeat(16_000)}` }))
  t.ok(fits({ path: '/**a**b**c**d' }, { path: `/${'ab'.repeat(16_000)}${'c'.repeat(30_000)}d` }))
})
