import { test } from 'tap'
import { responseBytes } from '../../../src/proxy/http1/respond.ts'

const respond = (options: Partial<Parameters<typeof responseBytes>[0]>): string =>
  responseBytes({ status: 503, headers: {}, body: '', method: 'GET', persistent: true, ...options }).toString()

test('a response without a body', async (t) => {
  t.equal(respond({}), 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
  t.equal(respond({ status: 599 }), 'HTTP/1.1 599 Unknown\r\ncontent-length: 0\r\n\r\n')
  t.equal(respond({ persistent: false }), 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
})

test('a response with a body is measured in bytes, and typed', async (t) => {
  t.equal(respond({ body: 'zu spät' }), 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 8\r\ncontent-type: text/plain; charset=utf-8\r\n\r\nzu spät')
  t.match(respond({ body: ' {"a":1}' }), 'content-type: application/json\r\n')
  t.notMatch(respond({ body: '{}', headers: { 'Content-Type': 'a/b' } }), 'application/json')
})

test('HEAD, 204 and 304 have no body', async (t) => {
  t.match(respond({ method: 'HEAD', body: 'hello' }), /content-length: 5\r\n[^]*\r\n\r\n$/)
  t.equal(respond({ status: 204, persistent: true }), 'HTTP/1.1 204 No Content\r\n\r\n')
  t.match(respond({ status: 304, body: 'hello' }), /^HTTP\/1.1 304 Not Modified\r\n[^]*\r\n\r\n$/)
  t.notMatch(respond({ status: 304, body: 'hello' }), 'content-length')
})

test('headers are sent as given, but the framing is ours', async (t) => {
  const text = respond({ body: 'x', headers: { 'Retry-After': '1', 'Content-Length': '99', 'TRANSFER-ENCODING': 'chunked' } })
  t.match(text, '\r\nRetry-After: 1\r\n')
  t.match(text, '\r\ncontent-length: 1\r\n')
  t.notMatch(text, '99')
  t.notMatch(text, 'chunked')
})
