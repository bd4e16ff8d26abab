import type { Level, LimitResult } from '../experiment/limit/result.ts'
import type { RunOutcome } from '../experiment/result.ts'
import { formatCount, formatDuration, formatShare } from '../kernel/units.ts'
import { columns } from './layout.ts'
import type { Cell } from './layout.ts'
import type { Look } from './renderer.ts'

const STYLES = { held: 'green', breached: 'red', inconclusive: 'yellow' } as const

/** The headline of a run that searched for a limit and came to its end; undefined for any other ending. */
export function limitHeadline (
  { verdict, held, breached, shown: { atLeast } }: LimitResult, outcome: RunOutcome
): { word: string, sentence: string, tone: 'good' | 'bad' | 'unsure' } | undefined {
  if (outcome !== verdict) return undefined
  if (atLeast !== null) {
    switch (verdict) {
      case 'held': return { word: 'HELD', sentence: `The limit is at least ${atLeast}, as was asked for.`, tone: 'good' }
      case 'breached': return { word: 'BREACHED', sentence: `The limit is below ${atLeast}, which was asked for.`, tone: 'bad' }
      case 'inconclusive': return { word: 'INCONCLUSIVE', sentence: `It could not be told whether the limit is at least ${atLeast}.`, tone: 'unsure' }
    }
  }
  switch (verdict) {
    case 'held': return { word: 'FOUND', sentence: breached === null ? 'The objectives hold at everything that was to be tried.' : 'The limit was found.', tone: 'good' }
    case 'breached': return { word: 'BREACHED', sentence: 'The objectives break at the mildest value that was tried.', tone: 'bad' }
    case 'inconclusive': return { word: 'INCONCLUSIVE', sentence: held === null && breached === null ? 'The limit was not found.' : 'The limit was not found as narrowly as was asked for.', tone: 'unsure' }
  }
}

/** The levels of a search in the order of their values: what was seen at each, and what came of it. */
export function limitLines (limit: LimitResult, look: Look): string[] {
  const harsher = Math.sign(limit.to - limit.from)
  const rows = limit.levels.toSorted((a, b) => harsher * (a.value - b.value)).flatMap((level) => rowsOf(level))
  if (rows.length === 0) return []
  return [
    ...columns([[limit.parameter, 'verdict', 'objective', 'good', 'n', 'bad', 'took'], ...rows], look, { right: [0, 3, 4, 5, 6], indent: '  ' }),
    `  one after the other, errors shared between all: ${formatShare(limit.confidence)} confidence`
  ]
}

function rowsOf ({ shown, verdict, purpose, ms, objectives }: Level): Cell[][] {
  const word = purpose === 'check' ? `${verdict} (check)` : verdict
  return objectives.map(({ objective, n, bad }, i): Cell[] => [
    i === 0 ? shown : '',
    i === 0 ? { text: word, style: STYLES[verdict] } : '',
    objective,
    n === 0 ? '-' : formatShare(1 - bad / n),
    formatCount(n),
    formatCount(bad),
    i === 0 ? formatDuration(ms) : ''
  ])
}
