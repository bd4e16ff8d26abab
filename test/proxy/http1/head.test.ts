import fc from 'fast-check'
import { test } from 'tap'
import { MAX_HEAD, ParsedRequest, ParsedResponse, parseRequest, parseResponse } from '../../../src/proxy/http1/head.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const request = (...lines: string[]): Buffer => bytes(`${lines.join('\r\n')}\r\n\r\n`)

function parsed (head: Buffer): ParsedRequest {
  const found = parseRequest(head)
  if (!(found instanceof ParsedRequest)) throw new Error(`not parsed: ${found}`)
  return found
}

function answered (head: Buffer): ParsedResponse {
  const found = parseResponse(head)
  if (!(found instanceof ParsedResponse)) throw new Error(`not parsed: ${found}`)
  return found
}

test('what a request line says', async (t) => {
  const table: [string, { method: string, target: string, path: string, minor: number }][] = [
    ['GET / HTTP/1.1', { method: 'GET', target: '/', path: '/', minor: 1 }],
    ['get / HTTP/1.1', { method: 'get', target: '/', path: '/', minor: 1 }],
    ['POST /a/b?c=/d?e HTTP/1.0', { method: 'POST', target: '/a/b?c=/d?e', path: '/a/b', minor: 0 }],
    ['OPTIONS * HTTP/1.1', { method: 'OPTIONS', target: '*', path: '*', minor: 1 }],
    ['GET http://host:81/x?y HTTP/1.1', { method: 'GET', target: 'http://host:81/x?y', path: '/x', minor: 1 }],
    ['GET http://host HTTP/1.1', { method: 'GET', target: 'http://host', path: '/', minor: 1 }],
    ['GET http://host?q HTTP/1.1', { method: 'GET', target: 'http://host?q', path: '/', minor: 1 }],
    ['CONNECT host:443 HTTP/1.1', { method: 'CONNECT', target: 'host:443', path: 'host:443', minor: 1 }],
    ["M-SEARCH!#$%&'*+.^_`|~ /\xe9 HTTP/1.1", { method: "M-SEARCH!#$%&'*+.^_`|~", target: '/\xe9', path: '/\xe9', minor: 1 }]
  ]
  for (const [line, wanted] of table) t.match(parsed(request(line)), wanted, line)
})

test('what the fields of a request say', async (t) => {
  const head = parsed(request('POST / HTTP/1.1', 'Host: Example.COM:8080', 'X-A: 1', 'x-a:\t2 \t', 'Empty:', 'Content-LENGTH: 05'))
  t.equal(head.host, 'example.com')
  t.equal(head.header('x-a'), '1, 2')
  t.equal(head.header('empty'), '')
  t.equal(head.header('none'), undefined)
  t.equal(head.contentLength, 5)
  t.equal(head.chunked, false)
  t.equal(parsed(request('GET / HTTP/1.1', 'Host: [::1]:80')).host, '[::1]')
  t.equal(parsed(request('GET / HTTP/1.1', 'Content-Length: 5', 'Content-Length: 5')).contentLength, 5, 'the same length twice is one length')
  t.equal(parsed(request('GET / HTTP/1.1', 'Transfer-Encoding: gzip, Chunked')).chunked, true)
})

test('whether the client means to go on', async (t) => {
  const table: [string[], boolean][] = [
    [['GET / HTTP/1.1'], true],
    [['GET / HTTP/1.1', 'Connection: close'], false],
    [['GET / HTTP/1.1', 'Connection: Upgrade,  CLOSE'], false],
    [['GET / HTTP/1.1', 'Connection: closed'], true],
    [['GET / HTTP/1.0'], false],
    [['GET / HTTP/1.0', 'Connection: Keep-Alive'], true]
  ]
  for (const [lines, wanted] of table) t.equal(parsed(request(...lines)).persistent, wanted, lines.join(' | '))
})

test('a head ends where it ends', async (t) => {
  const head = request('GET / HTTP/1.1', 'Host: a')
  t.equal(parsed(Buffer.concat([head, bytes('GET /next HTTP/1.1\r\n')])).size, head.length)
})

test('requests that cannot be framed with certainty', async (t) => {
  const line = 'GET / HTTP/1.1'
  const table: [string, Buffer, string][] = [
    ['bare LF after the request line', bytes('GET / HTTP/1.1\nHost: a\r\n\r\n'), 'malformed'],
    ['bare LF after a field', bytes('GET / HTTP/1.1\r\nHost: a\n\r\n'), 'malformed'],
    ['bare LF as the empty line', bytes('GET / HTTP/1.1\r\nHost: a\r\n\n'), 'malformed'],
    ['bare CR in a value', request(line, 'Host: a\rb'), 'malformed'],
    ['bare CR in the request line', request('GET /\ra HTTP/1.1'), 'malformed'],
    ['NUL in a value', request(line, 'Host: a\0b'), 'malformed'],
    ['NUL in a name', request(line, 'Ho\0st: a'), 'malformed'],
    ['NUL in the target', request('GET /\0 HTTP/1.1'), 'malformed'],
    ['a control character in the target', request('GET /\x01 HTTP/1.1'), 'malformed'],
    ['DEL in the target', request('GET /\x7f HTTP/1.1'), 'malformed'],
    ['a folded line', request(line, 'X-A: 1', ' 2'), 'malformed'],
    ['a folded first line', request(line, ' X-A: 1'), 'malformed'],
    ['a line folded with a tab', request(line, 'X-A: 1', '\t2'), 'malformed'],
    ['white space before the colon', request(line, 'Host : a'), 'malformed'],
    ['a tab before the colon', request(line, 'Host\t: a'), 'malformed'],
    ['no colon', request(line, 'Host'), 'malformed'],
    ['no name', request(line, ': a'), 'malformed'],
    ['a name that is no token', request(line, 'Ho(st: a'), 'malformed'],
    ['a name beyond ASCII', request(line, 'H\xf6st: a'), 'malformed'],
    ['no target', request('GET HTTP/1.1'), 'malformed'],
    ['an empty target', request('GET  HTTP/1.1'), 'malformed'],
    ['two spaces after the method', request('GET  / HTTP/1.1'), 'malformed'],
    ['two spaces before the version', request('GET /  HTTP/1.1'), 'malformed'],
    ['a space at the end', request('GET / HTTP/1.1 '), 'malformed'],
    ['a tab between', request('GET\t/ HTTP/1.1'), 'malformed'],
    ['a space in the target', request('GET /a b HTTP/1.1'), 'malformed'],
    ['no method', request(' / HTTP/1.1'), 'malformed'],
    ['a method that is no token', request('G(T / HTTP/1.1'), 'malformed'],
    ['HTTP/0.9', request('GET /'), 'malformed'],
    ['HTTP/1.2', request('GET / HTTP/1.2'), 'malformed'],
    ['HTTP/2.0', request('PRI * HTTP/2.0'), 'malformed'],
    ['http in lower case', request('GET / http/1.1'), 'malformed'],
    ['a TLS hello', bytes('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), 'malformed'],
    ['Content-Length and Transfer-Encoding', request(line, 'Content-Length: 5', 'Transfer-Encoding: chunked'), 'ambiguous-length'],
    ['Transfer-Encoding and Content-Length', request(line, 'Transfer-Encoding: chunked', 'Content-Length: 0'), 'ambiguous-length'],
    ['two different lengths', request(line, 'Content-Length: 5', 'Content-Length: 6'), 'ambiguous-length'],
    ['a list of lengths', request(line, 'Content-Length: 5, 5'), 'ambiguous-length'],
    ['an empty length', request(line, 'Content-Length:'), 'ambiguous-length'],
    ['a signed length', request(line, 'Content-Length: +5'), 'ambiguous-length'],
    ['a negative length', request(line, 'Content-Length: -1'), 'ambiguous-length'],
    ['a hexadecimal length', request(line, 'Content-Length: 0x5'), 'ambiguous-length'],
    ['a length beyond 2^53', request(line, `Content-Length: ${'9'.repeat(16)}`), 'ambiguous-length'],
    ['a coding that is not chunked', request(line, 'Transfer-Encoding: gzip'), 'ambiguous-length'],
    ['a coding after chunked', request(line, 'Transfer-Encoding: chunked, gzip'), 'ambiguous-length'],
    ['a coding after chunked, in two fields', request(line, 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'), 'ambiguous-length'],
    ['chunked twice', request(line, 'Transfer-Encoding: chunked, chunked'), 'ambiguous-length'],
    ['chunked twice, in two fields', request(line, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 'ambiguous-length'],
    ['a coding that only looks chunked', request(line, 'Transfer-Encoding: xchunked'), 'ambiguous-length'],
    ['chunked with a parameter', request(line, 'Transfer-Encoding: chunked;a=b'), 'ambiguous-length'],
    ['an empty coding', request(line, 'Transfer-Encoding:'), 'ambiguous-length']
  ]
  for (const [name, head, problem] of table) t.equal(parseRequest(head), problem, name)
})

test('a head may have 64 KiB, and not a byte more', async (t) => {
  const around = request('GET / HTTP/1.1', 'X: ').length
  t.equal(parsed(request('GET / HTTP/1.1', `X: ${'a'.repeat(MAX_HEAD - around)}`)).size, MAX_HEAD)
  t.equal(parseRequest(request('GET / HTTP/1.1', `X: ${'a'.repeat(MAX_HEAD - around + 1)}`)), 'too-large')
  t.equal(parseRequest(bytes(`GET /${'a'.repeat(MAX_HEAD)}`)), 'too-large', 'a request line that does not end')
  t.equal(parseRequest(bytes(`GET / HTTP/1.1\r\n${'X: a\r\n'.repeat(MAX_HEAD / 6)}`)), 'too-large', 'fields that do not end')
  t.equal(parseResponse(bytes(`HTTP/1.1 200 OK\r\n${'X: a\r\n'.repeat(MAX_HEAD / 6)}`)), 'too-large')
})

test('what a status line says', async (t) => {
  const table: [string, number][] = [
    ['HTTP/1.1 200 OK', 200], ['HTTP/1.0 404 Not Found', 404], ['HTTP/1.1 200', 200], ['HTTP/1.1 200 ', 200],
    ['HTTP/1.1 999 \xfcber', 999], ['HTTP/1.1 100 Continue', 100]
  ]
  for (const [line, status] of table) t.equal(answered(request(line)).status, status, line)
  t.equal(answered(request('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip')).coded, true, 'a response may be coded until its end')
})

test('responses that cannot be framed with certainty', async (t) => {
  const table: [string, Buffer, string][] = [
    ['bare LF', bytes('HTTP/1.1 200 OK\n\n'), 'malformed'],
    ['HTTP/2', request('HTTP/2 200'), 'malformed'],
    ['two digits', request('HTTP/1.1 20 OK'), 'malformed'],
    ['four digits', request('HTTP/1.1 2000 OK'), 'malformed'],
    ['below 100', request('HTTP/1.1 099 OK'), 'malformed'],
    ['letters', request('HTTP/1.1 2x0 OK'), 'malformed'],
    ['no space', request('HTTP/1.1200 OK OK'), 'malformed'],
    ['ICY', request('ICY 200 OK and so on'), 'malformed'],
    ['a folded line', request('HTTP/1.1 200 OK', 'a: b', ' c'), 'malformed'],
    ['both lengths', request('HTTP/1.1 200 OK', 'Content-Length: 5', 'Transfer-Encoding: chunked'), 'ambiguous-length'],
    ['two lengths', request('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6'), 'ambiguous-length']
  ]
  for (const [name, head, problem] of table) t.equal(parseResponse(head), problem, name)
})

test('every beginning of a head waits for the rest', async (t) => {
  const heads = [
    request('POST /a?b HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked', 'Connection: close', 'X:'),
    request('GET http://host/ HTTP/1.0', 'Content-Length: 3', 'Content-Length: 3')
  ]
  for (const head of heads) {
    for (let length = 0; length < head.length; length++) {
      if (parseRequest(head.subarray(0, length)) !== null) t.fail(`${length} bytes are taken for a head`)
    }
    t.equal(parsed(head).size, head.length)
  }
  const answer = request('HTTP/1.1 200 OK', 'Content-Length: 3', 'X: y')
  for (let length = 0; length < answer.length; length++) {
    if (parseResponse(answer.subarray(0, length)) !== null) t.fail(`${length} bytes are taken for a head`)
  }
})

test('junk never throws', async (t) => {
  // Pieces of heads make longer ways into the parser than bytes alone.
  const piece = fc.oneof(
    fc.constantFrom('GET ', '/', ' HTTP/1.1', 'HTTP/1.1 ', '200', '\r\n', '\r', '\n', ':', ' ', '\t', '\0', 'Content-Length', 'Transfer-Encoding', 'chunked', ',', '5'),
    fc.string({ unit: 'binary', maxLength: 5 })
  )
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
    const junk = bytes(pieces.join(''))
    for (const parse of [parseRequest, parseResponse]) {
      const found = parse(junk)
      if (found === null || typeof found === 'string') continue
      if (found.size > junk.length) throw new Error('longer than its bytes')
      found.header('content-length')
      if (found instanceof ParsedRequest) [found.path, found.host, found.persistent].forEach(String)
    }
  }), { numRuns: 3000 })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (junk) => {
    parseRequest(Buffer.from(junk))
    parseResponse(Buffer.from(junk))
  }), { numRuns: 2000 })
  t.pass('5,000 times')
})
