import { test } from 'tap'
import { BY_PATTERN, compileBy } from '../../src/faults/by.ts'
import { requestHead } from '../helpers/heads.ts'

const key = (by: string, headers: Record<string, string>): string | undefined => compileBy(by)(requestHead({ client: '10.0.0.9', headers }))

test('by client, which a connection has too', async (t) => {
  t.equal(key('client', {}), '10.0.0.9')
  t.equal(compileBy('client')({ client: '::1' }), '::1')
})

test('by the name that a handshake asks for', async (t) => {
  t.equal(compileBy('sni')({ client: '::1', sni: 'api.test' }), 'api.test')
  t.equal(compileBy('sni')({ client: '::1', sni: undefined }), undefined)
  t.equal(compileBy('sni')({ client: '::1' }), undefined)
})

test('by header, whatever the case of its name', async (t) => {
  t.equal(key('header:X-User-Id', { 'x-user-id': 'ada' }), 'ada')
  t.equal(key('header:x-user-id', {}), undefined)
  t.equal(key('header:x-user-id', { 'x-user-id': '' }), undefined, 'those without a name are no one user')
  t.equal(compileBy('header:x-user-id')({ client: '::1' }), undefined, 'a connection has none')
})

test('by cookie: the one of that name, among others, in quotes or not', async (t) => {
  const cookie = 'theme=dark; sid=abc=1;other="x";quoted="q 1"; empty='
  t.equal(key('cookie:sid', { cookie }), 'abc=1')
  t.equal(key('cookie:other', { cookie }), 'x')
  t.equal(key('cookie:quoted', { cookie }), 'q 1')
  t.equal(key('cookie:empty', { cookie }), undefined)
  t.equal(key('cookie:SID', { cookie }), undefined, 'names of cookies have their case')
  t.equal(key('cookie:id', { cookie }), undefined, 'no part of another name')
  t.equal(key('cookie:sid', {}), undefined)
  t.equal(key('cookie:sid', { cookie: 'a=1, sid=2' }), '2', 'two fields joined')
})

test('by the trace, the same at every service', async (t) => {
  const trace = '0af7651916cd43dd8448eb211c80319c'
  for (const span of ['b7ad6b7169203331', '00f067aa0ba902b7']) t.equal(key('trace', { traceparent: `00-${trace}-${span}-01` }), trace)
  for (const traceparent of ['', 'x', `00-${trace.slice(1)}-b7ad6b7169203331-01`]) t.equal(key('trace', { traceparent }), undefined)
})

test('what may be written', async (t) => {
  const pattern = new RegExp(BY_PATTERN)
  for (const by of ['client', 'sni', 'trace', 'header:x-user', 'cookie:sid', 'cookie:__Host-sid']) t.ok(pattern.test(by), by)
  for (const by of ['', 'header', 'header:', 'header:x y', 'client:1', 'user', 'cookie:a=b', 'HEADER:x', 'sni:x']) t.notOk(pattern.test(by), by)
})
