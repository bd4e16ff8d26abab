import fc from 'fast-check'
import { test } from 'tap'
import { mover } from '../../../src/measure/statistics/mover.ts'
import type { Estimate } from '../../../src/measure/statistics/mover.ts'
import { quantileEstimate } from '../../../src/measure/statistics/order-statistic.ts'
import { near } from '../../helpers/near.ts'

test('B8: by how much a p99 moved, 90 %', async (t) => {
  const baseline = quantileEstimate(Array.from({ length: 1000 }, (_, i) => i + 1), 0.99, 0.1)
  const impact = quantileEstimate(Array.from({ length: 1000 }, (_, i) => 2 * (i + 1)), 0.99, 0.1)
  t.strictSame(impact, { estimate: 1980, lower: 1970, upper: 1992 })
  const found = mover(impact, baseline)
  t.equal(found.difference, 990)
  near(t, found.lower, 978.3381, 5e-5)
  near(t, found.upper, 1003, 1e-9)
})

test('a side that is unbounded in either makes the difference unbounded there', async (t) => {
  const unbounded = { estimate: 5, lower: 4, upper: Infinity }
  const bounded = { estimate: 3, lower: 2, upper: 4 }
  t.strictSame(mover(unbounded, bounded), { difference: 2, lower: 2 - Math.SQRT2, upper: Infinity })
  t.equal(mover(bounded, unbounded).lower, -Infinity)
})

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const estimate: fc.Arbitrary<Estimate> = fc.tuple(number, number, number).map((values) => {
  const [lower, middle, upper] = values.sort((a, b) => a - b)
  return { estimate: middle!, lower: lower!, upper: upper! }
})

test('swapping the two mirrors the interval, and it holds the difference', async (t) => {
  fc.assert(fc.property(estimate, estimate, (a, b) => {
    const found = mover(a, b)
    const mirrored = mover(b, a)
    const isNear = (x: number, y: number): boolean => Math.abs(x - y) <= 1e-9 * (1 + Math.abs(x))
    return isNear(found.difference, -mirrored.difference) &&
      isNear(found.lower, -mirrored.upper) && isNear(found.upper, -mirrored.lower) &&
      found.lower <= found.difference && found.difference <= found.upper
  }), { seed: 12 })
  t.pass('held for every example')
})
