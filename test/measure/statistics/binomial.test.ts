import { test } from 'tap'
import { binomialAtMost } from '../../../src/measure/statistics/binomial.ts'
import { near } from '../../helpers/near.ts'

function summed (k: number, n: number, p: number): number {
  let term = (1 - p) ** n
  let sum = term
  for (let i = 1; i <= k; i++) sum += term *= (n - i + 1) / i * p / (1 - p)
  return sum
}

test('the tail equals the sum of its terms', async (t) => {
  for (const [k, n, p] of [[0, 299, 0.01], [4, 1000, 0.01], [38, 1000, 0.05], [3, 10, 0.3], [9, 10, 0.9]] as const) {
    near(t, binomialAtMost(k, n, p), summed(k, n, p), 1e-12)
  }
})

test('the ends are certain', async (t) => {
  t.equal(binomialAtMost(-1, 10, 0.5), 0)
  t.equal(binomialAtMost(10, 10, 0.5), 1)
})

test('A7: ranks of order-statistic intervals on a quantile, two-sided 95 %', async (t) => {
  const ranks = (n: number, q: number): { lower: number, upper: number, cover: number } => {
    let lower = 0
    let upper = 0
    while (binomialAtMost(lower, n, q) <= 0.025) lower++
    while (binomialAtMost(upper, n, q) < 0.975) upper++
    upper++
    return { lower, upper, cover: binomialAtMost(upper - 1, n, q) - binomialAtMost(lower - 1, n, q) }
  }
  for (const [n, q, lower, upper, cover] of [
    [100, 0.5, 40, 61, 0.9648], [1000, 0.99, 983, 997, 0.9761], [10_000, 0.99, 9880, 9920, 0.9558]
  ] as const) {
    const found = ranks(n, q)
    t.match(found, { lower, upper })
    near(t, found.cover, cover, 5e-5)
  }
  t.equal(ranks(300, 0.99).upper, 301, 'a rank that does not exist: unbounded')
})
