import { test } from 'tap'
import { studentQuantile } from '../../../src/measure/statistics/student.ts'
import { near } from '../../helpers/near.ts'

test('quantiles of the published table', async (t) => {
  for (const [p, df, wanted] of [
    [0.95, 1, 6.313752], [0.975, 1, 12.706205], [0.975, 2, 4.302653], [0.975, 5, 2.570582], [0.975, 10, 2.228139],
    [0.95, 29, 1.699127], [0.975, 30, 2.042272], [0.975, 120, 1.97993], [0.995, 10, 3.169273], [0.9, 4, 1.533206]
  ] as const) near(t, studentQuantile(p, df), wanted, 1e-6)
})

test('quantiles of vector A9', async (t) => {
  near(t, studentQuantile(0.95, 5999), 1.645108, 1e-6)
  near(t, studentQuantile(0.95, 11), 1.795885, 1e-6)
})

test('it is symmetric, and nears the normal', async (t) => {
  t.equal(studentQuantile(0.5, 7), 0)
  t.equal(studentQuantile(0.1, 7), -studentQuantile(0.9, 7))
  near(t, studentQuantile(0.975, 1e7), 1.959964, 1e-6)
})
