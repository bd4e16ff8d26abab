import { test } from 'tap'
import { editHead } from '../../../src/proxy/http1/head-edit.ts'

const head = 'GET /a?b HTTP/1.1\r\nHost: x\r\nX-A:  1 \r\nx-a: 2\r\nCookie: c\r\n\r\n'
const edit = (set: Record<string, string>, remove: string[] = []): string =>
  editHead(Buffer.from(head, 'latin1'), { set, remove: new Set(remove) }).toString('latin1')

test('nothing to do leaves every byte', async (t) => t.equal(edit({}), head))

test('takes out all of a name, whatever its case, and leaves the rest byte for byte', async (t) => {
  t.equal(edit({}, ['x-a', 'none']), 'GET /a?b HTTP/1.1\r\nHost: x\r\nCookie: c\r\n\r\n')
})

test('what is set stands once, as it was written', async (t) => {
  t.equal(edit({ 'X-a': '3', New: 'é' }), 'GET /a?b HTTP/1.1\r\nHost: x\r\nCookie: c\r\nX-a: 3\r\nNew: é\r\n\r\n')
})
