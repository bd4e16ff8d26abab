import { test } from 'tap'
import { HeaderName, HeaderValue, HeadersSchema } from '../../src/faults/header.ts'
import { decode } from '../../src/kernel/schema.ts'

const Headers = HeadersSchema({ description: 'some headers', default: {} })

const NAMES = ['', ' x', 'x:', 'x y', 'x\r\ny', 'é', '(x)']
const VALUES = ['a\r\nb', 'a\nb', 'a\0', '\u0100', 5, null, ['a']]

test('names and values as they may stand on the wire', async (t) => {
  const headers = { 'X-Tenant': 'acme', 'content-type': 'text/plain; charset=utf-8', "!#$%&'*+-.^_`|~9": '\t é' }
  t.strictSame(decode(Headers, headers), headers)
  t.strictSame(decode(Headers, undefined), {})
  t.equal(decode(HeaderName, 'X-Tenant'), 'X-Tenant')
  t.equal(decode(HeaderValue(), '\t é'), '\t é')
})

test('what would break the wire', async (t) => {
  for (const name of NAMES) {
    t.throws(() => decode(Headers, { [name]: '1' }), { code: 'PMT_ERR_INVALID', details: { wanted: 'header names, each with its value' } }, JSON.stringify(name))
    t.throws(() => decode(HeaderName, name), { code: 'PMT_ERR_INVALID', details: { wanted: 'a header name' } }, JSON.stringify(name))
  }
  for (const value of VALUES) {
    t.throws(() => decode(Headers, { x: value }), { code: 'PMT_ERR_INVALID', details: { path: 'x', wanted: 'text of one line' } }, JSON.stringify(value))
    t.throws(() => decode(HeaderValue(), value), { code: 'PMT_ERR_INVALID', details: { wanted: 'text of one line' } }, JSON.stringify(value))
  }
})
