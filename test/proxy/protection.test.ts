import { Check } from 'typebox/value'
import { test } from 'tap'
import { NeverSchema, TaggedSchema, UNPROTECTED, compileProtection, decodeProtection, isProtected } from '../../src/proxy/protection.ts'
import { requestHead } from '../helpers/heads.ts'

const join = (key: string): string => `proxies.0.${key}`

test('nothing is protected when nobody says', async (t) => {
  t.same(decodeProtection({}, 'http', join), UNPROTECTED)
  t.notOk(isProtected(UNPROTECTED))
  t.equal(compileProtection(UNPROTECTED)(requestHead()), null)
})

test('protected paths, and however else they are written', async (t) => {
  const protect = compileProtection({ never: ['/healthz', '/admin/**', '/^/v[12]/pay$/'], tagged: undefined })
  const never = ['/healthz', '/admin/', '/admin/a/b', '/v1/pay', '/v2/pay', '/%68ealthz', '//healthz', '/x/../healthz', '/./admin/a', '/admin%2Fa', '/%61dmin/x']
  for (const path of never) t.equal(protect(requestHead({ path })), 'never', path)
  for (const path of ['/', '/health', '/healthz/x', '/v3/pay', '/pay', '/%zz', '/a%', '/..']) t.equal(protect(requestHead({ path })), null, path)
})

test('a tag is a header, whatever its case, with any value or with one', async (t) => {
  const any = compileProtection({ never: [], tagged: 'X-Premortem' })
  t.equal(any(requestHead()), 'untagged')
  t.equal(any(requestHead({ headers: { 'x-premortem': 'on' } })), null)
  t.equal(any(requestHead({ headers: { 'x-premortem': '' } })), null)
  const one = compileProtection({ never: [], tagged: 'x-premortem=a=b' })
  t.equal(one(requestHead({ headers: { 'x-premortem': 'a=b' } })), null)
  t.equal(one(requestHead()), 'untagged')
  for (const value of ['a', 'a=b, c']) t.equal(one(requestHead({ headers: { 'x-premortem': value } })), 'untagged')
})

test('a path stays protected from requests that carry the tag', async (t) => {
  const protect = compileProtection({ never: ['/healthz'], tagged: 'x-premortem' })
  const headers = { 'x-premortem': 'on' }
  t.same([requestHead({ path: '/healthz', headers }), requestHead({ headers }), requestHead()].map(protect), ['never', null, 'untagged'])
})

test('paths of the config and of the proxy add up; the proxy\'s own tag stands', async (t) => {
  const defaults = { never: ['/a'], tagged: 'x-a' }
  t.same(decodeProtection({ never: '/b' }, 'auto', join, defaults), { never: ['/a', '/b'], tagged: 'x-a' })
  t.same(decodeProtection({ never: ['/a'], tagged: 'x-b' }, 'http', join, defaults), { never: ['/a'], tagged: 'x-b' })
  t.ok(isProtected({ never: ['/a'], tagged: undefined }) && isProtected({ never: [], tagged: 'x' }))
})

test('a tcp proxy has none of its own, and takes none from the config', async (t) => {
  t.same(decodeProtection({}, 'tcp', join, { never: ['/a'], tagged: 'x-a' }), UNPROTECTED)
  t.throws(() => decodeProtection({ never: ['/a'] }, 'tcp', join), { code: 'PMT_ERR_INVALID', message: /`never`/, details: { path: 'proxies.0.never', wanted: /http or auto/ } })
  t.throws(() => decodeProtection({ tagged: 'x' }, 'tcp', join), { code: 'PMT_ERR_INVALID', details: { path: 'proxies.0.tagged', found: 'x' } })
})

test('a pattern that is none is refused where it stands', async (t) => {
  t.throws(() => decodeProtection({ never: ['/a', '/(/'] }, 'http', join), { code: 'PMT_ERR_INVALID', details: { path: 'proxies.0.never.1' } })
})

test('how they may be written', async (t) => {
  for (const tagged of ['x-premortem', 'X-A=1', 'x=', 'x=a b=c']) t.ok(Check(TaggedSchema, tagged), tagged)
  for (const tagged of ['', 'a b', '=1', 'x=a\nb', 'x:1']) t.notOk(Check(TaggedSchema, tagged), tagged)
  for (const never of ['/a', ['/a'], []]) t.ok(Check(NeverSchema, never))
  for (const never of ['', [''], 5, [5]]) t.notOk(Check(NeverSchema, never))
})
