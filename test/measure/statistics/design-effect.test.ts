import { test } from 'tap'
import { simulate } from '../../../docs/calibration-traffic.ts'
import { createRandom } from '../../../src/kernel/random.ts'
import { burstSize, designEffect } from '../../../src/measure/statistics/design-effect.ts'

test('A9: twelve blocks are too few to be told from chance; the same five times over are not', async (t) => {
  const blocks = [0, 0, 1, 0, 2, 0, 14, 11, 0, 1, 0, 1].map((bad) => ({ n: 500, bad }))
  t.equal(designEffect(blocks), 1)
  const more = Array.from({ length: 5 }, () => blocks).flat()
  t.ok(designEffect(more) > 8, `${designEffect(more)}`)
})

test('by hand: one second of sixteen has all the bad ones', async (t) => {
  const series = Array.from({ length: 16 }, (_, second) => ({ n: 10, bad: second === 3 ? 8 : 0 }))
  // p = 1/20; residuals: 7.5 once, -0.5 fifteen times.
  const wanted = 16 / 15 * (7.5 ** 2 + 15 * 0.25) / (160 * 0.05 * 0.95)
  t.ok(Math.abs(designEffect(series) - wanted) < 1e-12)
  t.ok(Math.abs(burstSize(series) - 2 * wanted) < 1e-12)
})

test('nothing bad, or nothing else: nothing hangs together', async (t) => {
  t.equal(designEffect([]), 1)
  t.equal(designEffect(Array.from({ length: 20 }, () => ({ n: 5, bad: 0 }))), 1)
  t.equal(burstSize(Array.from({ length: 20 }, () => ({ n: 5, bad: 5 }))), 1)
})

test('independent ones count one each nearly always, clusters of twenty as about as many', async (t) => {
  const random = createRandom(3)
  const sizes = (shape: Parameters<typeof simulate>[0]['shape']): number[] => Array.from({ length: 200 }, () =>
    burstSize(simulate({ rate: 50, seconds: 60, bad: 0.05, shape }, random))).sort((a, b) => a - b)
  t.equal(sizes({ kind: 'independent' })[190], 1)
  const clustered = sizes({ kind: 'clusters', size: 20 })
  t.ok(clustered[20]! > 20 && clustered[100]! < 100, `${clustered[20]} to ${clustered[100]}`)
})
