import { test } from 'tap'
import { clopperPearson } from '../../../src/measure/statistics/clopper-pearson.ts'
import { dependentSize, dependentSizes, effectiveSize, total } from '../../../src/measure/statistics/effective-size.ts'
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

/** 64 seconds of 100, in which so many are bad in these. */
const seconds = (bad: number, ...at: number[]) =>
  Array.from({ length: 64 }, (_, second) => ({ n: 100, bad: at.includes(second) ? bad : 0 }))

test('bad ones that are spread evenly over the seconds are worth their number', async (t) => {
  near(t, dependentSize(Array.from({ length: 64 }, (_, second) => ({ n: 100, bad: second % 2 })), 0.05), 6400, 1e-9)
})

test('as uneven as by chance: worth less for there being but eight blocks', async (t) => {
  // By hand: the squares are 4, so the effect is 8 / 7 * 32 / 31.84 = 1.1486; (1.64507 / 1.89458)^2 = 0.75394 for seven degrees.
  const blocks = Array.from({ length: 8 }, (_, i) => ({ n: 800, bad: i % 2 === 0 ? 6 : 2 }))
  near(t, dependentSize(blocks, 0.05), 6400 / 1.1486 * 0.75394, 0.5)
})

test('one burst is about one event, whatever its size and length', async (t) => {
  for (const burst of [seconds(10, 20), seconds(40, 20), seconds(20, 20, 21, 22, 23)]) {
    const size = dependentSize(burst, 0.05)
    const { n, bad } = total(burst)
    // So many bad ones is it worth: one at most, and much less as there is but one.
    t.ok(bad / n * size < 0.15, `${bad} bad ones are worth ${bad / n * size}`)
  }
})

test('what hangs together for longer is worth less, also beyond an eighth of the time', async (t) => {
  const runs = (length: number) =>
    Array.from({ length: 64 }, (_, second) => ({ n: 100, bad: second % (2 * length) < length ? 8 : 0 }))
  const sizes = [1, 2, 4, 8, 16].map((length) => dependentSize(runs(length), 0.05))
  for (const [i, size] of sizes.entries()) if (i > 0) t.ok(size < sizes[i - 1]!, `${size} are fewer than ${sizes[i - 1]!}`)
})

test('where one of two shows no dependence for want of bad ones, it is taken to be as the other', async (t) => {
  const [burst, clean] = [seconds(10, 5, 6, 30, 50), seconds(0)]
  const size = dependentSize(burst, 0.05)
  near(t, dependentSizes(burst, clean, 0.05)[1], size, 1e-9)
  near(t, dependentSizes(clean.slice(32), burst, 0.05)[0], size / 2, 1e-9)
  t.equal(dependentSizes(clean, burst, 0.05)[1], size)
  t.strictSame(dependentSizes(clean, clean, 0.05), [6400, 6400])
  t.strictSame(dependentSizes([], burst, 0.05), [0, size])
})
