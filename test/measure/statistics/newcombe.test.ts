import { test } from 'tap'
import { newcombe } from '../../../src/measure/statistics/newcombe.ts'
import { Z90 } from '../../../src/measure/statistics/wilson.ts'
import { near } from '../../helpers/near.ts'

const Z95 = 1.959963984540054

test('B1: Newcombe\'s published table, method 10, 95 %', async (t) => {
  for (const [a, m, b, n, lower, upper] of [
    [56, 70, 48, 80, 0.0524, 0.3339], [9, 10, 3, 10, 0.1705, 0.8090], [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926], [0, 10, 0, 20, -0.1611, 0.2775], [10, 10, 0, 10, 0.6075, 1]
  ] as const) {
    const found = newcombe({ p: a / m, n: m }, { p: b / n, n }, Z95)
    near(t, found.lower, lower, 5e-5)
    near(t, found.upper, upper, 5e-5)
  }
})

test('B2: 60 against 20 bad of 10,000, 90 %', async (t) => {
  const found = newcombe({ p: 0.006, n: 10_000 }, { p: 0.002, n: 10_000 }, Z90)
  near(t, found.difference, 0.004, 1e-12)
  near(t, found.lower, 0.002556, 5e-7)
  near(t, found.upper, 0.005538, 5e-7)
})

test('swapping the samples mirrors the interval', async (t) => {
  const a = { p: 0.03, n: 400 }
  const b = { p: 0.01, n: 90 }
  near(t, newcombe(a, b, Z90).lower, -newcombe(b, a, Z90).upper, 1e-15)
})
