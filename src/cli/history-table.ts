import { formatDuration, formatShare } from '../kernel/units.ts'
import type { Effect, RunSummary } from '../report/history.ts'
import { columns, paint, plain } from '../report/layout.ts'
import type { Cell } from '../report/layout.ts'
import type { Look } from '../report/renderer.ts'
import type { Trend } from '../report/trend.ts'
import { OUTCOMES, recoverWords } from '../report/words.ts'

const TONES = { good: 'green', bad: 'red', unsure: 'yellow' } as const

/** How many effects are written out, the newest. */
const SHOWN = 12

/** Runs in a table, the newest last. */
export function runsTable (runs: readonly RunSummary[], look: Look): string[] {
  const oneTitle = new Set(runs.map(({ title }) => title)).size === 1
  const rows = runs.map((run): Cell[] => [
    run.id,
    ...oneTitle ? [] : [cut(run.title ?? '?', 34)],
    outcomeCell(run),
    run.effect === null ? '-' : effectWords(run.effect),
    run.timeToRecover === null ? '-' : recoverWords(run.timeToRecover)
  ])
  return columns([['run', ...oneTitle ? [] : ['experiment'], 'outcome', 'effect (90% interval)', 'recovered'], ...rows], look)
}

/** What is wrong with runs that have no result, a line each. */
export function problemLines (runs: readonly RunSummary[], look: Look): string[] {
  return runs.filter(({ problem }) => problem !== null).map(({ id, problem }) => `${paint(look, 'yellow', id)}: ${plain(problem!)}`)
}

/** How one experiment went over its runs. */
export function trendLines (trend: Trend, look: Look): string[] {
  const { title, runs, outcomes, versions, flake, effects, recovery } = trend
  const ends = Object.entries(outcomes).map(([outcome, n]) => `${n} ${outcome.replaceAll('-', ' ')}`).join(', ')
  const facts: [string, string][] = [
    ['runs', `${runs}: ${ends}`],
    ...versions.length > 1 ? [['document', versionWords(versions)] as [string, string]] : [],
    ['flake rate', flake.rate === null
      ? 'unknown: no two runs of one document follow each other'
      : `${formatShare(flake.rate)}: the outcome changed ${flake.changes} of ${flake.pairs} times between runs of the same document`],
    ...effects.length > 0 ? [['effect', effectsWords(trend)] as [string, string]] : [],
    ['recovery', recoveryWords(recovery)]
  ]
  return [paint(look, 'bold', plain(title)), ...facts.map(([name, words]) => `  ${paint(look, 'dim', name.padEnd(10))}  ${words}`)]
}

function outcomeCell ({ outcome, state }: RunSummary): Cell {
  if (outcome === null) return { text: state, style: 'yellow' }
  return { text: outcome.replaceAll('-', ' '), style: TONES[OUTCOMES[outcome].tone] }
}

function effectWords ({ difference: { value, lower, upper } }: Effect): string {
  return `${points(value)} points (${points(lower ?? -1)} to ${points(upper ?? 1)})`
}

const points = (share: number): string => {
  const rounded = Number((share * 100).toFixed(2))
  return `${rounded > 0 ? '+' : ''}${rounded === 0 ? 0 : rounded}`
}

/** Where a bar stands the document was changed. */
function effectsWords ({ objective, effects }: Trend): string {
  const shown = effects.slice(-SHOWN)
  const words = shown.map(({ version, value }, i) => i > 0 && shown[i - 1]!.version !== version ? `| ${points(value)}` : points(value))
  const changed = shown[0]!.version !== shown.at(-1)!.version
  return `${effects.length > SHOWN ? '... ' : ''}${words.join(' ')} points of bad ones more on ${objective}, the newest last${changed ? '; | the document was changed' : ''}`
}

const versionWords = (versions: Trend['versions']): string =>
  `changed ${versions.length === 2 ? 'once' : `${versions.length - 1} times`}: ${versions.map(({ documentHash, runs }) => `${documentHash.slice(0, 8)} (${runs})`).join(', ')}; the last since ${versions.at(-1)!.first}`

function recoveryWords ({ median, runs, notSeen, unaffected }: Trend['recovery']): string {
  const others = unaffected === 0 ? '' : `; ${unaffected} not affected`
  if (runs === 0) return unaffected === 0 ? 'never watched to its end' : 'nothing to recover from in any run'
  const seen = notSeen === 0 ? '' : `, ${notSeen} of them not seen to recover`
  const found = median === null ? 'longer than was watched' : median === 0 ? 'at once' : formatDuration(median)
  return `median ${found} (Kaplan-Meier, ${runs} run${runs === 1 ? '' : 's'}${seen})${others}`
}

function cut (text: string, length: number): string {
  const bare = plain(text)
  return bare.length <= length ? bare : `${bare.slice(0, length - 3)}...`
}
