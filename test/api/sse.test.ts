import { test } from 'tap'
import fc from 'fast-check'
import { createSseParser, formatEvent } from '../../src/api/sse.ts'
import type { SseMessage } from '../../src/api/sse.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const parse = (...pieces: Uint8Array[]): SseMessage[] => {
  const parser = createSseParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

test('an event is a message of the stream', async (t) => {
  const event = { id: 7, time: '2026-01-01T00:00:00.000Z', type: 'fault.added', data: { text: 'two\nlines' } }
  const text = formatEvent(event)
  t.ok(text.startsWith('id: 7\nevent: fault.added\ndata: {'))
  const [message] = parse(bytes(text))
  t.match(message, { id: '7', event: 'fault.added' })
  t.same(JSON.parse(message!.data), event)
})

test('the format as the standard has it', async (t) => {
  t.same(parse(bytes('data: a\ndata:b\ndata\n\n')), [{ id: '', event: 'message', data: 'a\nb\n' }])
  t.same(parse(bytes(': comment\n\nretry: 5\nid: 1\n\ndata: x\n\n')), [{ id: '1', event: 'message', data: 'x' }], 'without data there is no message, and the id stays')
  t.same(parse(bytes('event: a\ndata:  b\r\n\r\ndata: c\r\rdata: d\n\n')).map(({ event, data }) => [event, data]), [['a', ' b'], ['message', 'c'], ['message', 'd']])
  t.same(parse(bytes('\ufeffdata: x\n\n')), [{ id: '', event: 'message', data: 'x' }])
  t.same(parse(bytes('data: unfinished')), [])
})

test('however a stream is cut, it says the same', async (t) => {
  const text = 'id: 1\r\ndata: zürich €😀\r\n\r\n: alive\n\nid: 2\revent: x\rdata: a\rdata: b\r\rdata: last\n\n'
  const whole = bytes(text)
  const wanted = parse(whole)
  t.equal(wanted.length, 3)
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }), (cuts) => {
    const at = [0, ...cuts.sort((a, b) => a - b), whole.length]
    const pieces = at.slice(1).map((end, i) => whole.subarray(at[i], end))
    return JSON.stringify(parse(...pieces)) === JSON.stringify(wanted)
  }), { seed: 1 })
  t.same(parse(...[...whole].map((byte) => Uint8Array.of(byte))), wanted)
})

test('a message without end is not kept for ever', async (t) => {
  const parser = createSseParser()
  t.throws(() => {
    for (let i = 0; i < 10; i++) parser.push(bytes('x'.repeat(1024 * 1024)))
  }, { code: 'PMT_ERR_REQUEST' })
})
