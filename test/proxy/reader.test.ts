import { test } from 'tap'
import { Reader } from '../../src/proxy/reader.ts'

/** Does what a socket does: asks for a buffer, fills part of it, hands it over. */
function read (reader: Reader, bytes: Buffer): Buffer {
  const buffer = (reader.onread.buffer as () => Buffer)()
  const length = bytes.copy(buffer)
  reader.onread.callback(length, buffer)
  return buffer
}

test('one buffer serves all reads, as long as nobody keeps the bytes', async (t) => {
  const reader = new Reader()
  const seen: string[] = []
  reader.into((chunk) => {
    seen.push(chunk.toString())
    return true
  })
  const first = read(reader, Buffer.from('one'))
  t.equal(read(reader, Buffer.from('two')), first)
  t.same(seen, ['one', 'two'])
})

test('bytes that are kept are never written over', async (t) => {
  const reader = new Reader()
  const kept: Buffer[] = []
  reader.into((chunk) => {
    kept.push(chunk)
    return false
  })
  for (const text of ['one', 'two', 'three']) read(reader, Buffer.from(text))
  t.same(kept.map(String), ['one', 'two', 'three'])
})

test('a read that fills the buffer makes the next one larger, once', async (t) => {
  const reader = new Reader()
  reader.into(() => true)
  const small = read(reader, Buffer.alloc(1_000_000))
  const large = read(reader, Buffer.alloc(10))
  t.ok(large.length > small.length)
  t.equal(read(reader, Buffer.alloc(1_000_000)), large)
  t.equal(read(reader, Buffer.alloc(1)), large)
})
