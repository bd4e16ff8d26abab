import { test } from 'tap'
import { recoveredAt, timeToRecover } from '../../src/experiment/recovery.ts'
import { judge } from '../../src/experiment/verdict.ts'

/** Vector D3: 60 seconds after the fault, 20 requests in each. */
const D3 = Array.from({ length: 60 }, (_, second) => ({ n: 20, bad: [10, 8, 6, 5, 3, 2, 1, 0, 0, 1][second] ?? 0 }))
const healthy = Array.from({ length: 30 }, () => ({ n: 20, bad: 0 }))
const broken = Array.from({ length: 30 }, () => ({ n: 20, bad: 20 }))
const of = (series: { n: number, bad: number }[]) => judge(0.95, series)

test('D3: with windows of 200 requests, recovered after 5 s', async (t) => {
  t.equal(recoveredAt(0.95, D3, 200), 5)
})

test('D3: with the shortest windows that can be held at all, after 10 s, for one failure makes those inconclusive', async (t) => {
  t.strictSame(timeToRecover(0.95, D3, of(broken), of(D3)), { kind: 'recovered', ms: 10_000 })
})

test('what holds for a while and breaks again has not recovered by then', async (t) => {
  const relapse = [...healthy.slice(0, 10), ...broken.slice(0, 3), ...healthy.slice(0, 10)]
  t.equal(recoveredAt(0.95, relapse, 59), 13)
})

test('healthy from the first second on', async (t) => {
  t.strictSame(timeToRecover(0.95, healthy, of(broken), of(healthy)), { kind: 'recovered', ms: 0 })
})

test('held under the fault and not breached after it: unaffected', async (t) => {
  t.strictSame(timeToRecover(0.95, healthy, of(healthy), of(healthy)), { kind: 'unaffected' })
  t.strictSame(timeToRecover(0.95, [], of(healthy), of([])), { kind: 'unaffected' })
})

test('broken to the end: not seen, with how long was watched', async (t) => {
  t.strictSame(timeToRecover(0.95, broken, of(broken), of(broken)), { kind: 'not-seen', ms: 30_000 })
  t.strictSame(timeToRecover(0.95, broken, of(healthy), of(broken)), { kind: 'not-seen', ms: 30_000 }, 'also if it broke only afterwards')
})

test('too little traffic, or no recovery phase: unknown', async (t) => {
  const few = [{ n: 58, bad: 0 }]
  t.strictSame(timeToRecover(0.95, few, of(broken), of(few)), { kind: 'unknown' })
  t.strictSame(timeToRecover(0.95, [], of(broken), null), { kind: 'unknown' })
})

test('uneven traffic: windows are as long as they must be', async (t) => {
  const uneven = [{ n: 50, bad: 50 }, { n: 1, bad: 0 }, { n: 0, bad: 0 }, { n: 40, bad: 0 }, { n: 30, bad: 0 }, { n: 2, bad: 0 }]
  t.equal(recoveredAt(0.95, uneven, 59), 1)
})

test('D3 of a run: seen to fail at 63, healthy again at 95; with its shortest windows at 100', async (t) => {
  const late: Record<number, number> = { 17: 1, 43: 1, 63: 4, 64: 9 }
  const series = [...Array.from({ length: 90 }, (_, second) => ({ n: 20, bad: late[second] ?? (second >= 65 ? 10 : 0) })), ...D3]
  t.equal(65 + recoveredAt(0.95, series.slice(65), 200)!, 95)
  t.strictSame(timeToRecover(0.95, D3, of(broken), of(D3), { series, off: 90, onset: 63, alarm: 64 }), { kind: 'recovered', ms: 10_000, sinceOnset: 37_000 })
})

test('what adapts while the faults are there has recovered before they are gone', async (t) => {
  const during = [...broken.slice(0, 10), ...healthy]
  const failing = { series: [...during, ...healthy], off: 40, onset: 0, alarm: 0 }
  t.strictSame(timeToRecover(0.95, healthy, of(during), of(healthy), failing), { kind: 'recovered', ms: -30_000, sinceOnset: 10_000 })
  t.strictSame(timeToRecover(0.95, healthy, of(healthy), of(healthy), failing), { kind: 'recovered', ms: -30_000, sinceOnset: 10_000 }, 'also if all in all it held')
  const relapsed = { ...failing, series: [...during, ...broken] }
  t.strictSame(timeToRecover(0.95, broken, of(during), of(broken), relapsed), { kind: 'not-seen', ms: 30_000 }, 'not if a later window is breached')
})
