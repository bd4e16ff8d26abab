import { test } from 'tap'
import { lnBeta, lnGamma } from '../../../src/measure/statistics/gamma.ts'
import { near } from '../../helpers/near.ts'

test('lnGamma is right at factorials, halves and small arguments', async (t) => {
  near(t, lnGamma(1), 0, 1e-13)
  near(t, lnGamma(5), Math.log(24), 1e-13)
  near(t, lnGamma(0.5), Math.log(Math.PI) / 2, 1e-13)
  near(t, lnGamma(0.1), 2.252712651734206, 1e-12)
  near(t, lnGamma(101), 363.7393755555635, 1e-10)
  near(t, lnGamma(1e6), 12815504.569147611, 1e-6)
})

test('lnBeta agrees with products of factorials', async (t) => {
  near(t, lnBeta(3, 4), Math.log(2 * 6 / 720), 1e-13)
  near(t, lnBeta(0.5, 0.5), Math.log(Math.PI), 1e-13)
})
