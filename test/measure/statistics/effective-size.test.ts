import { test } from 'tap'
import { clopperPearson } from '../../../src/measure/statistics/clopper-pearson.ts'
import { effectiveSize, total } from '../../../src/measure/statistics/effective-size.ts'
import { near } from '../../helpers/near.ts'

const blocks = (size: number, bad: number[]) => bad.map((count) => ({ n: size, bad: count }))

test('A9: bad exchanges in two bursts are worth a tenth of their number', async (t) => {
  const counts = blocks(500, [0, 0, 1, 0, 2, 0, 14, 11, 0, 1, 0, 1])
  t.strictSame(total(counts), { n: 6000, bad: 30 })
  near(t, clopperPearson(5970, 6000, 0.05).lower, 0.993224, 5e-7)
  const n = effectiveSize(counts, 0.05)
  near(t, n, 553.27, 0.005)
  near(t, 0.005 * n, 2.76637, 5e-5)
  const bounds = clopperPearson(0.995 * n, n, 0.05)
  near(t, bounds.lower, 0.986647, 5e-7)
  near(t, bounds.upper, 0.998733, 5e-7)
})

test('without a bad exchange, or with nothing else, it is their number', async (t) => {
  t.equal(effectiveSize(blocks(10, [0, 0, 0]), 0.05), 30)
  t.equal(effectiveSize(blocks(10, [10, 10, 10]), 0.05), 30)
  t.equal(effectiveSize([], 0.05), 0)
})

test('one block cannot show dependence', async (t) => {
  t.equal(effectiveSize(blocks(100, [7]), 0.05), 100)
})

test('it never exceeds their number, even when the blocks are more alike than chance', async (t) => {
  t.equal(effectiveSize(blocks(100, [5, 5, 5, 5]), 0.05), 400)
  t.equal(effectiveSize(blocks(100, [5, 5, 5, 6]), 0.05), 400)
})

test('blocks without traffic count as blocks', async (t) => {
  const busy = blocks(100, [0, 9, 0, 1, 0, 8])
  const silent = [...busy, ...blocks(0, [0, 0, 0, 0, 0, 0])]
  t.not(effectiveSize(silent, 0.05), effectiveSize(busy, 0.05))
})
