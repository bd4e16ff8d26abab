import { test } from 'tap'
import { HeadersSchema } from '../../src/faults/header.ts'
import { decode } from '../../src/kernel/schema.ts'

const Headers = HeadersSchema({ description: 'some headers', default: {} })

test('names and values as they may stand on the wire', async (t) => {
  const headers = { 'X-Tenant': 'acme', 'content-type': 'text/plain; charset=utf-8', "!#$%&'*+-.^_`|~9": '\t é' }
  t.strictSame(decode(Headers, headers), headers)
  t.strictSame(decode(Headers, undefined), {})
})

test('what would break the wire', async (t) => {
  const names = ['', ' x', 'x:', 'x y', 'x\r\ny', 'é', '(x)']
  for (const name of names) {
    t.throws(() => decode(Headers, { [name]: '1' }), { code: 'PMT_ERR_INVALID', details: { wanted: 'header names, each with its value' } }, JSON.stringify(name))
  }
  for (const value of ['a\r\nb', 'a\nb', 'a\0', '\u0100', 5, null, ['a']]) {
    t.throws(() => decode(Headers, { x: value }), { code: 'PMT_ERR_INVALID', details: { path: 'x', wanted: 'text of one line' } }, JSON.stringify(value))
  }
})
