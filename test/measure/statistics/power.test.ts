import { test } from 'tap'
import { binomialAtMost } from '../../../src/measure/statistics/binomial.ts'
import { clopperPearson } from '../../../src/measure/statistics/clopper-pearson.ts'
import { fewestForBreached, fewestForHeld, sizeForHeld, sizeToConclude } from '../../../src/measure/statistics/power.ts'

test('the fewest that can be held with no failure', async (t) => {
  t.strictSame([0.95, 0.99, 0.999, 0.9999].map((q) => fewestForHeld(q, 0.05)), [59, 299, 2995, 29_956])
})

test('the fewest that can be breached, all bad', async (t) => {
  for (const q of [0.5, 0.9, 0.95, 0.99, 0.999]) {
    const n = fewestForBreached(q, 0.05)
    t.ok(clopperPearson(0, n, 0.05).upper < q)
    if (n > 1) t.notOk(clopperPearson(0, n - 1, 0.05).upper < q)
  }
})

test('sizes for 80 % power, within the 2 % of the saw-tooth', async (t) => {
  for (const [target, truth, n, allowed] of [
    [0.99, 0.995, 1945, 12], [0.99, 0.998, 630, 2], [0.999, 0.9995, 19_458, 12], [0.999, 0.9998, 6310, 2], [0.95, 0.98, 234, 6]
  ] as const) {
    const found = sizeForHeld(target, truth, 0.05)
    t.ok(Math.abs(found / n - 1) < 0.02, `${found} is near ${n}`)
    t.ok(clopperPearson(found - allowed, found, 0.05).lower >= target, `${allowed} bad are allowed`)
    t.ok(clopperPearson(found - allowed - 1, found, 0.05).lower < target, 'one more is not')
    t.ok(binomialAtMost(allowed, found, 1 - truth) >= 0.8)
  }
})

test('no sample shows what is not so', async (t) => {
  t.equal(sizeForHeld(0.99, 0.99, 0.05), Infinity)
  t.equal(sizeForHeld(0.99, 0.9, 0.05), Infinity)
})

test('the size that would have concluded, with the same share', async (t) => {
  t.equal(sizeToConclude(1, 0.99, 0.05), 299)
  t.equal(sizeToConclude(0.99, 0.99, 0.05), Infinity)
  for (const good of [0.995, 0.98, 0.5]) {
    const n = sizeToConclude(good, 0.99, 0.05)
    const concludes = (size: number): boolean => {
      const { lower, upper } = clopperPearson(good * size, size, 0.05)
      return lower >= 0.99 || upper < 0.99
    }
    t.ok(concludes(n), `${n} conclude`)
    if (n > 1) t.notOk(concludes(n - 1), `${n - 1} do not`)
  }
})

test('a share next to the target needs more than anybody has', async (t) => {
  t.equal(sizeToConclude(0.99 + 1e-9, 0.99, 0.05), Infinity)
})
