/**
 * The burn rate at which `share` of a period's error budget is gone within `window`: 14.4 for 2 % of 30 days in an hour
 * (Google's SRE Workbook, chapter 5). Period and window in one unit.
 */
export function burnRateFactor (share: number, period: number, window: number): number {
  return share * period / window
}

/** How many times faster than sustainable a share of bad ones uses up the error budget of a target. */
export function burnRate (badShare: number, target: number): number {
  return badShare / (1 - target)
}

/** What an objective's error budget is, in exchanges, and what bad ones cost of it. */
export interface BudgetCost { budget: number, share: number }

/** How many bad ones a target allows in a period (ms) at a rate (a second), and which share of them `bad` is. */
export function budgetCost (bad: number, target: number, period: number, rate: number): BudgetCost {
  const budget = (1 - target) * rate * period / 1000
  return { budget, share: budget === 0 ? (bad === 0 ? 0 : Infinity) : bad / budget }
}
