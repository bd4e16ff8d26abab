import fc from 'fast-check'
import { test } from 'tap'
import { binomialAtMost } from '../../../src/measure/statistics/binomial.ts'
import { clopperPearson } from '../../../src/measure/statistics/clopper-pearson.ts'
import { quantileEstimate, quantileRanks } from '../../../src/measure/statistics/order-statistic.ts'
import { near } from '../../helpers/near.ts'

test('A7: ranks of a quantile, two-sided 95 %, and what they cover', async (t) => {
  for (const [n, q, lower, upper, covered] of [
    [100, 0.5, 40, 61, 0.9648], [1000, 0.99, 983, 997, 0.9761], [10_000, 0.99, 9880, 9920, 0.9558]
  ] as const) {
    t.strictSame(quantileRanks(q, n, 0.05), { lower, upper })
    near(t, binomialAtMost(upper - 1, n, q) - binomialAtMost(lower - 1, n, q), covered, 5e-5)
  }
  t.equal(quantileRanks(0.99, 300, 0.05).upper, 301, 'a rank that does not exist')
})

test('the published table of ranks around the median, 95 %', async (t) => {
  for (const [n, lower, upper] of [
    [6, 1, 6], [8, 1, 8], [10, 2, 9], [15, 4, 12], [20, 6, 15], [30, 10, 21], [50, 18, 33]
  ] as const) {
    t.strictSame(quantileRanks(0.5, n, 0.05), { lower, upper }, `of ${n}`)
  }
  t.strictSame(quantileRanks(0.5, 5, 0.05), { lower: 0, upper: 6 }, 'five cannot tell')
})

test('B8: the ranks of one-sided 95 %', async (t) => {
  t.strictSame(quantileRanks(0.99, 1000, 0.1), { lower: 985, upper: 996 })
})

const QUANTILES = fc.constantFrom(0.5, 0.9, 0.95, 0.99)

test('A8: a threshold is met for sure just when the upper rank is within it, and missed just when the lower one is not', async (t) => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 3000 }), QUANTILES,
    fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.02, max: 1, noNaN: true }),
    (n, q, share, shrink) => {
      const effective = n * shrink
      const within = Math.max(0, Math.round(n * (1 - (1 - share) * (1 - q) * 4)))
      const ranks = quantileRanks(q, n, 0.1, effective)
      const { lower, upper } = clopperPearson(within * shrink, effective, 0.05)
      return (lower >= q) === (within >= ranks.upper) && (upper < q) === (within < ranks.lower)
    }
  ), { seed: 11, numRuns: 1000 })
  t.pass('held for every example')
})

test('values that are worth fewer give wider ranks', async (t) => {
  const all = quantileRanks(0.9, 1000, 0.1)
  const few = quantileRanks(0.9, 1000, 0.1, 100)
  t.ok(few.lower < all.lower && few.upper > all.upper)
  t.strictSame(quantileRanks(0.9, 1000, 0.1, 0), { lower: 0, upper: 1001 })
})

test('an estimate is the nearest rank, and a bound that does not exist is infinite', async (t) => {
  const values = Array.from({ length: 1000 }, (_, i) => i + 1)
  t.strictSame(quantileEstimate(values, 0.99, 0.1), { estimate: 990, lower: 985, upper: 996 })
  t.strictSame(quantileEstimate([1, 2, 3], 0.99, 0.1), { estimate: 3, lower: 3, upper: Infinity })
  t.strictSame(quantileEstimate([1, 2, 3], 0, 0.1), { estimate: 1, lower: -Infinity, upper: 1 })
  t.strictSame(quantileEstimate([], 0.99, 0.1), { estimate: NaN, lower: -Infinity, upper: Infinity })
})
