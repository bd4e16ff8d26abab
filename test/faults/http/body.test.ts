import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import type { Edited, HttpAction } from '../../../src/faults/fault.ts'
import { requestHead, responseHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'

const WRONG = ['content-encoding', 'content-md5', 'content-digest', 'repr-digest', 'digest', 'etag']

function edit (action: HttpAction, body: string | Buffer, headers: Record<string, string> = {}): Edited | null {
  if (action.do !== 'edit') throw new Error(action.do)
  return action.edit(Buffer.from(body), responseHead(200, headers))
}

test('another body, and what no longer fits it', async (t) => {
  const edited = edit(playHttp({ type: 'body', replace: 'né', 'content-type': 'text/plain' }).response(), 'what was')
  t.same(edited, { body: Buffer.from('né'), remove: WRONG, set: { 'content-type': 'text/plain' } })
  t.strictSame(edit(playHttp({ type: 'body', replace: '' }).response(), 'what was')?.set, {})
})

test('members of a JSON body, compressed or not', async (t) => {
  const merge = { price: null, shop: { open: false } }
  const action = playHttp({ type: 'body', merge }).response()
  const original = JSON.stringify({ price: 12, shop: { open: true, name: 'x' } })
  const expected = '{"shop":{"open":false,"name":"x"}}'
  t.equal(edit(action, original)?.body.toString(), expected)
  t.equal(edit(action, gzipSync(original), { 'content-encoding': 'gzip' })?.body.toString(), expected)
})

test('what cannot be merged stays as it is', async (t) => {
  const action = playHttp({ type: 'body', merge: { a: 1 } }).response()
  t.equal(edit(action, '<html>'), null)
  t.equal(edit(action, ''), null)
  t.equal(edit(action, '{}', { 'content-encoding': 'gzip' }), null)
  t.equal(edit(action, `{"b":${'['.repeat(400_000)}${']'.repeat(400_000)}}`), null, 'nested deeper than the stack')
  t.equal(edit(action, '[1]')?.body.toString(), '{"a":1}', 'what is no object becomes one')
})

test('of the response, or of the request', async (t) => {
  const play = playHttp({ type: 'body', replace: 'x', of: 'request' })
  const empty = requestHead({ method: 'POST', headers: { 'content-length': '0' } })
  t.strictSame([play.request().do, play.request(empty).do, play.response().do], ['unfit', 'edit', 'pass'])
  const merges = playHttp({ type: 'body', merge: {} })
  t.strictSame([merges.request().do, merges.response(responseHead(200, { 'content-length': '0' })).do], ['pass', 'unfit'])
  t.strictSame(merges.response(responseHead(200, { 'content-length': '1048577' })), { do: 'unfit', why: 'the body is larger than 1 MiB' })
})

test('exactly one of the two', async (t) => {
  t.throws(() => decodeFault({ type: 'body' }), { code: 'PMT_ERR_INVALID', details: { path: 'replace', found: 'nothing' } })
  t.throws(() => decodeFault({ type: 'body', replace: '', merge: {} }), { code: 'PMT_ERR_INVALID', details: { path: 'merge' } })
  t.throws(() => decodeFault({ type: 'body', merge: '{}' }), { code: 'PMT_ERR_INVALID', details: { path: 'merge', found: '{}', wanted: /mapping/ } })
})
