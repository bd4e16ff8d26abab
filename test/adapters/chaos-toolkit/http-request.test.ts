import { test } from 'tap'
import { outgoingOf, redirectOf } from '../../../src/adapters/chaos-toolkit/http-request.ts'

const url = 'http://x/a?b=1'

test('arguments are a query, JSON, a form or text', async (t) => {
  const of = (more: object) => outgoingOf({ type: 'http', url, ...more })
  t.match(of({}), { method: 'GET', body: undefined, headers: {} })
  t.equal(of({ arguments: { q: 'a b', list: [1, true], none: null } }).url.href, 'http://x/a?b=1&q=a+b&list=1&list=True')
  t.equal(outgoingOf({ url: 'http://x/', arguments: 'raw=1' }).url.href, 'http://x/?raw=1')
  t.match(of({ method: 'post', headers: { 'Content-Type': 'application/json', n: 1, no: null }, arguments: { a: [1] } }), {
    method: 'POST', headers: { 'Content-Type': 'application/json', n: '1' }, body: '{"a":[1]}'
  })
  t.match(of({ method: 'POST', arguments: { a: 1, b: 'x y' } }), { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'a=1&b=x+y' })
  t.match(of({ method: 'POST', headers: { 'Content-Type': 'application/json; charset=utf-8' }, arguments: { a: 1 } }), { body: 'a=1' }, 'only exactly application/json is JSON')
  t.strictSame(of({ method: 'PUT', arguments: 'text' }), { method: 'PUT', url: new URL(url), headers: {}, body: 'text' })
})

test('what is no address is refused', async (t) => {
  t.throws(() => outgoingOf({ url: 'nowhere' }), TypeError)
  t.throws(() => outgoingOf({ url: 'ftp://x/' }), /no connection adapters/)
})

test('redirects change the method as requests does it', async (t) => {
  const post = outgoingOf({ url, method: 'POST', headers: { Authorization: 'x', 'Content-Type': 'text/plain' }, arguments: 'b' })
  t.equal(redirectOf(post, 200, '/n'), null)
  t.equal(redirectOf(post, 302, undefined), null)
  for (const status of [301, 302, 303]) t.strictSame(redirectOf(post, status, '/n'), { method: 'GET', url: new URL('http://x/n'), headers: { Authorization: 'x' }, body: undefined }, String(status))
  for (const status of [307, 308]) t.match(redirectOf(post, status, '/n'), { method: 'POST', body: 'b' })
  t.match(redirectOf({ ...post, method: 'PUT' }, 301, '/n'), { method: 'PUT', body: 'b' })
  t.match(redirectOf({ ...post, method: 'HEAD' }, 303, '/n'), { method: 'HEAD' })
  t.strictSame(redirectOf(post, 307, 'http://other/')!.headers, { 'Content-Type': 'text/plain' }, 'credentials are for one host')
})
