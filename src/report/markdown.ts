import type { FaultResult, Judgement, ObjectiveResult, RunResult } from '../experiment/result.ts'
import { formatCount, formatDuration } from '../kernel/units.ts'
import { percent, plain } from './layout.ts'
import type { Broken, Renderer } from './renderer.ts'
import { OUTCOMES, faultWords, hitWords, placeWords, recoverWords } from './words.ts'

const SIGNS = { good: '✅', bad: '❌', unsure: '⚠️' } as const

/** A run's result in a few lines of Markdown, for a comment or a job's summary. Nothing in it becomes a link or a mention. */
export function renderMarkdown (result: RunResult): string {
  const { title, outcome, exitCode, reasons, objectives, comparison, faults, notes } = result
  const { word, sentence, tone } = OUTCOMES[outcome]
  return [
    `### ${inert(title)}`,
    '', `${SIGNS[tone]} **${word}** (exit code ${exitCode}). ${sentence}`,
    ...list('', reasons),
    ...objectives.length === 0 ? [] : ['', ...table(objectives)],
    ...list('Compared', comparison?.words ?? []),
    ...list('Faults', faults.map(faultLine)),
    ...list('Keep in mind', notes),
    '', facts(result), ''
  ].join('\n')
}

/** For people who read it where code is reviewed. */
export const markdown = {
  format: 'markdown',
  contentType: 'text/markdown; charset=utf-8',
  render: renderMarkdown,
  broken: ({ title, why }: Broken) => `### ${inert(title)}\n\n${SIGNS.bad} **NO VERDICT**. ${inert(why)}\n`
} as const satisfies Renderer

/**
 * Text that means nothing to Markdown: its signs are escaped, and a word joiner, which is not seen, stands where a site
 * would make a link or mention somebody.
 */
export function inert (text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]<>|~&]/g, '\\$&')
    .replace(/^(\s*\d*)([-+#.)=])/, '$1\\$2')
    .replace(/@(?=\w)|#(?=\d)|:(?=\/\/)|\bwww(?=\.)|\bgh(?=-\d)/gi, '$&\u2060')
}

/** Text that is a word of a program. */
function code (text: string): string {
  // In a table a bar ends the cell even here; a backtick would end the code.
  return `\`${plain(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

function list (title: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return []
  return ['', ...title === '' ? [] : [`**${title}**`, ''], ...texts.map((text) => `- ${inert(text)}`)]
}

function table (objectives: readonly ObjectiveResult[]): string[] {
  const rows = objectives.map(({ objective, baseline, fault, recovery, timeToRecover }) =>
    [code(objective), judged(baseline), fault === null ? judged(fault) : `**${fault.verdict}**, ${figures(fault)}`, judged(recovery), recoverWords(timeToRecover)])
  return [['objective', 'baseline', 'under the fault', 'recovery', 'time to recover'], Array<string>(5).fill('---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
}

const judged = (judgement: Judgement | null): string => judgement === null ? 'not judged' : `${judgement.verdict}, ${figures(judgement)}`

const figures = ({ n, good, lower, upper }: Judgement): string =>
  n === 0 ? 'none seen' : `${percent(good)} of ${formatCount(n)} good (${percent(lower)} to ${percent(upper, 'up')})`

function faultLine ({ fault, id, landed, removed, counters }: FaultResult): string {
  const what = `${faultWords(fault)} on ${placeWords(fault)}`
  if (counters === null) return `${what}: ${id === null ? 'never applied' : 'its counters could not be read'}`
  const hit = `hit ${formatCount(counters.injected)} of ${formatCount(counters.eligible)} ${hitWords(fault)}`
  return `${what}: ${landed ? hit : `DID NOT LAND, ${hit}`}; ${removed ? 'removed' : 'removal NOT CONFIRMED'}`
}

function facts ({ id, seed, documentHash, startedAt, endedAt, at, source }: RunResult): string {
  const took = formatDuration(Date.parse(endedAt) - Date.parse(startedAt))
  const by = source === 'load' ? 'the load generator' : 'the proxy'
  return `Bounds: exact, one-sided 95 % each. Measured at ${inert(at)} by ${by}. Run ${code(id)}, ${startedAt}, took ${took}; seed ${seed}; document ${code(documentHash.slice(0, 12))}.`
}
