import { formatDuration } from '../kernel/units.ts'
import type { Objective } from '../measure/objective.ts'
import { burnRate, burnRateFactor } from '../measure/statistics/burn-rate.ts'
import { total } from '../measure/statistics/effective-size.ts'
import type { Count } from '../measure/statistics/effective-size.ts'
import type { WatchReading } from '../measure/watch.ts'
import { timelineOf } from './detection.ts'
import type { Experiment } from './document.ts'
import type { PageRule, Paging } from './result.ts'

const HOUR = 3_600_000

/** The period of an error budget, unless a document says another: 30 days. */
export const PERIOD = 30 * 24 * HOUR

/** Multiwindow burn-rate alerts (Google's SRE Workbook, chapter 5; tickets as in sloth): share of the budget, and long window. */
const RULES = [
  { severity: 'page', share: 0.02, window: HOUR },
  { severity: 'page', share: 0.05, window: 6 * HOUR },
  { severity: 'ticket', share: 0.1, window: 24 * HOUR },
  { severity: 'ticket', share: 0.1, window: 72 * HOUR }
] as const

/**
 * Whether alerts on burn rates would have fired, and when, with their windows scaled to the run: the long one is half the
 * fault phase, the short one a twenty-fourth. `series` are the seconds from the baseline on; the faults are there from `on` on,
 * and were to be for `length` milliseconds, whether or not the run ended before.
 */
export function pagingOf (objective: Objective, series: readonly Count[], on: number, length: number, period = PERIOD): Paging {
  const long = Math.max(1, Math.round(length / 2000))
  const short = Math.max(1, Math.round(length / 24_000))
  const burns = series.slice(on).map((_, i) => ({
    long: burnOver(series, on + i, long, objective.target), short: burnOver(series, on + i, short, objective.target)
  }))
  const peak = burns.reduce((most, { long }) => Math.max(most, long), 0)
  const rules = RULES.map(({ severity, share, window }): PageRule => {
    const factor = burnRateFactor(share, period, window)
    const reached = (burn: number): boolean => burn >= factor * (1 - 1e-9)
    const fired = burns.findIndex(({ long, short }) => reached(long) && reached(short))
    // At a steady burn rate, the long window is what has to fill up.
    const after = fired === -1 ? null : (fired + 1) * 1000
    return { severity, factor, window, after, unscaled: reached(peak) ? window * factor / peak : null }
  })
  const windows = { long: long * 1000, short: short * 1000 }
  const paging = { objective: objective.text, period, ...windows, peak, highest: burnRate(1, objective.target), rules }
  return { ...paging, words: wordsOf(paging) }
}

/** The same of each objective of a run, over all of its traffic, for that is what monitoring sees. */
export function pagingsOf (
  experiment: Pick<Experiment, 'design' | 'objectives' | 'guardrails' | 'phases'>, reading: WatchReading, period = PERIOD
): Paging[] {
  const timeline = timelineOf(experiment, reading, false)
  if (timeline === null) return []
  const { series, on } = timeline
  return experiment.objectives.map((objective, i) => pagingOf(objective, series[i]!, on, experiment.phases.fault, period))
}

function burnOver (series: readonly Count[], last: number, seconds: number, target: number): number {
  const { n, bad } = total(series.slice(Math.max(0, last + 1 - seconds), last + 1))
  return n === 0 ? 0 : burnRate(bad / n, target)
}

function wordsOf ({ objective, peak, highest, long, short, rules }: Omit<Paging, 'words'>): string {
  const first = (severity: PageRule['severity']): PageRule | undefined =>
    rules.filter((rule) => rule.severity === severity && rule.after !== null)
      .sort((a, b) => a.after! - b.after! || b.factor - a.factor)[0]
  const said = ({ factor, after, unscaled, window }: PageRule): string =>
    `would have fired ${formatDuration(after!)} after the faults began ` +
    `(burn rate ${figure(factor)} over ${formatDuration(long)} and ${formatDuration(short)}; ` +
    `with its own windows of ${hours(window)} and ${hours(window / 12)}, after ${longWords(unscaled!)} of the worst of it)`
  const page = first('page')
  if (page !== undefined) return `${objective}: your page ${said(page)}`
  const lowest = Math.min(...rules.filter(({ severity }) => severity === 'page').map(({ factor }) => factor))
  const why = highest < lowest
    ? `can never fire: with everything bad the burn rate is ${figure(highest)}, and ${figure(lowest)} is needed`
    : `would not have fired: the burn rate rose to ${figure(peak)}, and ${figure(lowest)} is needed`
  const ticket = first('ticket')
  return `${objective}: your page ${why}${ticket === undefined ? '' : `; a ticket ${said(ticket)}`}`
}

const figure = (value: number): string => String(Number(value.toPrecision(3)))

const longWords = (ms: number): string =>
  ms < 2 * HOUR ? formatDuration(Math.round(ms / 1000) * 1000) : `${figure(ms / HOUR)}h`

const hours = (ms: number): string => ms < HOUR ? `${ms / 60_000}m` : `${ms / HOUR}h`
