import { dirname } from 'node:path'
import type { ExperimentDocument } from '../experiment/document.ts'
import type { ObjectiveResult, RunResult, TimeToRecover } from '../experiment/result.ts'
import { formatCount, formatDuration, parseDuration } from '../kernel/units.ts'
import { columns, paint, percent, plain, wrap } from '../report/layout.ts'
import type { Cell } from '../report/layout.ts'
import type { Look } from '../report/renderer.ts'
import { OUTCOMES, recoverWords } from '../report/words.ts'
import type { Pace } from './experiments.ts'
import { PATIENCE } from './shop.ts'

/** One experiment on one shop. */
export interface Play { document: ExperimentDocument, resilient: boolean }

/** The same with what came of it. */
export interface Played extends Play { result: RunResult }

const TONES = { good: 'green', bad: 'red', unsure: 'yellow' } as const

const shopOf = ({ resilient }: Play): string => resilient ? 'resilient' : 'naive'

/** What the demo does and how long it takes. */
export function introduction (pace: Pace, plays: number, look: Look): string {
  const seconds = Object.values(pace.phases).reduce((sum, phase) => sum + parseDuration(phase), 0) / 1000
  const arrow = look.unicode === true ? '──>' : '-->'
  const lengths = Object.entries(pace.phases).map(([phase, length]) => `${phase} ${length}`).join(', ')
  return lines([
    paint(look, 'bold', 'A small shop on this machine, broken on purpose.'),
    '',
    `  load ${arrow} [edge] ${arrow} the shop ${arrow} [payments] ${arrow} payments-1, payments-2`,
    paint(look, 'dim', '       [...] is premortem: it measures at the edge and breaks payments'),
    '',
    ...list('naive shop', 'asks payments, waits for as long as it takes, and passes errors on', look),
    ...list('resilient shop', `waits ${PATIENCE} ms, asks once more, then takes the last price it knows`, look),
    '',
    ...wrap('For the last question the shop calls payments over TLS, on connections that it keeps and sessions that it resumes; ' +
      'premortem shows the certificate.', look.width),
    '',
    ...wrap(`${plays} runs of ${seconds} s at ${pace.rate} requests a second: ${lengths}.`, look.width),
    ''
  ])
}

/** The line above a run. */
export function playTitle (number: number, plays: number, play: Play, look: Look): string {
  return lines([`${paint(look, 'bold', `${number}/${plays}  ${plain(play.document.title)}`)}  ${shopOf(play)} shop`])
}

/** What a run found out, briefly: the fault phase and what came after. The whole report is in the run's folder. */
export function runReport (result: RunResult, look: Look): string {
  const { word, tone } = OUTCOMES[result.outcome]
  const style = TONES[tone]
  const rows: Cell[][] = [['objective', 'in the fault', 'good', 'bounds', 'n', 'time to recover']]
  for (const { objective, fault, timeToRecover } of result.objectives) {
    if (fault === null) rows.push([objective, 'not judged'])
    else rows.push([objective, fault.verdict, percent(fault.good), `${percent(fault.lower)} to ${percent(fault.upper, 'up')}`, formatCount(fault.n), recoverWords(timeToRecover)])
  }
  // A run that broke off says why; for the others the figures do.
  const reasons = result.outcome === 'held' || result.outcome === 'breached' ? [] : result.reasons
  return lines([
    `     ${paint(look, ['bold', 'inverse', style], ` ${word} `)}`,
    ...reasons.flatMap((reason) => wrap(plain(reason), look.width - 5)).map((line) => `     ${line}`),
    ...columns(rows, look, { indent: '     ' }),
    ...survivals(result).flatMap((words) => wrap(words, look.width - 5)).map((line) => `     ${line}`),
    paint(look, 'dim', `     ${plain(result.folder)}`),
    ''
  ])
}

/** Who would not have noticed a certificate that lapses, a sentence for each proxy whose TLS was broken. */
function survivals ({ tls }: RunResult): string[] {
  return tls.flatMap(({ survival }) => survival === null ? [] : [`${survival.words.slice(0, 1).toUpperCase()}${plain(survival.words.slice(1))}.`])
}

/** The summary, and what it means; whether the demo showed what it says it shows. */
export function closing (played: readonly Played[], look: Look): { text: string, asExpected: boolean } {
  const surprises = played.filter(({ resilient, result }) => result.outcome !== (resilient ? 'held' : 'breached'))
  const asExpected = surprises.length === 0
  const titles = [...new Set(played.map(({ document }) => document.title))]
  return {
    asExpected,
    text: lines([
      ...titles.flatMap((title) => summary(title, played.filter(({ document }) => document.title === title), look)),
      ...wrap('success and p95 are those of the fault phase; `was` is the p95 before it. A run\'s folder is named after it, in ' +
        `${plain(dirname(played[0]?.result.folder ?? ''))}.`, look.width).map((line) => paint(look, 'dim', line)),
      '',
      ...(asExpected ? meaning(played, look) : explanation(surprises, look))
    ])
  }
}

function summary (title: string, played: readonly Played[], look: Look): string[] {
  const rows = played.map((play): Cell[] => {
    const { result } = play
    const { word, tone } = OUTCOMES[result.outcome]
    const success = result.objectives.find(({ objective }) => objective.startsWith('success'))?.fault
    return [
      shopOf(play),
      { text: word, style: TONES[tone] },
      success == null ? '-' : percent(success.good),
      p95(result, 'fault'),
      p95(result, 'baseline'),
      recoverWords(slowest(result.objectives)),
      result.id
    ]
  })
  const heads = ['shop', 'verdict', 'success', 'p95', 'was', 'recovered', 'run']
  return [paint(look, 'bold', plain(title)), ...columns([heads, ...rows], look), '']
}

function p95 (result: RunResult | undefined, name: string): string {
  const phase = result?.phases.find((candidate) => candidate.name === name)
  return phase === undefined || phase.n === 0 ? '-' : formatDuration(Math.round(phase.latency.p95))
}

const WORST: readonly TimeToRecover['kind'][] = ['not-seen', 'unknown', 'recovered', 'unaffected']

/** The service is back when its last objective is. */
function slowest (objectives: readonly ObjectiveResult[]): TimeToRecover {
  const times = objectives.map(({ timeToRecover }) => timeToRecover)
  const kind = WORST.find((candidate) => times.some((time) => time.kind === candidate)) ?? 'unknown'
  const ms = (time: TimeToRecover): number => 'ms' in time ? time.ms : 0
  return times.filter((time) => time.kind === kind).toSorted((a, b) => ms(b) - ms(a))[0] ?? { kind: 'unknown' }
}

function meaning (played: readonly Played[], look: Look): string[] {
  const of = (title: string | undefined, resilient: boolean): RunResult | undefined =>
    played.find((play) => play.document.title === title && play.resilient === resilient)?.result
  const [slower, lost, expires] = [...new Set(played.map(({ document }) => document.title))]
  const goodIn = (result: RunResult | undefined): string => {
    const success = result?.objectives.find(({ objective }) => objective.startsWith('success'))?.fault
    return success == null ? '-' : percent(success.good)
  }
  const slow = { naive: of(slower, false), resilient: of(slower, true) }
  const gone = { naive: of(lost, false), resilient: of(lost, true) }
  const expired = { naive: of(expires, false), resilient: of(expires, true) }
  return [
    paint(look, 'bold', 'What this means'),
    ...list('slower', `The naive shop passes every delay of payments on to its users: p95 went from ${p95(slow.naive, 'baseline')} to ` +
      `${p95(slow.naive, 'fault')}. With a timeout and a price to fall back on it is ${p95(slow.resilient, 'fault')}, and the objective holds.`, look),
    ...list('a node lost', `The naive shop answers ${goodIn(gone.naive)} of its users well while one node of two is gone. One more ` +
      `try, which reaches the other node, makes that ${goodIn(gone.resilient)}.`, look),
    ...list('expired', `The naive shop answers ${goodIn(expired.naive)} of its users well once the certificate is seen to have expired. The ` +
      `price it remembers makes that ${goodIn(expired.resilient)}.${unseen(expired.naive)}`, look),
    '',
    ...wrap('The first shop is what most services are until somebody asks. The experiments are config/experiments/latency-rises.yaml, ' +
      'lose-a-node.yaml and certificate-expires.yaml; `premortem report RUN` shows a run in full.', look.width),
    ...wrap('Next, in front of a service of yours: premortem serve --config config/premortem.yaml', look.width)
  ]
}

/** What a certificate that lapses by itself would have looked like. */
function unseen (result: RunResult | undefined): string {
  const survival = result?.tls.find(({ survival }) => survival !== null)?.survival
  if (survival == null || survival.share === 0) return ''
  return ` Had it lapsed by itself, ${percent(survival.share)} of the calls would have gone on for now, on connections and sessions ` +
    'of before. Such an outage shows later, as when the service restarts.'
}

function explanation (surprises: readonly Played[], look: Look): string[] {
  const words = ({ document, resilient, result: { outcome, reasons, lag } }: Played): string =>
    `"${plain(document.title)}" should have ${resilient ? 'held' : 'been breached'} and ended ${OUTCOMES[outcome].word}: ` +
    `${plain(reasons[0] ?? 'no reason was given')}. Meanwhile this process was up to ${formatDuration(lag.max)} late ` +
    `(p99 ${formatDuration(lag.p99)}).`
  return [
    paint(look, ['bold', 'yellow'], 'The demo did not show what it should have.'),
    ...surprises.flatMap((play) => list(`${shopOf(play)} shop`, words(play), look)),
    ...wrap('More than 10 ms mean that the machine is busy with something else: the load, the shop and premortem share it. Try ' +
      'again when it is not.', look.width)
  ]
}

function list (name: string, text: string, look: Look): string[] {
  const [first, ...more] = wrap(text, look.width - 18)
  return [`  ${paint(look, 'bold', name.padEnd(16))}${first}`, ...more.map((line) => ' '.repeat(18) + line)]
}

const lines = (parts: readonly string[]): string => parts.map((part) => `${part}\n`).join('')
