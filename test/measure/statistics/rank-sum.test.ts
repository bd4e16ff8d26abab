import fc from 'fast-check'
import { test } from 'tap'
import { cliffsDelta, rankSum, shiftOf } from '../../../src/measure/statistics/rank-sum.ts'
import { near } from '../../helpers/near.ts'

// Hollander and Wolfe 1973, page 69, as in the example of R's wilcox.test.
const HOLLANDER_X = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
const HOLLANDER_Y = [1.15, 0.88, 0.90, 0.74, 1.21]

// The example of scipy's mannwhitneyu.
const MALES = [19, 22, 16, 29, 24]
const FEMALES = [20, 11, 17, 12]

test('B5: Hollander and Wolfe', async (t) => {
  const exact = rankSum(HOLLANDER_X, HOLLANDER_Y)
  t.match(exact, { u: 35, exact: true })
  near(t, exact.greater, 0.1272061, 5e-8)
  near(t, exact.twoSided, 0.2544123, 5e-8)
  const normal = rankSum(HOLLANDER_X, HOLLANDER_Y, false)
  t.equal(normal.exact, false)
  near(t, normal.twoSided, 0.2446236, 5e-8)
  const { shift, lower, upper, attained } = shiftOf(HOLLANDER_X, HOLLANDER_Y, 0.05)
  near(t, shift, 0.305, 1e-12)
  near(t, lower, -0.15, 1e-12)
  near(t, upper, 0.76, 1e-12)
  near(t, attained, 0.96004, 5e-6)
  const { delta, effect } = cliffsDelta(HOLLANDER_X, HOLLANDER_Y)
  near(t, delta, 0.4, 1e-12)
  near(t, (delta + 1) / 2, 0.7, 1e-12)
  t.equal(effect, 'medium')
})

test('B6: scipy\'s example', async (t) => {
  const exact = rankSum(MALES, FEMALES)
  t.equal(exact.u, 17)
  near(t, exact.twoSided, 0.1111111, 5e-8)
  near(t, rankSum(MALES, FEMALES, false).twoSided, 0.1113469, 5e-8)
  t.equal(shiftOf(MALES, FEMALES, 0.05).shift, 7)
  near(t, cliffsDelta(MALES, FEMALES).delta, 0.7, 1e-12)
})

/** Samples of m and n without ties, with so many pairs in which x is above y. */
function samplesOf (u: number, m: number, n: number): [number[], number[]] {
  const x = Array.from({ length: m }, (_, i) => Math.min(n, Math.max(0, u - i * n)) + (i + 1) / (m + 2))
  return [x, Array.from({ length: n }, (_, j) => j + 1)]
}

test('the published critical values of U, two-sided 5 %', async (t) => {
  for (const [m, n, critical] of [
    [4, 4, 0], [5, 5, 2], [6, 6, 5], [7, 7, 8], [8, 8, 13], [10, 10, 23], [8, 10, 17], [3, 8, 2], [20, 20, 127]
  ] as const) {
    t.ok(rankSum(...samplesOf(critical, m, n)).twoSided <= 0.05, `${critical} of ${m} and ${n} is`)
    t.ok(rankSum(...samplesOf(critical + 1, m, n)).twoSided > 0.05, `${critical + 1} is not`)
  }
})

test('ties count half, and widen nothing that is not there', async (t) => {
  // Ranks by hand: x 1.5, 3.5, 6; y 1.5, 3.5, 5: U = 11 - 6 = 5; two ties of two.
  const { u, exact, greater } = rankSum([1, 2, 5], [1, 2, 3])
  t.equal(u, 5)
  t.equal(exact, false)
  near(t, greater, 0.5, 1e-12)
  t.match(rankSum([1, 1], [1, 1]), { u: 2, twoSided: 1 })
})

test('without data nothing is said', async (t) => {
  t.match(rankSum([], [1]), { greater: 1, less: 1, twoSided: 1 })
  t.match(shiftOf([], [1], 0.05), { lower: -Infinity, upper: Infinity })
  t.strictSame(cliffsDelta([], [1]), { delta: 0, effect: 'negligible' })
})

test('the words of an effect', async (t) => {
  const y = Array.from({ length: 1000 }, (_, i) => i)
  const effect = (delta: number) => cliffsDelta([(delta + 1) * 500 - 0.5], y).effect
  t.strictSame([0, 0.146, 0.148, -0.148, 0.331, -0.475].map(effect), ['negligible', 'negligible', 'small', 'small', 'medium', 'large'])
})

test('few values give the widest interval there is, many the normal one', async (t) => {
  t.strictSame(shiftOf([1, 2], [0, 5], 0.05), { shift: -1, lower: -4, upper: 2, attained: 1 - 1 / 3 })
  const x = Array.from({ length: 60 }, (_, i) => i + 0.5)
  const { shift, lower, upper, attained } = shiftOf(x, x.map((value) => value - 10), 0.05)
  t.equal(shift, 10)
  t.equal(attained, 0.95)
  t.ok(lower > 0 && lower < 10 && upper > 10 && upper < 20)
})

test('the exact p is the share of all deals of the values that are as extreme', async (t) => {
  const distinct = fc.uniqueArray(fc.integer(), { minLength: 3, maxLength: 9 })
  fc.assert(fc.property(distinct, fc.integer({ min: 1, max: 8 }), (values, split) => {
    const m = Math.min(split, values.length - 1)
    const { u, greater, less } = rankSum(values.slice(0, m), values.slice(m))
    let [deals, above, below] = [0, 0, 0]
    for (let deal = 0; deal < 2 ** values.length; deal++) {
      const x = values.filter((_, i) => (deal >> i & 1) === 1)
      if (x.length !== m) continue
      const y = values.filter((_, i) => (deal >> i & 1) === 0)
      const dealt = x.reduce((sum, a) => sum + y.filter((b) => a > b).length, 0)
      deals++
      if (dealt >= u) above++
      if (dealt <= u) below++
    }
    return Math.abs(above / deals - greater) < 1e-12 && Math.abs(below / deals - less) < 1e-12
  }), { seed: 13, numRuns: 60 })
  t.pass('held for every example')
})

test('the interval on the shift is the shifts that the test does not reject', async (t) => {
  const sample = fc.uniqueArray(fc.integer({ min: 0, max: 1e6 }), { minLength: 4, maxLength: 12 })
  fc.assert(fc.property(sample, sample, (x, y) => {
    const { lower, upper, attained } = shiftOf(x, y, 0.05)
    const rejects = (shift: number) => rankSum(x.map((value) => value - shift), y).twoSided <= 1 - attained + 1e-12
    return !rejects(lower + 0.25) && !rejects(upper - 0.25) && rejects(lower - 0.25) && rejects(upper + 0.25)
  }), { seed: 14, numRuns: 200 })
  t.pass('held for every example')
})
