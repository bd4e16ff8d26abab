import { test } from 'tap'
import { budgetCost, burnRate, burnRateFactor } from '../../../src/measure/statistics/burn-rate.ts'
import { near } from '../../helpers/near.ts'

const HOUR = 3_600_000
const MONTH = 30 * 24 * HOUR

test('C4: the factors of the SRE Workbook', async (t) => {
  for (const [share, window, factor] of [
    [0.02, HOUR, 14.4], [0.05, 6 * HOUR, 6], [0.1, 24 * HOUR, 3], [0.1, 72 * HOUR, 1]
  ] as const) {
    near(t, burnRateFactor(share, MONTH, window), factor, 1e-12)
  }
})

test('C5: what a run costs of the budget', async (t) => {
  const { budget, share } = budgetCost(300 * 50 * 0.05, 0.999, MONTH, 50)
  near(t, budget, 129_600, 1e-6)
  near(t, share, 0.005787, 5e-7)
  near(t, burnRate(0.05, 0.999), 50, 1e-9)
})

test('of no budget, nothing costs nothing', async (t) => {
  t.equal(budgetCost(0, 0.999, MONTH, 0).share, 0)
  t.equal(budgetCost(1, 0.999, MONTH, 0).share, Infinity)
})
