import fc from 'fast-check'
import { test } from 'tap'
import { Pending } from '../../../src/proxy/http1/pending.ts'

test('it is empty until something comes', async (t) => {
  const pending = new Pending()
  t.equal(pending.bytes, null)
  t.equal(pending.length, 0)
  t.equal(pending.take().length, 0)
  pending.push(Buffer.from('abc'), 5)
  t.equal(pending.length, 3)
  t.equal(pending.since, 5)
  t.equal(pending.take().toString(), 'abc')
  t.equal(pending.bytes, null)
})

test('a chunk that is taken whole is not copied', async (t) => {
  const pending = new Pending()
  const chunk = Buffer.from('abc')
  pending.push(chunk, 1)
  t.equal(pending.bytes, chunk)
  t.equal(pending.take(3), chunk)
})

test('it knows when its first byte came, however it was cut', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 })
  fc.assert(fc.property(lengths, fc.array(fc.integer({ min: 1, max: 6 })), (chunks, takes) => {
    const pending = new Pending()
    // Each byte says when it came.
    chunks.forEach((length, at) => pending.push(Buffer.alloc(length, at), at))
    const all = Buffer.concat(chunks.map((length, at) => Buffer.alloc(length, at)))
    let taken = 0
    for (const take of takes) {
      const length = Math.min(take, pending.length)
      if (length === 0) break
      if (!pending.take(length).equals(all.subarray(taken, taken + length))) return false
      taken += length
      if (pending.length > 0 && pending.since !== pending.bytes![0]) return false
    }
    return pending.length === all.length - taken
  }))
})
