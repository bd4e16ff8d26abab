import { test } from 'tap'
import { PERIOD, pagingOf, pagingsOf } from '../../src/experiment/paging.ts'
import { parseObjective } from '../../src/measure/objective.ts'

const series = (during: number, seconds = 60, after = 30) => [
  ...Array.from({ length: 30 }, () => ({ n: 100, bad: 0 })),
  ...Array.from({ length: seconds }, () => ({ n: 100, bad: during })),
  ...Array.from({ length: after }, () => ({ n: 100, bad: 0 }))
]
const success = parseObjective('success >= 99%')

test('the factors are those of the workbook, and windows are scaled to the fault phase', async (t) => {
  const { rules, long, short, period, highest } = pagingOf(success, series(0), 30, 60_000)
  t.strictSame(rules.map(({ severity, factor }) => [severity, Number(factor.toFixed(6))]), [['page', 14.4], ['page', 6], ['ticket', 3], ['ticket', 1]])
  t.match({ long, short, period }, { long: 30_000, short: 3000, period: PERIOD })
  t.ok(Math.abs(highest - 100) < 1e-9)
  t.ok(Math.abs(pagingOf(success, series(0), 30, 60_000, PERIOD / 30 * 28).rules[0]!.factor - 13.44) < 1e-9, 'as pyrra scales it')
})

test('everything bad pages once the long window has filled far enough', async (t) => {
  // 14.4 of 100: five of its thirty seconds; 6: two of them, but the short window needs only one of its three.
  const { rules, peak, words } = pagingOf(success, series(100), 30, 60_000)
  t.strictSame(rules.map(({ after }) => after), [5000, 2000, 1000, 1000])
  t.ok(Math.abs(peak - 100) < 1e-9)
  t.ok(Math.abs(rules[0]!.unscaled! - 3_600_000 * 0.144) < 1e-6)
  t.match(words, /^success >= 99%: your page would have fired 2s after the faults began \(burn rate 6 over 30s and 3s; with its own windows of 6h and 30m, after 21m36s of the worst of it\)$/)
})

test('the short window keeps an old breach from paging', async (t) => {
  const early = Array.from({ length: 60 }, (_, second) => ({ n: 100, bad: second === 0 ? 100 : 0 }))
  const { rules } = pagingOf(success, [...series(0, 0, 0), ...early], 30, 60_000)
  t.equal(rules[0]!.after, null)
})

test('what never pages says why', async (t) => {
  t.match(pagingOf(success, series(2), 30, 60_000).words, /^success >= 99%: your page would not have fired: the burn rate rose to 2, and 6 is needed; a ticket would have fired 15s after .*burn rate 1 /)
  t.match(pagingOf(success, series(0), 30, 60_000).words, /: your page would not have fired: the burn rate rose to 0, and 6 is needed$/)
  t.match(pagingOf(parseObjective('p80 <= 300ms'), series(100), 30, 60_000).words, /can never fire: with everything bad the burn rate is 5, and 6 is needed; a ticket/)
  t.equal(pagingOf(success, [], 0, 60_000).peak, 0)
})

test('without a fault phase there is nothing to page on', async (t) => {
  const phases = { warmup: 0, baseline: 30_000, fault: 60_000, recovery: 30_000 }
  t.strictSame(pagingsOf({ design: 'before-after', objectives: [success], guardrails: [], phases }, { objectives: [], phases: [] }), [])
})

test('a run that ended early has the windows it was to have', async (t) => {
  const failing = Array.from({ length: 3 }, () => ({ n: 100, bad: 100 }))
  const { long, rules } = pagingOf(success, [...series(0, 0, 0), ...failing], 30, 60_000)
  t.equal(long, 30_000)
  t.strictSame(rules.map(({ after }) => after), [null, 2000, 1000, 1000], '14.4 needs five seconds')
})

test('long times are told in hours', async (t) => {
  t.match(pagingOf(success, series(10), 30, 60_000).words, /with its own windows of 6h and 30m, after 3.6h of the worst of it\)$/)
})
