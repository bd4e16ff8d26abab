import fc from 'fast-check'
import { test } from 'tap'
import { betaCdf, betaQuantile } from '../../../src/measure/statistics/beta.ts'
import { near } from '../../helpers/near.ts'

test('the distribution function has its closed forms', async (t) => {
  near(t, betaCdf(0.3, 1, 1), 0.3, 1e-14)
  near(t, betaCdf(0.3, 1, 5), 1 - 0.7 ** 5, 1e-14)
  near(t, betaCdf(0.3, 5, 1), 0.3 ** 5, 1e-14)
  near(t, betaCdf(0.5, 7.5, 7.5), 0.5, 1e-13)
  near(t, betaCdf(0.25, 0.5, 0.5), 1 / 3, 1e-13)
  t.equal(betaCdf(0, 2, 3), 0)
  t.equal(betaCdf(1, 2, 3), 1)
})

test('the quantile has its closed forms', async (t) => {
  near(t, betaQuantile(0.05, 299, 1), 0.05 ** (1 / 299), 1e-13)
  near(t, betaQuantile(0.95, 1, 40), 1 - 0.05 ** (1 / 40), 1e-13)
  near(t, betaQuantile(0.3, 0.5, 0.5), Math.sin(Math.PI * 0.15) ** 2, 1e-13)
  near(t, betaQuantile(0.5, 2, 3), 0.38572756813239, 1e-12)
  t.equal(betaQuantile(0, 2, 3), 0)
  t.equal(betaQuantile(1, 2, 3), 1)
})

test('published quantiles of the F distribution, which is a beta in disguise', async (t) => {
  const f = (p: number, d1: number, d2: number): number => {
    const x = betaQuantile(p, d1 / 2, d2 / 2)
    return d2 * x / (d1 * (1 - x))
  }
  near(t, f(0.95, 5, 10), 3.3258, 5e-5)
  near(t, f(0.99, 2, 20), 5.8489, 5e-5)
  near(t, f(0.95, 10, 10), 2.9782, 5e-5)
})

test('the quantile undoes the distribution function, whatever the parameters', async (t) => {
  fc.assert(fc.property(
    fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    fc.double({ min: 1, max: 1e5, noNaN: true }),
    fc.double({ min: 1, max: 1e5, noNaN: true }),
    (p, a, b) => Math.abs(betaCdf(betaQuantile(p, a, b), a, b) - p) < 1e-8
  ), { seed: 1 })
  t.pass('held for every example')
})
