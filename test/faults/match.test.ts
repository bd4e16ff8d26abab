import { test } from 'tap'
import { ConnectionMatchSchema, HandshakeMatchSchema, MatchSchema, compileMatch } from '../../src/faults/match.ts'
import type { Match } from '../../src/faults/match.ts'
import { decode } from '../../src/kernel/schema.ts'
import { handshake } from '../helpers/handshakes.ts'
import { requestHead, responseHead } from '../helpers/heads.ts'

type Head = Parameters<typeof requestHead>[0]

const miss = (match: Match, head: Head): string | null => compileMatch(match).request(requestHead(head))

const fits = (match: Match, head: Head): boolean => miss(match, head) === null

test('with nothing to match, everything fits, and no response is waited for', async (t) => {
  for (const match of [undefined, {}]) {
    const matcher = compileMatch(match)
    t.equal(matcher.request(requestHead()), null)
    t.equal(matcher.client('10.0.0.1'), null)
    t.equal(matcher.handshake(handshake({ sni: undefined })), null)
    t.equal(matcher.response, null)
  }
})

test('methods, whatever their case', async (t) => {
  t.ok(fits({ method: 'post' }, { method: 'POST' }))
  t.equal(miss({ method: 'POST' }, { method: 'GET' }), 'method')
  t.ok(fits({ method: ['PUT', 'patch'] }, { method: 'PATCH' }))
})

test('paths: globs, expressions, lists of both', async (t) => {
  t.ok(fits({ path: '/charge/**' }, { path: '/charge/1/2' }))
  t.equal(miss({ path: '/charge/*' }, { path: '/charge/1/2' }), 'path')
  t.ok(fits({ path: ['/a', '/^\\/users\\/\\d+$/'] }, { path: '/users/7' }))
  t.notOk(fits({ path: ['/a', '/^\\/users\\/\\d+$/'] }, { path: '/users/me' }))
})

test('hosts, whatever their case; an expression stands as it is written', async (t) => {
  t.ok(fits({ host: 'API.internal' }, { host: 'api.internal' }))
  t.ok(fits({ host: '*.internal' }, { host: 'api.internal' }))
  t.equal(miss({ host: '*.internal' }, { host: 'internal' }), 'host')
  t.ok(fits({ host: ['a.test', 'B.test'] }, { host: 'b.test' }))
  t.ok(fits({ host: '/^\\D+\\.test$/' }, { host: 'b.test' }), '\\D is no \\d')
  t.notOk(fits({ host: '/^\\D+\\.test$/' }, { host: '1.test' }))
})

test('headers: there with any value, with a value, with a pattern; all of them', async (t) => {
  const headers = { 'x-tenant': 'acme', accept: 'text/html' }
  t.ok(fits({ header: { 'X-Tenant': '*' } }, { headers }))
  t.ok(fits({ header: { accept: '*' } }, { headers }), 'a lone star takes slashes too')
  t.equal(miss({ header: { 'x-user': '*' } }, { headers }), 'header.x-user')
  t.ok(fits({ header: { 'x-tenant': 'acme' } }, { headers }))
  t.notOk(fits({ header: { 'x-tenant': 'ACME' } }, { headers }))
  t.ok(fits({ header: { accept: 'text/*' } }, { headers }))
  t.ok(fits({ header: { 'x-tenant': '/^(acme|other)$/' } }, { headers }))
  t.equal(miss({ header: { accept: 'text/*', 'x-tenant': 'other' } }, { headers }), 'header.x-tenant')
})

test('query parameters, decoded; of several of one name, one must fit', async (t) => {
  const target = '/search?q=a%20b&page=2&tag=x&tag=y%2Fz&empty='
  const query = (match: Record<string, string>): boolean => fits({ query: match }, { path: '/search', target })
  t.ok(query({ q: 'a b' }))
  t.ok(query({ page: '*' }))
  t.ok(query({ page: '/^[0-9]+$/', tag: 'x' }))
  t.ok(query({ tag: 'y/z' }))
  t.ok(query({ empty: '' }))
  t.notOk(query({ page: '3' }))
  t.equal(miss({ query: { missing: '*' } }, { target }), 'query.missing')
  t.equal(miss({ query: { q: '*' } }, { target: '/search' }), 'query.q')
  t.ok(fits({ query: { q: '*' } }, { target: '/?q=%zz' }), 'broken escapes stay as they are')
})

test('client addresses and networks, v4, v6, and v4 in v6', async (t) => {
  const table: [string | string[], string, boolean][] = [
    ['10.1.2.3', '10.1.2.3', true], ['10.1.2.3', '10.1.2.4', false], ['10.1.2.3', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '10.255.0.1', true], ['10.0.0.0/8', '11.0.0.1', false], ['10.0.0.0/8', '::ffff:10.1.1.1', true], ['10.0.0.0/8', '::10.1.1.1', false],
    ['10.1.2.3/30', '10.1.2.0', true], ['10.1.2.3/30', '10.1.2.4', false],
    ['0.0.0.0/0', '203.0.113.9', true], ['0.0.0.0/0', '2001:db8::1', false],
    ['::1', '::1', true], ['::1', '127.0.0.1', false], ['2001:db8::/33', '2001:db8:7fff::1', true], ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true], ['fe80::/10', 'fe80::1', true],
    [['10.0.0.0/8', '::1'], '::1', true], [['10.0.0.0/8', '::1'], '192.0.2.1', false], ['10.0.0.0/8', '', false], ['10.0.0.0/8', 'nonsense', false]
  ]
  for (const [client, address, expected] of table) {
    t.equal(fits({ client }, { client: address }), expected, `${String(client)} ${address}`)
    t.equal(compileMatch({ client }).client(address), expected ? null : 'client')
  }
  for (const client of ['10.0.0.0/33', '::/129', '10.0.0', 'localhost', '10.0.0.0/', '10.0.0.0/x', '10.0.0.0/-1', '']) {
    t.throws(() => compileMatch({ client: ['::1', client] }, 'faults.0.match'), { code: 'PMT_ERR_INVALID', details: { path: 'faults.0.match.client.1', found: client, wanted: /10\.0\.0\.0\/8/ } }, client)
  }
})

test('statuses and headers of the response', async (t) => {
  const table: [Match, Parameters<typeof responseHead>, string | null][] = [
    [{ status: 404 }, [404], null], [{ status: 404 }, [405], 'status'], [{ status: '5xx' }, [503], null], [{ status: '5xx' }, [499], 'status'],
    [{ status: [200, '4xx'] }, [418], null], [{ status: ['200'] }, [200], null],
    [{ 'response-header': { 'Content-Type': 'application/json' } }, [200, { 'content-type': 'application/json' }], null],
    [{ 'response-header': { 'content-type': 'application/*' } }, [200, { 'content-type': 'text/html' }], 'response-header.content-type'],
    [{ status: 200, 'response-header': { etag: '*' } }, [200, {}], 'response-header.etag']
  ]
  for (const [match, response, expected] of table) {
    const matcher = compileMatch(match)
    t.equal(matcher.response?.(responseHead(...response)), expected, JSON.stringify(match))
    t.equal(matcher.request(requestHead()), null, 'the request alone says nothing against it')
  }
})

test('handshakes: by the name asked for, and by client', async (t) => {
  const table: [Match, Parameters<typeof handshake>, string | null][] = [
    [{ sni: 'API.internal' }, [{ sni: 'api.internal' }], null], [{ sni: '*.internal' }, [{ sni: 'api.internal' }], null],
    [{ sni: '*.internal' }, [{ sni: 'a.b.internal' }], null], [{ sni: '*.internal' }, [{ sni: 'internal' }], 'sni'],
    [{ sni: ['a.test', '/^b[0-9]+\\.test$/'] }, [{ sni: 'b7.test' }], null], [{ sni: ['a.test', 'b.test'] }, [{ sni: 'c.test' }], 'sni'],
    [{ sni: '**' }, [{ sni: undefined }], 'sni'],
    [{ client: '10.0.0.0/8' }, [{}, { client: '10.1.2.3' }], null], [{ client: '10.0.0.0/8' }, [{}, { client: '::1' }], 'client'],
    [{ sni: 'a.test', client: '10.0.0.0/8' }, [{ sni: 'b.test' }, { client: '::1' }], 'sni'],
    [{ sni: 'a.test', client: '10.0.0.0/8' }, [{ sni: 'a.test' }, { client: '::1' }], 'client']
  ]
  for (const [match, shaken, expected] of table) {
    t.equal(compileMatch(match).handshake(handshake(...shaken)), expected, JSON.stringify([match, shaken]))
  }
})

test('every field given must fit, and the first that does not is named', async (t) => {
  const match = { method: 'POST', path: '/charge/**', host: 'pay.test', header: { 'x-tenant': 'acme' }, query: { dry: 'no' }, client: '10.0.0.0/8' }
  const head = { method: 'POST', path: '/charge/1', target: '/charge/1?dry=no', host: 'pay.test', headers: { 'x-tenant': 'acme' }, client: '10.0.0.1' }
  t.equal(miss(match, head), null)
  const others = [{ method: 'GET' }, { path: '/' }, { host: 'x' }, { headers: {} }, { target: '/charge/1' }, { client: '::1' }]
  t.same(others.map((other) => miss(match, { ...head, ...other })), ['method', 'path', 'host', 'header.x-tenant', 'query.dry', 'client'])
})

test('patterns that are none are refused where they stand', async (t) => {
  const table: [Match, string][] = [
    [{ path: '/(/' }, 'm.path'], [{ path: ['/a', '/(/'] }, 'm.path.1'], [{ sni: ['a', '/(/'] }, 'm.sni.1'], [{ host: '/[/' }, 'm.host'], [{ header: { 'x-a': '/(a)\\1/' } }, 'm.header.x-a'],
    [{ query: { q: '/(/' } }, 'm.query.q'], [{ 'response-header': { etag: '/(?=a)/' } }, 'm.response-header.etag']
  ]
  for (const [match, path] of table) t.throws(() => compileMatch(match, 'm'), { code: 'PMT_ERR_INVALID', details: { path } }, path)
})

test('what a match may not be', async (t) => {
  const table: [unknown, string][] = [
    [{ method: '' }, 'method'], [{ method: [] }, 'method'], [{ path: 5 }, 'path'], [{ host: null }, 'host'],
    [{ header: 'x' }, 'header'], [{ header: { x: 5 } }, 'header.x'], [{ header: { 'x y': 'z' } }, 'header.x y'], [{ query: 'a' }, 'query'], ['/path', ''],
    [{ query: { a: 1 } }, 'query.a'], [{ client: [] }, 'client'], [{ status: 99 }, 'status'], [{ status: 600 }, 'status'], [{ status: '6xx' }, 'status'], [{ status: '5x' }, 'status'],
    [{ 'response-header': [] }, 'response-header']
  ]
  for (const [match, path] of table) t.throws(() => decode(MatchSchema, match), { code: 'PMT_ERR_INVALID', details: { path } }, JSON.stringify(match))
  for (const [match, path] of [[{ path: '/' }, 'path'], [{ sni: '' }, 'sni'], [{ sni: [] }, 'sni']] as const) {
    t.throws(() => decode(HandshakeMatchSchema, match), { code: 'PMT_ERR_INVALID', details: { path } })
  }
  t.throws(() => decode(ConnectionMatchSchema, { path: '/' }), { code: 'PMT_ERR_INVALID', details: { path: 'path' } })
})
