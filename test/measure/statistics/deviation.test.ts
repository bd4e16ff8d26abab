import fc from 'fast-check'
import { test } from 'tap'
import { deviationOf, deviationOfBlocks } from '../../../src/measure/statistics/deviation.ts'
import { near } from '../../helpers/near.ts'

const share = (bad: number, n: number) => ({ p: bad / n, n })

test('B2: 60 against 20 bad of 10,000, by margin', async (t) => {
  const told = [0.002, 0.005, 0.01].map((margin) => deviationOf(share(60, 10_000), share(20, 10_000), margin))
  near(t, told[0]!.lower, 0.002556, 5e-7)
  near(t, told[0]!.upper, 0.005538, 5e-7)
  t.strictSame(told.map(({ verdict, changed }) => [verdict, changed]), [['deviated', true], ['inconclusive', true], ['no-relevant-change', true]])
})

test('an improvement is a change, and never a deviation', async (t) => {
  t.match(deviationOf(share(20, 10_000), share(60, 10_000), 0.002), { verdict: 'no-relevant-change', changed: true })
  t.match(deviationOf(share(20, 10_000), share(20, 10_000), 0.002), { verdict: 'no-relevant-change', changed: false, difference: 0 })
})

test('without data nothing is said', async (t) => {
  const nothing = { difference: 0, lower: -1, upper: 1, verdict: 'inconclusive', changed: false }
  t.strictSame(deviationOf({ p: 0, n: 0 }, share(1, 10), 0.1), nothing)
  t.strictSame(deviationOfBlocks([{ n: 10, bad: 1 }], [], 0.1), nothing)
})

test('of blocks, a burst is one event', async (t) => {
  const blocks = (...bad: number[]) => bad.map((count) => ({ n: 500, bad: count }))
  const control = blocks(0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0)
  const even = blocks(4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5)
  const burst = blocks(0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 0)
  t.match(deviationOfBlocks(even, control, 0.005), { verdict: 'deviated' })
  t.match(deviationOfBlocks(burst, control, 0.005), { verdict: 'inconclusive' })
})

test('a wider margin never turns to deviated', async (t) => {
  const proportion = fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 500 })).map(([bad, n]) => share(Math.min(bad, n), n))
  const order = ['no-relevant-change', 'inconclusive', 'deviated']
  const margin = fc.double({ min: 0, max: 0.5, noNaN: true })
  fc.assert(fc.property(proportion, proportion, margin, margin, (a, b, one, other) => {
    const at = (wide: number) => order.indexOf(deviationOf(a, b, wide).verdict)
    return at(Math.max(one, other)) <= at(Math.min(one, other))
  }), { seed: 19 })
  t.pass('held for every example')
})
