import fc from 'fast-check'
import { test } from 'tap'
import { changePoint } from '../../../src/measure/statistics/change-point.ts'

// D2: a second each, 20 requests; the fault is on from 60 to 90.
const BAD: Record<number, number> = { 17: 1, 43: 1, 63: 4, 64: 9, 90: 10, 91: 8, 92: 6, 93: 5, 94: 3, 95: 2, 96: 1, 99: 1 }
const badIn = (second: number) => BAD[second] ?? (second >= 65 && second < 90 ? 10 : 0)
const SECONDS = Array.from({ length: 150 }, (_, second) => ({ n: 20, bad: badIn(second) }))

test('D3: onset and end of a fault', async (t) => {
  t.equal(changePoint(SECONDS.slice(0, 90))?.at, 63)
  t.equal(90 + changePoint(SECONDS.slice(90))!.at, 96)
})

test('the shares on both sides, and the gain', async (t) => {
  const found = changePoint([{ n: 10, bad: 0 }, { n: 10, bad: 0 }, { n: 10, bad: 5 }])!
  t.match(found, { at: 2, before: 0, after: 0.5 })
  const likelihood = (k: number, n: number) => k * Math.log(k / n) + (n - k) * Math.log(1 - k / n)
  t.ok(Math.abs(found.gain - (likelihood(5, 10) - likelihood(5, 30))) < 1e-12)
})

test('nothing to split', async (t) => {
  t.equal(changePoint([]), null)
  t.equal(changePoint([{ n: 5, bad: 1 }]), null)
  t.equal(changePoint([{ n: 0, bad: 0 }, { n: 5, bad: 1 }, { n: 0, bad: 0 }]), null)
})

test('silence before a change is not the change', async (t) => {
  t.equal(changePoint([{ n: 9, bad: 0 }, { n: 0, bad: 0 }, { n: 9, bad: 9 }])?.at, 2)
})

test('no other split is more likely', async (t) => {
  const count = fc.tuple(fc.nat(9), fc.nat(9)).map(([n, bad]) => ({ n, bad: Math.min(n, bad) }))
  const counts = fc.array(count, { minLength: 2, maxLength: 12 })
  // Written out over single exchanges, independently of the counts' sums.
  const likelihood = (outcomes: boolean[], p: number) => outcomes.reduce((sum, bad) => sum + Math.log(bad ? p : 1 - p), 0)
  const best = (outcomes: boolean[]) => likelihood(outcomes, outcomes.filter(Boolean).length / outcomes.length)
  fc.assert(fc.property(counts, (bins) => {
    const found = changePoint(bins)
    const outcomes = (some: typeof bins) => some.flatMap(({ n, bad }) => Array.from({ length: n }, (_, i) => i < bad))
    const gains = bins.map((_, at) => [outcomes(bins.slice(0, at)), outcomes(bins.slice(at))] as const)
      .filter(([left, right]) => left.length > 0 && right.length > 0)
      .map(([left, right]) => best(left) + best(right) - best(outcomes(bins)))
    const known = gains.filter((gain) => !Number.isNaN(gain))
    return found === null ? gains.length === 0 : known.every((gain) => gain <= found.gain + 1e-9)
  }), { seed: 16 })
  t.pass('held for every example')
})
