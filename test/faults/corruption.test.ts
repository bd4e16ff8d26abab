import { test } from 'tap'
import { createCorrupter } from '../../src/faults/corruption.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { near } from '../helpers/near.ts'

/** Where bytes were flipped, over chunks of a size that add up to `total`. */
function flipped (oneIn: number, total: number, chunk: number): number[] {
  const corrupt = createCorrupter(oneIn, createRandom(5))
  const places: number[] = []
  for (let from = 0; from < total; from += chunk) {
    corrupt(new Uint8Array(chunk))?.forEach((byte, i) => { if (byte !== 0) places.push(from + i) })
  }
  return places
}

test('one byte in so many, on average, and gaps as of independent bytes', async (t) => {
  const places = flipped(100, 1_000_000, 1000)
  near(t, places.length, 10_000, 4 * Math.sqrt(9900))
  // Of geometric gaps, 1 - 0.99^100 are shorter than 100.
  const gaps = places.slice(1).map((place, i) => place - places[i]!)
  near(t, gaps.filter((gap) => gap <= 100).length / gaps.length, 1 - 0.99 ** 100, 4 * Math.sqrt(0.25 / gaps.length))
})

test('however the bytes are cut into chunks', async (t) => {
  t.strictSame(flipped(100, 100_000, 10), flipped(100, 100_000, 50_000))
})

test('at the edges', async (t) => {
  t.equal(flipped(1, 1000, 10).length, 1000, 'every byte')
  t.strictSame(flipped(1e300, 100_000, 1000), [], 'none')
  t.equal(createCorrupter(1, createRandom(1))(new Uint8Array(0)), null)
})
