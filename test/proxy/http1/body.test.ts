import fc from 'fast-check'
import { test } from 'tap'
import { Body } from '../../../src/proxy/http1/body.ts'
import { ParsedRequest, ParsedResponse, parseRequest, parseResponse } from '../../../src/proxy/http1/head.ts'

/** Feeds `text` in pieces that end at `cuts`; where the body ended (-1 if it did not), or `broken`. */
function feed (body: Body, text: string, cuts: readonly number[] = []): number | 'broken' {
  const all = Buffer.from(text, 'latin1')
  let from = 0
  let taken = 0
  for (const cut of [...cuts, all.length]) {
    const piece = all.subarray(from, cut)
    if (!body.done && !body.broken) taken += body.consume(piece, 0)
    from = cut
  }
  return body.broken ? 'broken' : body.done ? taken : -1
}

const CHUNKED = '5\r\nhello\r\nA;name=value\r\n0123456789\r\n0;last\r\nTrailer: a\r\nAnother: b\r\n\r\n'

test('every cut of a chunked body gives the same end', async (t) => {
  const text = `${CHUNKED}GET /next`
  for (let a = 0; a <= text.length; a++) {
    for (let b = a; b <= text.length; b++) {
      const end = feed(new Body('chunked'), text, [a, b])
      if (end !== CHUNKED.length) t.equal(end, CHUNKED.length, `cut at ${a} and ${b}`)
    }
  }
  t.equal(feed(new Body('chunked'), text, Array.from(text, (_, i) => i)), CHUNKED.length, 'byte by byte')
})

test('every cut of a body with a length gives the same end', async (t) => {
  for (let cut = 0; cut <= 14; cut++) t.equal(feed(new Body('length', 10), 'x'.repeat(14), [cut]), 10, `cut at ${cut}`)
  t.equal(feed(new Body('length', 10), 'x'.repeat(9)), -1)
})

test('a body begins where the head ends', async (t) => {
  const bytes = Buffer.from('head5\r\nhello\r\n0\r\n\r\nnext')
  t.equal(new Body('chunked').consume(bytes, 4), bytes.length - 8)
  t.equal(new Body('length', 3).consume(bytes, 4), 3)
  t.equal(new Body('none').consume(bytes, 4), 0)
  const open = new Body('until-close')
  t.equal(open.consume(bytes, 4), bytes.length - 4)
  t.equal(open.done, false)
})

test('chunked bodies that are whole', async (t) => {
  for (const text of [
    '0\r\n\r\n', '000\r\n\r\n', '1\r\na\r\n0\r\n\r\n', 'a\r\n0123456789\r\n0\r\n\r\n', '0000000000005\r\nhello\r\n0\r\n\r\n',
    '5 ; a="b c"\r\nhello\r\n0\r\n\r\n', '2\r\n\r\n\r\n0\r\n\r\n', '0\r\nA: b\r\n\r\n', '3\r\n0\r\n\r\n0\r\n\r\n'
  ]) t.equal(feed(new Body('chunked'), text), text.length, JSON.stringify(text))
})

test('chunked bodies that are broken', async (t) => {
  for (const [name, text] of [
    ['no size', '\r\nhello'],
    ['a size that is no number', 'xyz\r\n'],
    ['a negative size', '-5\r\nhello'],
    ['a size with 0x', '0x5\r\nhello'],
    ['a size beyond 2^52', '10000000000000\r\n'],
    ['an extension without a size', ';a\r\n'],
    ['bare LF after the size', '5\nhello'],
    ['bare CR after the size', '5\rhello'],
    ['bare LF in an extension', '5;a\nhello'],
    ['NUL in an extension', '5;\0\r\nhello'],
    ['more data than said', '5\r\nhello!\r\n'],
    ['bare LF after the data', '5\r\nhello\n0\r\n\r\n'],
    ['CR and something else after the data', '5\r\nhello\rx'],
    ['bare LF in the trailer', '0\r\nA: b\n\r\n'],
    ['NUL in the trailer', '0\r\nA: \0\r\n\r\n'],
    ['bare LF as the end', '0\r\n\n'],
    ['CR and something else as the end', '0\r\n\rx'],
    ['an extension that does not end', `5;${'a'.repeat(20_000)}`],
    ['a trailer that does not end', `0\r\nA: ${'a'.repeat(20_000)}`],
    ['trailers that do not end', `0\r\n${'A: a\r\n'.repeat(4000)}`]
  ] as const) t.equal(feed(new Body('chunked'), text), 'broken', name)
})

test('large bodies of tiny chunks are not taken for an endless line', async (t) => {
  const text = `${'1\r\na\r\n'.repeat(50_000)}0\r\n\r\n`
  t.equal(feed(new Body('chunked'), text), text.length)
})

test('any chunks, any cuts', async (t) => {
  const chunk = fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map((data) => Buffer.from(data).toString('latin1')), fc.boolean())
  fc.assert(fc.property(fc.array(chunk), fc.array(fc.nat(3000)), fc.boolean(), (chunks, cuts, trailer) => {
    const coded = chunks.map(([data, extended]) => `${data.length.toString(16)}${extended ? ';x=y' : ''}\r\n${data}\r\n`).join('')
    const text = `${coded}0\r\n${trailer ? 'T: v\r\n' : ''}\r\n`
    const places = cuts.filter((cut) => cut <= text.length).sort((a, b) => a - b)
    const end = feed(new Body('chunked'), `${text}rest`, places)
    if (end !== text.length) throw new Error(`${end} and not ${text.length}`)
  }))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
    const body = new Body('chunked')
    const taken = body.consume(Buffer.from(junk), 0)
    if (taken > junk.length) throw new Error('more than there is')
    if (!body.done && !body.broken && taken !== junk.length) throw new Error('bytes are left')
  }), { numRuns: 2000 })
  t.pass('2,100 times')
})

test('how the body of a request is framed', async (t) => {
  const of = (fields: string): Body => Body.ofRequest(parseRequest(Buffer.from(`POST / HTTP/1.1\r\n${fields}\r\n`)) as ParsedRequest)
  t.equal(of('').framing, 'none')
  t.equal(of('Content-Length: 0\r\n').done, true)
  t.equal(of('Content-Length: 5\r\n').framing, 'length')
  t.equal(of('Transfer-Encoding: chunked\r\n').framing, 'chunked')
})

test('how the body of a response is framed', async (t) => {
  const of = (status: number, method: string, fields: string): string =>
    Body.ofResponse(parseResponse(Buffer.from(`HTTP/1.1 ${status} X\r\n${fields}\r\n`)) as ParsedResponse, method).framing
  const length = 'Content-Length: 5\r\n'
  const chunked = 'Transfer-Encoding: chunked\r\n'
  t.equal(of(200, 'GET', length), 'length')
  t.equal(of(200, 'GET', chunked), 'chunked')
  t.equal(of(200, 'GET', ''), 'until-close')
  t.equal(of(200, 'GET', 'Transfer-Encoding: gzip\r\n'), 'until-close')
  t.equal(of(200, 'GET', 'Content-Length: 0\r\n'), 'none')
  t.equal(of(200, 'HEAD', length), 'none')
  t.equal(of(200, 'HEAD', chunked), 'none')
  t.equal(of(204, 'GET', length), 'none')
  t.equal(of(304, 'GET', length), 'none')
  t.equal(of(100, 'GET', ''), 'none')
})
