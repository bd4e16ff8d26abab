import { rehearsalLines } from './rehearsal.ts'
import { restoreWords } from '../experiment/restore.ts'
import type { FaultResult, Judgement, RunResult, Verdict } from '../experiment/result.ts'
import { diceOf } from '../faults/plan.ts'
import { formatCount, formatDuration, formatShare, parseShare } from '../kernel/units.ts'
import type { Percentiles } from '../measure/histogram.ts'
import type { PhaseReading } from '../measure/watch.ts'
import { columns, paint, percent, plain, wrap } from './layout.ts'
import type { Cell } from './layout.ts'
import { limitHeadline, limitLines } from './limit.ts'
import type { Look, Renderer } from './renderer.ts'
import { sourceLines } from './sources.ts'
import { tlsLines } from './tls.ts'
import { OUTCOMES, faultWords, hitWords, placeWords, recoverWords, othersWords } from './words.ts'

const TONES = { good: 'green', bad: 'red', unsure: 'yellow' } as const
const VERDICTS = { held: 'green', breached: 'red', inconclusive: 'yellow' } as const
const INDENT = '  '

/** A run's result as a person at a terminal reads it: the answer first, then what it rests on. No line break at its end. */
export function renderTerminal (result: RunResult, look: Look): string {
  return [
    ...headline(result, look),
    ...warnings(result, look),
    ...bullets('Why', result.reasons, look),
    ...section('Levels', result.limit === null ? [] : limitLines(result.limit, look), look),
    '', ...objectives(result, look),
    ...bullets('Compared', result.comparison?.words ?? [], look),
    ...bullets('Detected', result.detection?.words ?? [], look),
    ...bullets('Would you have been paged?', result.paging.map(({ words }) => words), look),
    ...bullets('Error budget', result.budget === null ? [] : [result.budget.words], look),
    ...section('Traffic', phases(result, look), look),
    ...section('Samples', sourceLines(result, look), look),
    ...section('TLS', result.tls.flatMap((finding) => tlsLines(finding, look)), look),
    ...section('Faults', result.faults.flatMap((fault) => faultLines(fault, look)), look),
    ...section('Would have been hit', (result.rehearsal ?? []).flatMap((fault) => rehearsalLines(fault, look)), look),
    ...bullets('Restored', result.restored === null ? [] : restoreWords(result.restored), look),
    ...bullets('Keep in mind', result.notes.filter((note) => !LOUD.test(note)), look),
    ...section('Run', facts(result, look), look)
  ].join('\n')
}

/** For people. */
export const terminal = {
  format: 'text',
  contentType: 'text/plain; charset=utf-8',
  render: (result, look) => `${renderTerminal(result, look)}\n`
} as const satisfies Renderer

function headline (result: RunResult, look: Look): string[] {
  const { outcome, limit } = result
  const { word, sentence, tone } = (limit === null ? undefined : limitHeadline(limit, outcome)) ?? OUTCOMES[outcome]
  const [first, ...more] = wrap(sentence, look.width - word.length - 6)
  return [
    ...wrap(plain(result.title), look.width).map((line) => paint(look, 'bold', line)),
    '',
    `${INDENT}${paint(look, ['bold', 'inverse', TONES[tone]], ` ${word} `)}  ${first}`,
    ...more.map((line) => ' '.repeat(word.length + 6) + line)
  ]
}

/** A note that begins in capitals must not be overlooked: it stands right under the answer. */
const LOUD = /^[A-Z]{2,}( [A-Z]{2,})+ /

function warnings (result: RunResult, look: Look): string[] {
  return result.notes.filter((note) => LOUD.test(note)).flatMap((note) =>
    ['', ...wrap(`!!! ${plain(note)}`, look.width - 2, '    ').map((line) => INDENT + paint(look, ['bold', 'yellow'], line))])
}

function objectives (result: RunResult, look: Look): string[] {
  const rows: Cell[][] = [['', '', '', '', 'time to'], ['objective', 'baseline', result.comparison?.design === 'concurrent' ? 'fault arm' : 'fault', 'recovery', 'recover']]
  for (const { objective, counts, baseline, fault, recovery, timeToRecover } of result.objectives) {
    const judged = [baseline, fault, recovery]
    const row = (label: string, of: (judgement: Judgement) => Cell): Cell[] => [label, ...judged.map((judgement) => judgement === null ? '' : of(judgement))]
    rows.push(
      [objective, ...judged.map((judgement) => judgement === null ? 'not judged' : verdict(judgement.verdict)), recoverWords(timeToRecover)],
      row('  good', ({ good, n }) => n === 0 ? ({ requests: 'no traffic', handshakes: 'none seen', samples: 'no samples' })[counts] : percent(good)),
      row('  bounds', ({ lower, upper }) => `${percent(lower)} to ${percent(upper, 'up')}`.replace('% to', ' to')),
      row('  n', ({ n, effective }) => effective < n * 0.995 ? `${formatCount(n)} (eff. ${formatCount(effective)})` : formatCount(n))
    )
    if (judged.some((judgement) => judgement !== null && lacks(judgement))) {
      rows.push(row('  n needed', (judgement) => lacks(judgement) ? formatCount(judgement.needed) : ''))
    }
  }
  return [
    ...columns(rows, look, { heads: 2 }),
    ...wrap('bounds: exact, one-sided 95 % each; eff.: n after allowing for dependence', look.width).map((line) => paint(look, 'dim', line))
  ]
}

const verdict = (word: Verdict): Cell => ({ text: word, style: VERDICTS[word] })

const lacks = (judgement: Judgement): boolean => judgement.verdict === 'inconclusive' && judgement.n < judgement.needed

/** Phases that people know; what starts while faults come or go belongs to none of them, and is a handful. */
const SHOWN: readonly string[] = ['warmup', 'baseline', 'fault', 'recovery']

function phases (result: RunResult, look: Look): string[] {
  const rows = result.phases.filter(({ name }) => SHOWN.includes(name)).map((phase) => {
    const { p50, p95, p99, max } = phase.latency
    return [phase.name, formatCount(phase.n), ...[p50, p95, p99, max].map((ms) => phase.n === 0 ? '-' : formatDuration(ms)), answers(phase)]
  })
  return rows.length === 0 ? [] : columns([['phase', 'n', 'p50', 'p95', 'p99', 'max', 'answers'], ...rows], look, { right: [1, 2, 3, 4, 5], indent: INDENT })
}

/** What the answers were, the most frequent first: statuses, and outcomes other than a whole response. */
function answers (phase: PhaseReading): string {
  const statuses = Object.entries(phase.statuses).filter(([status]) => status !== '0')
  const outcomes = Object.entries(phase.outcomes).filter(([outcome]) => outcome !== 'complete' || statuses.length === 0)
  const ends = [...statuses, ...outcomes].sort((a, b) => b[1] - a[1])
  const shown = ends.slice(0, 3).map(([name, n]) => `${name}: ${formatCount(n)}`)
  return [...shown, ...(ends.length > 3 ? ['...'] : [])].join(', ')
}

function faultLines ({ fault, landed, removed, counters, delays: spread }: FaultResult, look: Look): string[] {
  const shadow = fault.mode === 'shadow' ? ' (shadow: counted, not injected)' : ''
  const title = wrap(`${plain(faultWords(fault))} on ${plain(placeWords(fault))}${shadow}`, look.width - 2, '  ')
  const lines: string[] = []
  if (counters === null) {
    lines.push('never applied')
  } else {
    const { eligible, injected, existing: { reset, drain }, delays, delayRequested, delayAchieved } = counters
    const { thrown, hit } = diceOf(counters)
    const share = thrown === 0 || fault.replay !== undefined ? '' : `${percent(hit / thrown)}; ${formatShare(parseShare(fault.share ?? 1))} requested`
    const others = othersWords(counters)
    const open = reset + drain === 0 ? '' : `, and ${formatCount(reset + drain)} that were open`
    lines.push(`${landed ? 'landed' : 'DID NOT LAND'}: hit ${formatCount(injected)} of ${formatCount(eligible)} eligible ${hitWords(fault)}${share === '' || others !== '' ? '' : ` (${share})`}${open}`)
    // The share is of those that the dice were thrown for, which are not all then.
    if (others !== '') lines.push(`of the others: ${others}${share === '' ? '' : `; share ${share}`}`)
    if (delays > 0) lines.push(`delayed by ${tenths(delayAchieved / delays)} on average; ${tenths(delayRequested / delays)} requested`)
    if (spread !== null) {
      const words = ({ p50, p99 }: Percentiles): string => `p50 ${tenths(p50)}, p99 ${tenths(p99)}`
      lines.push(`delays: ${words(spread.achieved)}; ${words(spread.requested)} requested`)
    }
    lines.push(removed ? 'removed: confirmed' : 'removed: NOT CONFIRMED')
  }
  const details = lines.flatMap((line) => wrap(line, look.width - 4)).map((line) => INDENT + line)
  return [...title, ...details].map((line) => INDENT + line)
}

/** Milliseconds to a tenth: how exact an injected delay was is lost in whole ones. */
const tenths = (ms: number): string => `${Number(ms.toFixed(1))}ms`

function facts (result: RunResult, look: Look): string[] {
  const lag = ({ p50, p99, max }: Pick<Percentiles, 'p50' | 'p99' | 'max'>): string => `p50 ${formatDuration(p50)}, p99 ${formatDuration(p99)}, max ${formatDuration(max)}`
  const rows = [
    ['measured', `at ${plain(result.at)}, by the ${result.source === 'load' ? 'load generator, from the intended send time' : 'proxy'}`],
    ...(result.load === null ? [] : [['load', `${formatCount(result.load.sent)} sent, ${formatCount(result.load.unsent)} not sent; late by ${lag(result.load.lag)}`]]),
    ['own lag', `premortem's event loop: ${lag(result.lag)}`],
    ['began', `${result.startedAt}, took ${formatDuration(result.took)}`],
    ['seed', String(result.seed)],
    ['document', `${result.documentHash.slice(0, 12)} (SHA-256, taken before the run)`],
    ['folder', plain(result.folder)],
    ['exit code', String(result.exitCode)]
  ]
  return rows.map(([name, value]) => `${INDENT}${paint(look, 'dim', name!.padEnd(9))}  ${value}`)
}

function bullets (title: string, texts: readonly string[], look: Look): string[] {
  const sign = look.unicode === true ? '•' : '-'
  return section(title, texts.flatMap((text) => wrap(`${sign} ${plain(text)}`, look.width - 2, '  ').map((line) => INDENT + line)), look)
}

function section (title: string, lines: readonly string[], look: Look): string[] {
  return lines.length === 0 ? [] : ['', paint(look, 'bold', title), ...lines]
}
