import fc from 'fast-check'
import { test } from 'tap'
import { signFlip } from '../../../src/measure/statistics/sign-flip.ts'

test('B9: five pairs all above zero, and six of which one is not', async (t) => {
  t.equal(signFlip([0.8, 1.2, 0.5, 0.9, 1.1]), 1 / 32)
  t.equal(signFlip([0.8, 1.2, -0.5, 0.9, 1.1, 0.3]), 3 / 64)
})

// Darwin's maize, the example of Fisher's own book (The Design of Experiments, 1935, section 21): 863 of 32,768 are as large.
test('Darwin\'s fifteen pairs of plants', async (t) => {
  t.equal(signFlip([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]), 863 / 32_768)
})

test('sums that are equal but for rounding are equal', async (t) => {
  t.equal(signFlip([0.1, 0.2, -0.3]), 5 / 8)
  t.equal(signFlip([0, 0, 0]), 1)
  t.equal(signFlip([]), 1)
})

test('more than sixteen are dealt to sixteen groups', async (t) => {
  t.equal(signFlip(Array.from({ length: 40 }, () => 1)), 1 / 2 ** 16)
  t.equal(signFlip(Array.from({ length: 40 }, () => -1)), 1)
})

test('under no effect it is below alpha no more often than that, whatever the sizes', async (t) => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 })
  fc.assert(fc.property(sizes, fc.constantFrom(0.05, 0.1, 0.25), (values, alpha) => {
    let rejected = 0
    for (let flips = 0; flips < 2 ** values.length; flips++) {
      if (signFlip(values.map((value, i) => (flips >> i & 1) === 1 ? -value : value)) <= alpha) rejected++
    }
    return rejected / 2 ** values.length <= alpha
  }), { seed: 15, numRuns: 40 })
  t.pass('held for every example')
})
