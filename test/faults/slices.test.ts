import { test } from 'tap'
import { MOST_SLICES, slice } from '../../src/faults/slices.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { near } from '../helpers/near.ts'

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0)

test('equal pieces, and what is left', async (t) => {
  t.strictSame(slice(10, 4), [4, 4, 2])
  t.strictSame(slice(10, 4, 3), [4, 4, 2], 'without chance, nothing varies')
  t.strictSame([slice(10, 10), slice(10, 1e300), slice(0, 4)], [[10], [10], []])
})

test('varying pieces are of the size on average', async (t) => {
  const sizes = slice(60_000, 50, 30, createRandom(1)).slice(0, -1)
  // A uniform whole number from 20 to 80 has a variance of (61^2 - 1) / 12.
  near(t, sum(sizes) / sizes.length, 50, 4 * Math.sqrt(310 / sizes.length))
  t.ok(slice(1000, 5, 1e300, createRandom(1)).every((size) => size >= 1 && size <= 9))
})

test('no more pieces than there may be, and not one byte lost', async (t) => {
  for (const [size, variation] of [[1, 0], [1, 1], [3, 2], [16, 15], [17, 17]] as const) {
    const sizes = slice(65_536, size, variation, createRandom(2))
    t.ok(sizes.length <= MOST_SLICES && Math.min(...sizes) >= 1)
    t.equal(sum(sizes), 65_536)
  }
  t.equal(slice(65_536, 1).length, MOST_SLICES)
})
