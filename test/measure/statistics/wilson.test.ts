import { test } from 'tap'
import { wilson } from '../../../src/measure/statistics/wilson.ts'
import { near } from '../../helpers/near.ts'

const Z95 = 1.959963984540054

test('A6: Newcombe\'s table of 1998, 95 %', async (t) => {
  for (const [good, n, lower, upper] of [
    [81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]
  ] as const) {
    const bounds = wilson(good / n, n, Z95)
    near(t, bounds.lower, lower, 5e-5)
    near(t, bounds.upper, upper, 5e-5)
  }
})

test('0 and 1 are exact bounds, and without data nothing is known', async (t) => {
  t.equal(wilson(0, 17, Z95).lower, 0)
  t.equal(wilson(1, 17, Z95).upper, 1)
  t.strictSame(wilson(0, 0, Z95), { lower: 0, upper: 1 })
})
