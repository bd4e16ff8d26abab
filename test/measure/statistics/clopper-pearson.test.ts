import fc from 'fast-check'
import { test } from 'tap'
import { binomialAtMost } from '../../../src/measure/statistics/binomial.ts'
import { clopperPearson } from '../../../src/measure/statistics/clopper-pearson.ts'
import { near } from '../../helpers/near.ts'

test('A1, A4, A5: one-sided bounds at 95 %', async (t) => {
  near(t, clopperPearson(9960, 10_000, 0.05).lower, 0.994796, 5e-7)
  near(t, clopperPearson(9960, 10_000, 0.05).upper, 0.996979, 5e-7)
  near(t, clopperPearson(299, 299, 0.05).lower, 0.990031, 5e-7)
  near(t, clopperPearson(298, 298, 0.05).lower, 0.989998, 5e-7)
  near(t, clopperPearson(996, 1000, 0.05).lower, 0.99087, 5e-7)
  near(t, clopperPearson(995, 1000, 0.05).lower, 0.989516, 5e-7)
  near(t, clopperPearson(984, 1000, 0.05).upper, 0.989939, 5e-7)
})

test('A6: Newcombe\'s table of 1998, exact two-sided 95 %', async (t) => {
  for (const [good, n, lower, upper] of [
    [81, 263, 0.2527, 0.3676], [15, 148, 0.0578, 0.1617], [0, 20, 0, 0.1684], [1, 29, 0.0009, 0.1776]
  ] as const) {
    const bounds = clopperPearson(good, n, 0.025)
    near(t, bounds.lower, lower, 5e-5)
    near(t, bounds.upper, upper, 5e-5)
  }
})

test('without data nothing is known', async (t) => {
  t.strictSame(clopperPearson(0, 0, 0.05), { lower: 0, upper: 1 })
})

test('the acceptance table: held up to so many bad, breached from so many', async (t) => {
  const never = -1
  const table: Record<number, [q: number, held: number, breached: number][]> = {
    100: [[0.95, 1, 10], [0.99, never, 4], [0.999, never, 2]],
    300: [[0.95, 8, 22], [0.99, 0, 7], [0.999, never, 2]],
    500: [[0.95, 16, 34], [0.99, 1, 10], [0.999, never, 3]],
    1000: [[0.95, 38, 63], [0.99, 4, 16], [0.999, never, 4]],
    3000: [[0.95, 130, 171], [0.99, 20, 40], [0.999, 0, 7]],
    5000: [[0.95, 224, 277], [0.99, 38, 63], [0.999, 1, 10]],
    10_000: [[0.99, 83, 118], [0.999, 4, 16]],
    50_000: [[0.999, 38, 63]]
  }
  for (const [size, row] of Object.entries(table)) {
    const n = Number(size)
    for (const [q, held, breached] of row) {
      const bounds = (bad: number) => clopperPearson(n - bad, n, 0.05)
      if (held >= 0) t.ok(bounds(held).lower >= q, `${n} at ${q}: held with ${held} bad`)
      t.ok(bounds(held + 1).lower < q, `${n} at ${q}: not held with ${held + 1} bad`)
      t.ok(bounds(breached).upper < q, `${n} at ${q}: breached with ${breached} bad`)
      t.ok(bounds(breached - 1).upper >= q, `${n} at ${q}: not breached with ${breached - 1} bad`)
    }
  }
})

test('the bounds and the binomial tails are the same decision', async (t) => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 0.1, noNaN: true }), fc.constantFrom(0.9, 0.95, 0.99, 0.999),
    (n, share, q) => {
      const bad = Math.round(share * n)
      const { lower, upper } = clopperPearson(n - bad, n, 0.05)
      const held = binomialAtMost(bad, n, 1 - q) <= 0.05
      const breached = 1 - binomialAtMost(bad - 1, n, 1 - q) < 0.05
      return (lower >= q) === held && (upper < q) === breached
    }
  ), { seed: 2, numRuns: 500 })
  t.pass('held for every example')
})

test('A8: held is the same event as the upper order statistic of the quantile staying within the threshold', async (t) => {
  // 1000 latencies, q = .99, one-sided 95 %: the bound on the 99th percentile is the value of rank 996.
  let k = 0
  while (binomialAtMost(k, 1000, 0.99) < 0.95) k++
  const rank = k + 1
  t.equal(rank, 996)
  const thousand = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1000, maxLength: 1000 })
  fc.assert(fc.property(thousand, fc.integer({ min: 90, max: 100 }), (latencies, threshold) => {
    const sorted = [...latencies].sort((a, b) => a - b)
    const good = latencies.filter((latency) => latency <= threshold).length
    return (sorted[rank - 1]! <= threshold) === (clopperPearson(good, 1000, 0.05).lower >= 0.99)
  }), { seed: 3 })
  for (let bad = 0; bad < 20; bad++) t.equal(clopperPearson(1000 - bad, 1000, 0.05).lower >= 0.99, 1000 - bad >= rank)
})
