import fc from 'fast-check'
import { test } from 'tap'
import { LimitSearch, mostLevels } from '../../../src/experiment/limit/search.ts'
import type { LevelVerdict, SearchRange } from '../../../src/experiment/limit/search.ts'

const DELAY: SearchRange = { from: 0, to: 2000, resolution: { share: 0.05 } }

/** What is tried, where the answer to each is known. */
function play (range: SearchRange, answer: (value: number) => LevelVerdict) {
  const search = new LimitSearch(range)
  const tried: number[] = []
  for (let value = search.next(); value !== null && tried.length < 60; value = search.next()) {
    tried.push(value)
    search.record(value, answer(value))
  }
  return { search, tried }
}

const upTo = (limit: number) => (value: number): LevelVerdict => value <= limit ? 'held' : 'breached'

test('up in doubling steps, then by halves', async (t) => {
  const { search, tried } = play(DELAY, upTo(340))
  t.strictSame(tried, [125, 250, 500, 375, 313, 344, 329])
  t.strictSame([search.held, search.breached, search.undecided], [329, 344, []])
  t.equal(search.check(), 1000, 'twice as far as was breached')
})

test('what holds everywhere, and what holds nowhere', async (t) => {
  const all = play(DELAY, () => 'held')
  t.strictSame([all.search.held, all.search.breached, all.search.check()], [2000, null, null])
  t.strictSame(all.tried, [125, 250, 500, 1000, 2000])
  const none = play(DELAY, () => 'breached')
  t.strictSame([none.search.held, none.search.breached], [null, 1.96], 'from itself is not tried')
  const unknown = play(DELAY, () => 'inconclusive')
  t.strictSame([unknown.search.held, unknown.search.breached], [null, null])
})

test('undecided levels widen the interval, and both of its ends are still looked for', async (t) => {
  const { search } = play(DELAY, (value) => value < 300 ? 'held' : value > 380 ? 'breached' : 'inconclusive')
  t.strictSame([search.held, search.breached], [298, 391])
  t.ok(search.undecided.every((value) => value > 298 && value < 391))
})

test('an amount, whole values, a first value, and ways that fall', async (t) => {
  const fine = play({ ...DELAY, resolution: { amount: 5 } }, upTo(340)).search
  t.ok(fine.breached! - fine.held! <= 5)
  const whole = play({ from: 0, to: 10, resolution: { share: 0.05 }, whole: true }, upTo(5))
  t.strictSame([whole.search.held, whole.search.breached], [5, 6])
  t.strictSame(play({ from: 0, to: 10, resolution: { share: 0.05 }, whole: true }, upTo(0)).tried, [1])
  t.equal(play({ ...DELAY, first: 300 }, upTo(340)).tried[0], 300)
  const falling = play({ from: 1e6, to: 1000, resolution: { share: 0.05 } }, (value) => value >= 50_000 ? 'held' : 'breached').search
  t.ok(falling.held! >= 50_000 && falling.breached! < 50_000 && (falling.held! - falling.breached!) / 50_000 < 0.06)
  const toNothing = play({ from: 100, to: 0, resolution: { amount: 1 } }, (value) => value >= 30 ? 'held' : 'breached').search
  t.ok(toNothing.held! >= 30 && toNothing.breached! < 30 && toNothing.held! - toNothing.breached! <= 1)
})

test('wherever the limit is, it is found, in no more levels than are counted on, and never more than twice as harsh', async (t) => {
  const range = fc.record({
    from: fc.constantFrom(0, 10),
    to: fc.constantFrom(100, 2000, 60_000),
    resolution: fc.oneof(fc.constantFrom({ share: 0.05 }, { share: 0.2 }), fc.constantFrom({ amount: 5 }, { amount: 20 }))
  })
  await fc.assert(fc.asyncProperty(range, fc.double({ min: 0.001, max: 0.999, noNaN: true }), async (where, part) => {
    const limit = where.from + (where.to - where.from) * part
    const { search, tried } = play(where, upTo(limit))
    const { held, breached } = search
    t.ok((held ?? where.from) <= limit && breached! > limit, `${held} ${limit} ${breached}`)
    t.ok(tried.length <= mostLevels(where), `${tried.length} levels`)
    const first = (where.to - where.from) / 16
    t.ok(tried.every((value) => value - where.from <= Math.max(first, 2 * (limit - where.from)) + 1), `${tried}`)
  }), { numRuns: 60 })
})
