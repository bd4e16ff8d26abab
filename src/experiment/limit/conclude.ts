import type { Ending } from '../control.ts'
import type { Conclusion } from '../conclude.ts'
import type { Experiment } from '../document.ts'
import { formatCount, formatDuration, formatShare } from '../../kernel/units.ts'
import { ALPHA } from '../verdict.ts'
import type { LimitSpec } from './document.ts'
import type { CutOff, LimitDrive } from './drive.ts'
import type { Level, LimitResult } from './result.ts'
import type { LevelVerdict } from './search.ts'
import { showValue } from './value.ts'

/** What a search came to; null if there was none, or it did not begin. */
export function limitOf (experiment: Experiment, drive: Pick<LimitDrive, 'searched'> | null): LimitResult | null {
  const { limit: spec } = experiment
  if (spec === null || drive === null) return null
  const { search, levels, cutOff } = drive.searched
  const { parameter, unit, from, to, atLeast = null } = spec
  const { held, breached } = search
  const { on, type } = experiment.faults[spec.fault]!
  const show = (value: number | null): string | null => value === null ? null : showValue(value, unit)
  const estimate = held === null || breached === null ? null : middleOf(held, breached)
  const found = {
    fault: spec.fault, on: on!, type: type.type, parameter, from, to, held, breached, estimate, atLeast,
    shown: { held: show(held), breached: show(breached), estimate: show(estimate), atLeast: show(atLeast) },
    confidence: 1 - 2 * ALPHA,
    complete: cutOff === null,
    levels
  }
  const words = wordsOf(experiment, found, search.undecided, cutOff)
  return { ...found, verdict: verdictOf(spec, found, experiment), words }
}

type Found = Omit<LimitResult, 'verdict' | 'words'>

/** Three digits are what an interval of a few per cent can bear. */
const middleOf = (held: number, breached: number): number => Number(((held + breached) / 2).toPrecision(3))

/** Whether the limit was found; with `at-least`, whether it is that much. */
function verdictOf ({ from, to, atLeast }: LimitSpec, found: Found, experiment: Experiment): LevelVerdict {
  const { held, breached, complete, levels } = found
  const reaches = (value: number | null, asked: number): boolean =>
    value !== null && (to > from ? value >= asked : value <= asked)
  if (atLeast !== undefined) {
    if (breached !== null && (breached === atLeast || !reaches(breached, atLeast))) return 'breached'
    if (!reaches(held, atLeast)) return 'inconclusive'
    return isDoubted(levels, held, experiment) ? 'inconclusive' : 'held'
  }
  if (held === null) return breached !== null && complete ? 'breached' : 'inconclusive'
  if (!complete || isDoubted(levels, held, experiment)) return 'inconclusive'
  return breached !== null || held === to ? 'held' : 'inconclusive'
}

/** Clients that slow down with the system leave the bad moments uncounted, so what seems to hold may not. */
function isDoubted (levels: readonly Level[], held: number | null, { source }: Experiment): boolean {
  return source === 'proxy' && levels.some(({ value, verdict, sameTraffic }) => value === held && verdict === 'held' && !sameTraffic)
}

function wordsOf (experiment: Experiment, found: Found, undecided: readonly number[], cutOff: CutOff | null): string[] {
  const { at, phases } = experiment
  const spec = experiment.limit!
  const { parameter, unit } = spec
  const { held, breached, levels, shown, on } = found
  const what = `${parameter} at ${on}`
  const show = (value: number): string => showValue(value, unit)
  const words: string[] = []
  if (held !== null && breached !== null) words.push(`${at} holds its objectives up to ${show(held)} of ${what}, and breaches at ${show(breached)}`)
  else if (held !== null) words.push(`${at} holds its objectives up to ${show(held)} of ${what}${held === spec.to ? ', the harshest that was to be tried' : ''}`)
  else if (breached !== null) words.push(`${at} breaches already at ${show(breached)} of ${what}; nothing milder was seen to hold`)
  else words.push(`it could not be told at any ${parameter} whether ${at} holds its objectives`)
  if (shown.atLeast !== null) words.push(`asked for: at least ${shown.atLeast}`)
  const cause = levels.find(({ value, verdict }) => value === breached && verdict === 'breached')
  if (cause !== undefined) {
    const broken = cause.objectives.filter(({ verdict }) => verdict === 'breached')
    words.push(`what broke at ${cause.shown}: ${broken.map(({ objective, n, bad }) => `${objective} (${formatShare(1 - bad / n)} good, ${formatCount(bad)} of ${formatCount(n)} bad)`).join(', ')}`)
  }
  if (undecided.length > 0) words.push(`between them, ${undecided.map(show).join(', ')} stayed undecided: ${levels.find(({ value }) => value === undecided[0])?.why ?? 'too little was seen'}`)
  switch (cutOff) {
    case 'time': words.push(`the time was up (${formatDuration(phases.fault)}), so the interval is wider than it could be; a longer fault phase narrows it`); break
    case 'levels': words.push(`${levels.length} levels were tried, which is all that this search may; too many of them stayed undecided`); break
    case 'not-back': words.push(`after ${levels.at(-1)?.shown} it did not come back within ${formatDuration(spec.stepTime)} at ${show(spec.from)}, so the search ended there`); break
    case 'ended': case null: break
  }
  if (isDoubted(levels, held, experiment)) words.push('traffic changed: at the harshest level that held, requests came at another rate than in the baseline; clients that wait for slow answers ask less often, and then the bad moments are counted too rarely')
  return words
}

/** A value beyond the limit that held all the same, in loud words; null if there was none. */
function notMonotone ({ levels, breached, parameter }: LimitResult): string | null {
  const odd = levels.find(({ purpose, verdict }) => purpose === 'check' && verdict === 'held')
  if (odd === undefined || breached === null) return null
  return `NOT MONOTONE: it held at ${parameter}=${odd.shown}, which is harsher than ${levels.find(({ value }) => value === breached)?.shown}, where it was breached. ` +
    'The limit found is the first; something other than this parameter decides beyond it, such as a timeout with a fallback.'
}

/** How a run ended that searched: what ended it early first, then recovery that was not seen, then the search. */
export function concludeLimit (conclusion: Conclusion, limit: LimitResult, endings: readonly Ending[]): Conclusion {
  const lost = endings.length === 0 && conclusion.outcome === 'not-recovered'
  const odd = notMonotone(limit)
  const early = endings.map(({ reason }) => reason)
  const after = conclusion.reasons.filter((reason) => !early.includes(reason))
  return {
    ...conclusion,
    outcome: endings[0]?.outcome ?? (lost ? 'not-recovered' : limit.verdict),
    reasons: [...early, ...lost ? [...after, ...limit.words] : [...limit.words, ...after]],
    notes: [...odd === null ? [] : [odd], ...conclusion.notes]
  }
}
