import { test } from 'tap'
import { normalCdf, normalQuantile } from '../../../src/measure/statistics/normal.ts'
import { Z90 } from '../../../src/measure/statistics/wilson.ts'
import { near } from '../../helpers/near.ts'

test('the distribution function at published points, far tails included', async (t) => {
  for (const [z, p] of [
    [0, 0.5], [1, 0.8413447460685429], [-1.96, 0.024997895148220435], [-5, 2.866515718791939e-7], [-10, 7.61985302416053e-24]
  ] as const) near(t, normalCdf(z) / p, 1, 1e-12)
  t.equal(normalCdf(-100), 0)
  t.equal(normalCdf(100), 1)
})

test('both formulas agree where they meet', async (t) => {
  near(t, normalCdf(-3 + 1e-12) / normalCdf(-3), 1, 1e-10)
})

test('the quantile', async (t) => {
  near(t, normalQuantile(0.95), Z90, 1e-12)
  near(t, normalQuantile(0.975), 1.959963984540054, 1e-12)
  near(t, normalQuantile(0.001), -3.090232306167813, 1e-11)
  near(t, normalQuantile(0.5), 0, 1e-15)
})
