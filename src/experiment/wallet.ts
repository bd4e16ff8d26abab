import { PremortemError } from '../kernel/errors.ts'
import { formatShare } from '../kernel/units.ts'
import { periodWords } from './budget.ts'
import type { Budget } from './budget.ts'
import type { WalletEntry, WalletStore } from './ports.ts'

/** How many runs a refusal names. */
const NAMED = 3

/** What runs have spent of error budgets, over all of a period. A run first sets aside the most it may spend. */
export class Wallets {
  readonly #store: WalletStore

  constructor (store: WalletStore) {
    this.#store = store
  }

  /**
   * Sets aside what a run may spend; the share that others have spent, or set aside. `now` is wall time. Throws PMT_ERR_BUDGET
   * when less than that is left, and PMT_ERR_FILE_UNREADABLE.
   */
  reserve ({ slo, period, perRun, wallet }: Budget, run: string, title: string, now: number): number {
    const entries = this.#store.read(slo).filter(({ at }) => Date.parse(at) > now - period)
    const spent = sum(entries)
    // A hair, for shares are sums of decimals.
    if (spent + perRun > wallet + 1e-9) throw refusal({ slo, period, perRun, wallet }, entries, spent)
    this.#store.write(slo, [...entries, { run, title, at: new Date(now).toISOString(), share: perRun, settled: false }])
    return spent
  }

  /** What a run spent in the end, in place of what was set aside for it. 0 takes it out. */
  settle (slo: string, run: string, share: number): void {
    const entries = this.#store.read(slo)
    const settled = (entry: WalletEntry): WalletEntry[] => share === 0 ? [] : [{ ...entry, share, settled: true }]
    this.#store.write(slo, entries.flatMap((entry) => entry.run === run ? settled(entry) : [entry]))
  }
}

const sum = (entries: readonly WalletEntry[]): number => entries.reduce((all, { share }) => all + share, 0)

function refusal (
  { slo, period, perRun, wallet }: Pick<Budget, 'slo' | 'period' | 'perRun' | 'wallet'>, entries: readonly WalletEntry[], spent: number
): PremortemError {
  const oldest = entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
  let left = spent
  const freeing = oldest.find(({ share }) => {
    left -= share
    return left + perRun <= wallet + 1e-9
  })
  const freed = freeing === undefined ? '' : `; enough is free again at ${new Date(Date.parse(freeing.at) + period).toISOString()}`
  const runs = entries.toSorted((a, b) => b.share - a.share).slice(0, NAMED)
    .map(({ run, share, settled }) => `${run} ${formatShare(share)}${settled ? '' : ' (set aside; it is in progress, or was killed)'}`)
  const more = entries.length > NAMED ? ` and ${entries.length - NAMED} more` : ''
  return new PremortemError('PMT_ERR_BUDGET', {
    message: `runs have spent ${formatShare(spent)} of the error budget of ${slo} in the last ${periodWords(period)}, of the ${formatShare(wallet)} they may, ` +
      `and this one may take ${formatShare(perRun)}: ${runs.join(', ')}${more}${freed}`,
    path: 'budget.wallet',
    found: formatShare(spent),
    wanted: `at most ${formatShare(Math.max(0, wallet - perRun))} spent, so that ${formatShare(perRun)} is left`
  })
}
