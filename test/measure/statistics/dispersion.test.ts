import { test } from 'tap'
import { createRandom } from '../../../src/kernel/random.ts'
import { dispersion } from '../../../src/measure/statistics/dispersion.ts'
import { near } from '../../helpers/near.ts'

test('by hand: 2, 4, 6 and 8 bad of 10, and 1 and 3 of 4', async (t) => {
  // Shares 0.5: (9 + 1 + 1 + 9) / 2.5 = 8 in three degrees of freedom; (1 + 1) / 1 = 2 in one.
  const tens = [2, 4, 6, 8].map((bad) => ({ n: 10, bad }))
  near(t, dispersion([tens, [{ n: 4, bad: 1 }, { n: 4, bad: 3 }]]), 10 / 4, 1e-12)
  t.equal(dispersion([tens]), 1, 'three degrees of freedom say nothing')
  near(t, dispersion([tens, [{ n: 4, bad: 1 }, { n: 0, bad: 0 }, { n: 4, bad: 3 }]]), 10 / 4, 1e-12)
})

test('what shows nothing counts for nothing, and it is never below 1', async (t) => {
  const all = Array.from({ length: 9 }, () => ({ n: 10, bad: 10 }))
  t.equal(dispersion([all, all.map(({ n }) => ({ n, bad: 0 }))]), 1)
  t.equal(dispersion([all.map(({ n }) => ({ n, bad: 5 }))]), 1)
  t.equal(dispersion([]), 1)
})

test('bad ones that come eight at a time vary eight times as much, at whatever share', async (t) => {
  const random = createRandom(5)
  const group = (share: number) => Array.from({ length: 200 }, () => {
    let bad = 0
    for (let i = 0; i < 12; i++) if (random.next() < share) bad += 8
    return { n: 96, bad }
  })
  near(t, dispersion([group(0.1), group(0.5), group(0.9)]), 8, 0.8)
})
