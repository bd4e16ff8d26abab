import { test } from 'tap'
import { holm } from '../../../src/measure/statistics/holm.ts'

test('Holm\'s steps stop at the first claim that does not stand', async (t) => {
  t.strictSame(holm([0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true])
  t.strictSame(holm([0.01, 0.02, 0.022, 0.09], 0.05), [true, false, false, false])
  t.strictSame(holm([0.01, 0.011, 0.02, 0.05], 0.05), [true, true, true, true])
})

test('one claim needs no correction, and none is none', async (t) => {
  t.strictSame(holm([0.05], 0.05), [true])
  t.strictSame(holm([0.051], 0.05), [false])
  t.strictSame(holm([], 0.05), [])
})

test('what each would be allowed alone is not enough together', async (t) => {
  t.strictSame(holm([0.04, 0.04], 0.05), [false, false])
})
