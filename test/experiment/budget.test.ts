import { test } from 'tap'
import { budgetNote, budgetResult, decodeBudget, overspent, periodWords, spentOf } from '../../src/experiment/budget.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { EMPTY } from './world.ts'

const CHECKOUT = decodeBudget({ slo: 'checkout', objective: 'success >= 99.9%' })

/** A phase of which the second objective counted so many. */
const phaseOf = (name: string, n: number, bad: number): PhaseReading =>
  ({ name, startedAt: 0, endedAt: null, n, of: [0, n], bad: [0, bad], bins: [], ...EMPTY })

const spent = (baseline: [number, number], ...others: [string, number, number][]) =>
  spentOf(CHECKOUT, 1, { phases: [phaseOf('baseline', ...baseline), ...others.map((other) => phaseOf(...other))] }, 60_000)

test('C5: 300 s at 50 a second with 5 % bad, of 99.9 % over 30 days', async (t) => {
  const found = spent([3000, 0], ['fault', 15_000, 750])!
  t.match(found, { n: 15_000, bad: 750, expected: 0, caused: 750, rate: 50 })
  t.ok(Math.abs(found.budget - 129_600) < 1e-6)
  t.ok(Math.abs(found.share - 0.005787037) < 1e-9)
  t.ok(Math.abs(found.burnRate - 50) < 1e-9)
  const result = budgetResult(CHECKOUT, found, 0.02)
  t.match(result, { slo: 'checkout', objective: 'success >= 99.9%', walletBefore: 0.02, perRun: 0.02, wallet: 0.1 })
  t.equal(result.words, 'the run spent 0.579% of the error budget of checkout: 750 bad requests beyond what the baseline has, of the 129,600 that ' +
    'success >= 99.9% allows in 30d, a burn rate of 50; all runs of the last 30d: 2.579% of the 10% they may spend')
})

test('what would have been bad anyway is not the run\'s doing; what came before and after it is not counted', async (t) => {
  const found = spent([3000, 30], ['warmup', 500, 500], ['injecting', 10, 10], ['fault', 2000, 100], ['removing', 90, 0], ['recovery', 900, 10], ['after', 100, 100])!
  t.match(found, { n: 3000, bad: 120, expected: 30, caused: 90 })
  t.match(spent([3000, 30], ['fault', 3000, 20]), { caused: 0, share: 0 }, 'fewer than before give nothing back')
  t.match(spent([3000, 0]), { n: 0, caused: 0, burnRate: 0 })
  t.equal(spent([0, 0], ['fault', 100, 100]), null, 'no rate, no budget')
  t.equal(spentOf(CHECKOUT, 1, { phases: [] }, 60_000), null)
})

test('a run ends when it has spent what it may', async (t) => {
  t.equal(overspent(CHECKOUT, spent([3000, 0], ['fault', 5000, 2591])), null)
  t.match(overspent(CHECKOUT, spent([3000, 0], ['fault', 5000, 2592])), /^the run has spent 2% of the error budget of checkout: 2,592 bad requests .*; it may spend 2%$/)
  t.equal(overspent(CHECKOUT, null), null)
})

test('what it may cost, before it runs', async (t) => {
  t.match(budgetNote(CHECKOUT, 50), /^the error budget of checkout is 129,600 bad requests in 30d .* caused 2,592 \(2%\), which takes 52s if all fail$/)
  t.match(budgetNote(CHECKOUT, 0), /^no requests are seen now/)
  t.equal(periodWords(36 * 3_600_000), '2160m')
})

test('what is wrong with a budget is named with its path', async (t) => {
  t.match(decodeBudget({ slo: 'a', objective: 'p99 <= 300ms', period: '7d', 'per-run': '1%', wallet: '5%' }), { slo: 'a', period: 7 * 86_400_000, perRun: 0.01, wallet: 0.05 })
  const wrong: [written: unknown, path: string][] = [
    ['2%', 'budget'],
    [{ objective: 'success >= 99%' }, 'budget.slo'],
    [{ slo: '../etc', objective: 'success >= 99%' }, 'budget.slo'],
    [{ slo: 'a', objective: 'nothing' }, 'budget.objective'],
    [{ slo: 'a', objective: 'success >= 99%', period: '5s' }, 'budget.period'],
    [{ slo: 'a', objective: 'success >= 99%', 'per-run': 0 }, 'budget.per-run'],
    [{ slo: 'a', objective: 'success >= 99%', 'per-run': '20%' }, 'budget.per-run'],
    [{ slo: 'a', objective: 'success >= 99%', 'per-rum': '2%' }, 'budget.per-rum']
  ]
  for (const [written, path] of wrong) t.throws(() => decodeBudget(written), { code: 'PMT_ERR_INVALID', details: { path } }, JSON.stringify(written))
})
