import { Type } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { LongDuration, Share, Strict, decode } from '../kernel/schema.ts'
import { formatCount, formatDuration, formatShare } from '../kernel/units.ts'
import { parseObjective, subjectOf } from '../measure/objective.ts'
import type { Objective } from '../measure/objective.ts'
import { budgetCost, burnRate } from '../measure/statistics/burn-rate.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import type { BudgetResult } from './result.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Schema of what a run may spend of an error budget, as written. */
export const BudgetSchema = Strict({
  slo: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    wanted: 'a name of letters, digits, dots, dashes and underscores',
    description: 'whose budget it is: runs of one name share a wallet'
  }),
  objective: Type.String({ minLength: 1, description: 'the objective that the budget is of, as in `success >= 99.9%`' }),
  period: LongDuration({ default: '30d', description: 'over which the objective is meant' }),
  'per-run': Share({ default: '2%', description: 'how much of the budget the run may spend; then it is ended' }),
  wallet: Share({ default: '10%', description: 'how much of the budget all runs of a period may spend; then none starts' })
}, { description: 'what the run may cost' })

/** What a run may spend of an error budget. Shares are of the budget, times in milliseconds. */
export interface Budget { slo: string, objective: Objective, period: number, perRun: number, wallet: number }

/** A budget from what a person wrote. Throws PMT_ERR_INVALID with its path. */
export function decodeBudget (written: unknown, path = 'budget'): Budget {
  const { slo, objective: text, period, 'per-run': perRun, wallet } = decode(BudgetSchema, written, path)
  let objective: Objective
  try {
    objective = parseObjective(text)
  } catch (error) {
    throw error instanceof PremortemError ? error.at({ path: `${path}.objective` }) : error
  }
  if (period < HOUR) throw new PremortemError('PMT_ERR_INVALID', { message: 'the period is too short', path: `${path}.period`, found: formatDuration(period), wanted: 'at least 1h, such as 30d' })
  if (perRun === 0) throw new PremortemError('PMT_ERR_INVALID', { message: 'a run that may spend nothing', path: `${path}.per-run`, found: '0%', wanted: 'a share above 0%, such as 2%' })
  if (perRun > wallet) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'one run may spend more than all of them', path: `${path}.per-run`, found: formatShare(perRun), wanted: `at most the wallet, ${formatShare(wallet)}`
    })
  }
  return { slo, objective, period, perRun, wallet }
}

/** Phases that belong to no run's doing: before the faults, and after all. */
const APART: readonly string[] = ['warmup', 'baseline', 'after']

/** What was spent of a budget. `share` is of the budget of the whole period, at the baseline's rate. */
export type Spent = Pick<BudgetResult, 'n' | 'bad' | 'expected' | 'caused' | 'rate' | 'budget' | 'share' | 'burnRate'>

/**
 * What a run has cost so far. Bad ones count from the injection on, less as many as there would have been at the baseline's
 * share. `index` is where the budget's objective stands among the counts; `length` how long the baseline was, in
 * milliseconds. null without a baseline that has something to count, for then there is no rate to have a budget of.
 */
export function spentOf (
  { objective: { target }, period }: Budget, index: number, { phases }: Pick<WatchReading, 'phases'>, length: number
): Spent | null {
  const baseline = phases.find(({ name }) => name === 'baseline')
  if (baseline === undefined || baseline.of[index]! === 0) return null
  const since = phases.filter(({ name }) => !APART.includes(name))
  const sum = (of: (phase: PhaseReading) => number): number => since.reduce((all, phase) => all + of(phase), 0)
  const n = sum((phase) => phase.of[index]!)
  const bad = sum((phase) => phase.bad[index]!)
  const expected = n * baseline.bad[index]! / baseline.of[index]!
  const caused = Math.max(0, bad - expected)
  const rate = baseline.of[index]! / (length / 1000)
  const burning = n === 0 ? 0 : burnRate(caused / n, target)
  return { n, bad, expected, caused, rate, ...budgetCost(caused, target, period, rate), burnRate: burning }
}

/** Why a run has to end, in words; null while it spends no more than it may. */
export function overspent (budget: Budget, spent: Spent | null): string | null {
  // A hair, for the size of a budget is a product of decimals.
  if (spent === null || spent.share < budget.perRun * (1 - 1e-9)) return null
  return `the run has spent ${costWords(budget, spent)}; it may spend ${formatShare(budget.perRun)}`
}

/** What a run cost, for its result. `before` is the share that other runs of the period have spent. */
export function budgetResult (budget: Budget, spent: Spent, before: number): BudgetResult {
  const { slo, objective, period, perRun, wallet } = budget
  const after = before + spent.share
  const words = `the run spent ${costWords(budget, spent)}, a burn rate of ${Number(spent.burnRate.toPrecision(3))}; ` +
    `all runs of the last ${periodWords(period)}: ${formatShare(after)} of the ${formatShare(wallet)} they may spend`
  return { slo, objective: objective.text, period, perRun, wallet, ...spent, walletBefore: before, walletAfter: after, words }
}

function costWords ({ slo, objective, period }: Budget, { caused, budget, share }: Spent): string {
  return `${formatShare(share)} of the error budget of ${slo}: ${formatCount(caused)} bad ${subjectOf(objective)} beyond what the baseline has, ` +
    `of the ${formatCount(budget)} that ${objective.text} allows in ${periodWords(period)}`
}

/** A note for plans: what the run may cost at the rate of now, in words. */
export function budgetNote ({ slo, objective, period, perRun }: Budget, rate: number): string {
  const what = subjectOf(objective)
  if (rate === 0) return `no ${what} are seen now, so what the error budget of ${slo} is worth is not known before the baseline`
  const { budget } = budgetCost(0, objective.target, period, rate)
  return `the error budget of ${slo} is ${formatCount(budget)} bad ${what} in ${periodWords(period)} at the rate of now; the run is ended when it has caused ` +
    `${formatCount(budget * perRun)} (${formatShare(perRun)}), which takes ${formatDuration(Math.ceil(budget * perRun / rate) * 1000)} if all fail`
}

/** A period as people say it, in days where it is whole ones. */
export const periodWords = (ms: number): string => ms % DAY === 0 ? `${ms / DAY}d` : formatDuration(ms)
