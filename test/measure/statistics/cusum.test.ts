import { test } from 'tap'
import { cusum, cusumStep, cusumThreshold } from '../../../src/measure/statistics/cusum.ts'
import { createRandom } from '../../../src/kernel/random.ts'

const SHARES = { tolerated: 0.01, refused: 0.1 }
const good = (n: number) => Array.from({ length: n }, () => ({ n: 1, bad: 0 }))
const bad = (n: number) => Array.from({ length: n }, () => ({ n: 1, bad: 1 }))
const near = (found: number, wanted: number): boolean => Math.abs(found - wanted) < 5e-7

test('the constants of 1 % and 10 %', async (t) => {
  t.ok(near(cusumStep(SHARES, { n: 1, bad: 1 }), 2.302585))
  t.ok(near(cusumStep(SHARES, { n: 1, bad: 0 }), -0.0953102))
  t.ok(near(cusumThreshold(10_000, 0.01), 13.815511))
  t.ok(near(cusumThreshold(10_000, 0.05), 12.206073))
  t.ok(near(cusumThreshold(1000, 0.01), 11.512925))
})

test('C1: one exchange after the other', async (t) => {
  const sequence = [...good(40), ...bad(1), ...good(9), ...bad(2), ...good(1), ...bad(3)]
  const { sums, alarm, onset } = cusum(sequence, SHARES, cusumThreshold(1000, 0.01))
  const wanted: [number, number][] = [
    [40, 0], [41, 2.302585], [42, 2.207275], [50, 1.444793], [51, 3.747379],
    [52, 6.049964], [53, 5.954653], [54, 8.257239], [55, 10.559824], [56, 12.862409]
  ]
  for (const [number, sum] of wanted) t.ok(near(sums[number - 1]!, sum), `#${number}: ${sums[number - 1]}`)
  t.equal(alarm, 55, '#56, counted from 1')
  t.equal(onset, 40, '#41')
})

test('D2: seconds of twenty', async (t) => {
  const fault: Record<number, number> = { 17: 1, 43: 1, 63: 4, 64: 9, 90: 10, 91: 8, 92: 6, 93: 5, 94: 3, 95: 2, 96: 1, 99: 1 }
  const series = Array.from({ length: 150 }, (_, t) => ({ n: 20, bad: fault[t] ?? (t >= 65 && t < 90 ? 10 : 0) }))
  const threshold = cusumThreshold(3000, 0.01)
  t.ok(near(threshold, 12.611538))
  const { sums, alarm, onset } = cusum(series, SHARES, threshold)
  t.ok(near(sums[17]!, 0.491692))
  t.equal(sums[18], 0)
  t.ok(near(sums[63]!, 7.685377))
  t.ok(near(sums[64]!, 27.360231))
  t.equal(alarm, 64)
  t.equal(onset, 63)
})

test('nothing bad, nothing found; a weight makes it slower', async (t) => {
  t.strictSame(cusum(good(3), SHARES, 5), { sums: [0, 0, 0], alarm: null, onset: null })
  t.strictSame(cusum([], SHARES, 5), { sums: [], alarm: null, onset: null })
  t.equal(cusum(bad(20), SHARES, 11.5).alarm, 4)
  t.equal(cusum(bad(20), SHARES, 11.5, 1 / 3).alarm, 14)
  t.ok(cusumThreshold(0, 0.01) > 4, 'also where nothing was planned')
})

test('how many exchanges until the alarm, by the share of bad ones (n 10,000, alpha 1 %)', async (t) => {
  const random = createRandom(7)
  const threshold = cusumThreshold(10_000, 0.01)
  const untilAlarm = (share: number, length: number): number => {
    const sequence = Array.from({ length }, () => ({ n: 1, bad: random.next() < share ? 1 : 0 }))
    return (cusum(sequence, SHARES, threshold).alarm ?? Infinity) + 1
  }
  const wanted: [share: number, median: number, within: number][] = [
    [0.05, 337, 40], [0.1, 88, 8], [0.2, 35, 3], [0.5, 13, 1], [1, 6, 0]
  ]
  for (const [share, median, within] of wanted) {
    const found = Array.from({ length: 401 }, () => untilAlarm(share, share < 0.1 ? 3000 : 600)).sort((a, b) => a - b)[200]!
    t.ok(Math.abs(found - median) <= within, `${share}: ${found}, wanted ${median}`)
  }
})

test('false alarms are far rarer than allowed', async (t) => {
  const random = createRandom(11)
  const threshold = cusumThreshold(10_000, 0.01)
  let alarms = 0
  for (let run = 0; run < 400; run++) {
    const sequence = Array.from({ length: 10_000 }, () => ({ n: 1, bad: random.next() < 0.01 ? 1 : 0 }))
    if (cusum(sequence, SHARES, threshold).alarm !== null) alarms++
  }
  t.ok(alarms <= 4, `${alarms} of 400`)
})
