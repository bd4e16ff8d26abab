import { test } from 'tap'
import { kaplanMeier, medianTime } from '../../../src/measure/statistics/kaplan-meier.ts'
import { near } from '../../helpers/near.ts'

const times = (...written: (number | string)[]) =>
  written.map((time) => ({ time: Number.parseInt(String(time)), censored: String(time).endsWith('+') }))

// Freireich et al. 1963: weeks of remission, the textbook example (Cox and Oakes 1984); a plus is censored.
const TREATED = times(6, 6, 6, '6+', 7, '9+', 10, '10+', '11+', 13, 16, '17+', '19+', '20+', 22, 23, '25+', '32+', '32+', '34+', '35+')
const PLACEBO = times(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)

test('the published curve and medians of the remission data', async (t) => {
  const steps = kaplanMeier(TREATED)
  t.strictSame(steps.map(({ time }) => time), [6, 7, 10, 13, 16, 22, 23])
  const published = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
  for (const [i, share] of published.entries()) near(t, steps[i]!.share, share, 5e-5)
  t.equal(medianTime(TREATED), 23)
  t.equal(medianTime(PLACEBO), 8)
})

test('without censoring it is the plain median, the lower one of two', async (t) => {
  t.equal(medianTime(times(5, 1, 3)), 3)
  t.equal(medianTime(times(1, 2, 3, 4, 5, 6)), 3)
})

test('runs that never recovered count, so the median may not have been seen', async (t) => {
  t.equal(medianTime(times(4, '30+', '30+')), null)
  t.equal(medianTime(times('30+')), null)
  t.equal(medianTime([]), null)
  t.equal(medianTime(times(4, 6, '30+')), 6)
})

test('what is censored at the time of an event was at risk of it', async (t) => {
  t.strictSame(kaplanMeier(times('5+', 5)), [{ time: 5, share: 0.5 }])
})
