import { test } from 'tap'
import { FEWEST, WINDOW, firstFinding } from '../../src/experiment/guard-rules.ts'
import type { Rule } from '../../src/experiment/guard-rules.ts'
import { cusum, cusumThreshold } from '../../src/measure/statistics/cusum.ts'

const RULE: Rule = { shares: { tolerated: 0.01, refused: 0.1 }, alpha: 0.01, most: 3000, seconds: 150, burst: 1 }
/** Vector D2. */
const LATE: Record<number, number> = { 17: 1, 43: 1, 63: 4, 64: 9, 90: 10, 91: 8, 92: 6, 93: 5, 94: 3, 95: 2, 96: 1, 99: 1 }
const D2 = Array.from({ length: 150 }, (_, t) => ({ n: 20, bad: LATE[t] ?? (t >= 65 && t < 90 ? 10 : 0) }))

test('D2: two seconds later than the CUSUM by itself, and the excursion is told from its onset', async (t) => {
  t.equal(cusum(D2, RULE.shares, cusumThreshold(3000, 0.01)).alarm, 64)
  t.match(firstFinding(D2, RULE), { layer: 'cusum', since: 63, second: 66, n: 80, bad: 33, threshold: Math.log(300_000) })
})

test('no two neighbouring seconds decide, however bad', async (t) => {
  const blip = Array.from({ length: 100 }, (_, second) => ({ n: 100, bad: second === 50 || second === 51 ? 100 : 0 }))
  t.equal(firstFinding(blip, RULE), null)
  t.match(firstFinding([...blip.slice(0, 52), { n: 100, bad: 20 }], RULE), { second: 52 })
})

test('a window needs twenty, and more than chance', async (t) => {
  const strict: Rule = { ...RULE, shares: { tolerated: 0.5, refused: 0.99999 } }
  const of = (n: number, bad: number, length = WINDOW) => Array.from({ length }, () => ({ n, bad }))
  t.equal(firstFinding(of(2, 1), strict), null)
  t.equal(firstFinding(of(1, 1, FEWEST - 11), strict), null, 'nine of nine')
  t.match(firstFinding(of(10, 9), strict), { layer: 'window', since: 0, second: 4, n: 50, bad: 45 })
  t.equal(firstFinding(of(10, 9, 4), strict), null, '18 of 20 besides the two worst: chance of one in ten thousand is too much for 150 windows')
})

test('more traffic than planned raises the threshold', async (t) => {
  const busy = Array.from({ length: 150 }, (_, second) => ({ n: 2000, bad: second > 100 ? 400 : 0 }))
  t.equal(firstFinding(busy, RULE)!.threshold, Math.log(300_000 / 0.01))
})

test('bursts that ended by themselves are learnt from', async (t) => {
  const burst = (at: number) => (second: number): number => second >= at && second < at + 3 ? 6 : 0
  const bursts = [20, 60, 100].map(burst)
  const series = Array.from({ length: 150 }, (_, second) => ({ n: 20, bad: Math.max(...bursts.map((bad) => bad(second))) }))
  const [first] = [firstFinding(series, { ...RULE, alpha: 1e-9 })]
  t.equal(first, null, 'none of them is evidence enough by itself')
  const grown = series.map((count, second) => second >= 120 && second < 124 ? { n: 20, bad: 10 } : count)
  const fresh = grown.map((count, second) => second < 120 ? { n: 20, bad: 0 } : count)
  const rule = { ...RULE, alpha: 1e-5 }
  t.equal(firstFinding(grown, { ...rule, alpha: 1e-9 }), null)
  t.match(firstFinding(fresh, rule), { since: 120 })
})
