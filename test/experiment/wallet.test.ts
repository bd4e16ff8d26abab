import { test } from 'tap'
import { decodeBudget } from '../../src/experiment/budget.ts'
import type { WalletEntry } from '../../src/experiment/ports.ts'
import { Wallets } from '../../src/experiment/wallet.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)
const CHECKOUT = decodeBudget({ slo: 'checkout', objective: 'success >= 99.9%', wallet: '6%' })

function setUp () {
  const kept = new Map<string, WalletEntry[]>()
  const wallets = new Wallets({ read: (slo) => kept.get(slo) ?? [], write (slo, entries) { kept.set(slo, [...entries]) } })
  return { kept, wallets }
}

test('a run sets aside what it may spend, and settles for what it spent', async (t) => {
  const { kept, wallets } = setUp()
  t.equal(wallets.reserve(CHECKOUT, 'run-1', 'What if?', START), 0)
  t.strictSame(kept.get('checkout'), [{ run: 'run-1', title: 'What if?', at: '2026-01-01T00:00:00.000Z', share: 0.02, settled: false }])
  wallets.settle('checkout', 'run-1', 0.005)
  t.match(kept.get('checkout'), [{ run: 'run-1', share: 0.005, settled: true }])
  t.equal(wallets.reserve(CHECKOUT, 'run-2', 'What if?', START + 1), 0.005)
  wallets.settle('checkout', 'run-2', 0)
  t.equal(kept.get('checkout')!.length, 1, 'what cost nothing leaves no trace')
  t.equal(wallets.reserve({ ...CHECKOUT, slo: 'search' }, 'run-3', '', START), 0, 'each SLO has a wallet of its own')
})

test('none starts when less is left than it may take; it says who spent it and when it is free again', async (t) => {
  const { wallets } = setUp()
  wallets.reserve(CHECKOUT, 'run-1', '', START)
  wallets.settle('checkout', 'run-1', 0.015)
  wallets.reserve(CHECKOUT, 'run-2', '', START + 2 * DAY)
  wallets.settle('checkout', 'run-2', 0.021)
  wallets.reserve(CHECKOUT, 'run-3', '', START + 3 * DAY)
  const start = (at: number) => wallets.reserve(CHECKOUT, 'run-4', '', at)
  t.throws(() => start(START + 4 * DAY), {
    code: 'PMT_ERR_BUDGET',
    exit: 4,
    status: 409,
    message: 'runs have spent 5.6% of the error budget of checkout in the last 30d, of the 6% they may, and this one may take 2%: ' +
      'run-2 2.1%, run-3 2% (set aside; it is in progress, or was killed), run-1 1.5%; enough is free again at 2026-02-02T00:00:00.000Z',
    details: { path: 'budget.wallet', found: '5.6%', wanted: 'at most 4% spent, so that 2% is left' }
  })
  t.throws(() => start(START + 30 * DAY + 1), { code: 'PMT_ERR_BUDGET' }, '4.1% is still too much')
  t.ok(Math.abs(start(START + 32 * DAY) - 0.02) < 1e-12)
})

test('just enough is enough, and many are not all named', async (t) => {
  const { wallets } = setUp()
  const small = { ...CHECKOUT, perRun: 0.01 }
  for (let i = 0; i < 6; i++) wallets.reserve(small, `run-${i}`, '', START + i)
  t.throws(() => wallets.reserve(small, 'run-6', '', START + 7), { message: /run-2 1% \(set aside.*\) and 3 more; enough is free again at 2026-01-31/ })
})
