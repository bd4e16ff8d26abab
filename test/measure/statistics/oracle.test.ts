import betaOracle from '@stdlib/stats-base-dists-beta-quantile'
import binomialOracle from '@stdlib/stats-base-dists-binomial-cdf'
import studentOracle from '@stdlib/stats-base-dists-t-quantile'
import { test } from 'tap'
import type { Test } from 'tap'
import { betaQuantile } from '../../../src/measure/statistics/beta.ts'
import { binomialAtMost } from '../../../src/measure/statistics/binomial.ts'
import { clopperPearson } from '../../../src/measure/statistics/clopper-pearson.ts'
import { newcombe } from '../../../src/measure/statistics/newcombe.ts'
import { quantileRanks } from '../../../src/measure/statistics/order-statistic.ts'
import { studentQuantile } from '../../../src/measure/statistics/student.ts'
import { near } from '../../helpers/near.ts'

/** How far two independent implementations may be apart, in parts of the figure. */
const APART = 1e-9

const PROBABILITIES = [1e-6, 0.001, 0.025, 0.05, 0.25, 0.5, 0.9, 0.95, 0.975, 0.999]
const SIZES = [1, 10, 59, 299, 1000, 2995, 29_956]

/** Compares figures of ours with those of stdlib, and says where they are furthest apart. */
function agree (t: Test, pairs: Iterable<readonly [at: string, ours: number, theirs: number]>): void {
  let worst = { at: 'nowhere', apart: 0 }
  let count = 0
  for (const [at, ours, theirs] of pairs) {
    const apart = ours === theirs ? 0 : Math.abs(ours - theirs) / Math.abs(theirs)
    // A figure that is no number is as far apart as can be.
    if (!(apart <= worst.apart)) worst = { at: `${at}: ${ours} and ${theirs}`, apart }
    count++
  }
  t.ok(worst.apart <= APART, `${count} figures are within ${APART}; the furthest apart are ${worst.at}`)
}

test('quantiles of the beta distribution are those of stdlib', async (t) => {
  const parameters = [0.5, 1, 1.5, 3, 10, 99.5, 1000, 29_956]
  agree(t, PROBABILITIES.flatMap((p) => parameters.flatMap((a) => parameters.map((b) =>
    [`p ${p}, a ${a}, b ${b}`, betaQuantile(p, a, b), betaOracle(p, a, b)] as const))))
})

test('binomial tails are those of stdlib', async (t) => {
  const shares = [0.001, 0.01, 0.05, 0.3, 0.5, 0.95, 0.99]
  agree(t, SIZES.flatMap((n) => shares.flatMap((p) => [-3, -1, 0, 1, 3].flatMap((deviations) => {
    const k = Math.round(n * p + deviations * Math.sqrt(n * p * (1 - p)))
    return k < 0 || k > n ? [] : [[`k ${k}, n ${n}, p ${p}`, binomialAtMost(k, n, p), binomialOracle(k, n, p)] as const]
  }))))
})

test('quantiles of Student\'s t are those of stdlib, degrees of freedom that are no whole number included', async (t) => {
  const freedoms = [0.5, 1, 1.3, 2, 3.7, 7, 11, 29, 120, 5999, 1e6]
  agree(t, [0.001, 0.05, 0.25, 0.6, 0.74, 0.76, 0.9, 0.95, 0.975, 0.995, 0.9999].flatMap((p) => freedoms.map((df) =>
    [`p ${p}, df ${df}`, studentQuantile(p, df), studentOracle(p, df)] as const)))
})

test('bounds of Clopper and Pearson, of whole and effective sizes, are what stdlib\'s quantiles make them', async (t) => {
  const shares = [0.3, 0.9, 0.99, 0.999]
  agree(t, [...SIZES, 553.27, 12.5].flatMap((n) => shares.flatMap((share) => [0.01, 0.025, 0.05].flatMap((alpha) => {
    const good = Number.isInteger(n) ? Math.round(share * n) : share * n
    const { lower, upper } = clopperPearson(good, n, alpha)
    const at = `${good} of ${n}, alpha ${alpha}`
    return [
      [`lower, ${at}`, lower, good === 0 ? 0 : betaOracle(alpha, good, n - good + 1)],
      [`upper, ${at}`, upper, good === n ? 1 : betaOracle(1 - alpha, good + 1, n - good)]
    ] as const
  }))))
})

test('published: Mendel\'s peas (Conover 1971, page 97, as in the example of R\'s binom.test)', async (t) => {
  const { lower, upper } = clopperPearson(682, 682 + 243, 0.025)
  near(t, lower, 0.7076683, 5e-8)
  near(t, upper, 0.7654066, 5e-8)
})

test('published: NIST\'s e-Handbook, 7.2.4.1, four of twenty at 90 %', async (t) => {
  const { lower, upper } = clopperPearson(4, 20, 0.05)
  near(t, lower, 0.071354, 1e-6)
  near(t, upper, 0.401029, 1e-6)
})

test('published: the two contrasts of Newcombe 1998 beside those of vector B1', async (t) => {
  const Z95 = 1.959963984540054
  const [none, all] = [newcombe({ p: 0, n: 10 }, { p: 0, n: 10 }, Z95), newcombe({ p: 1, n: 10 }, { p: 0, n: 20 }, Z95)]
  near(t, none.lower, -0.2775, 5e-5)
  near(t, none.upper, 0.2775, 5e-5)
  near(t, all.lower, 0.6791, 5e-5)
  near(t, all.upper, 1, 5e-5)
})

test('published: the upper quartile of sixteen (Conover 1999, section 3.2, example 2)', async (t) => {
  near(t, binomialAtMost(8, 16, 0.75), 0.0271, 5e-5)
  near(t, binomialAtMost(14, 16, 0.75), 0.9365, 5e-5)
  // Conover takes rank 15 above, which leaves more than 5 %; an interval that keeps its word takes 16.
  t.strictSame(quantileRanks(0.75, 16, 0.1), { lower: 9, upper: 16 })
  t.strictSame(quantileRanks(0.75, 16, 2 * (1 - 0.9365)), { lower: 9, upper: 15 })
})
