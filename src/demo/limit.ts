import type { ExperimentDocument } from '../experiment/document.ts'
import type { LimitResult } from '../experiment/limit/result.ts'
import type { RunResult } from '../experiment/result.ts'
import { createSystemClock } from '../kernel/clock.ts'
import { createRandom } from '../kernel/random.ts'
import { formatDuration, formatShare, parseDuration } from '../kernel/units.ts'
import { paint, plain, wrap } from '../report/layout.ts'
import { limitLines } from '../report/limit.ts'
import type { Look } from '../report/renderer.ts'
import { SEED, runInShop } from './demo.ts'
import type { DemoOptions } from './demo.ts'
import { loadDocument } from './experiments.ts'
import { JITTER, WORK } from './shop.ts'

/** How long the edge of this shop waits for payments, in milliseconds: a few lost on a busy machine are a few per cent of it. */
export const LIMIT_PATIENCE = 800

/** How far from the known limit the found one may be. */
const TOLERANCE = 0.1

/** Phases and pace: less than three minutes in all, mostly one. */
const PHASES = { warmup: '2s', baseline: '6s', fault: '2m30s', recovery: '3s' }
const RATE = 60
const OBJECTIVES = ['p95 <= 900ms']
const LIMIT = { 'step-time': '20s', settle: '1s' }

/**
 * The delay at which the 95th percentile breaks, in milliseconds: the edge gives up when payments, whose own time varies
 * evenly by the jitter, takes longer than its patience; what it does then takes longer than the objective allows.
 */
export const KNOWN_LIMIT = LIMIT_PATIENCE - WORK - JITTER * (0.95 - 0.05)

/**
 * Finds out how slow payments may be for a shop whose limit is known, and prints both. The exit code is 0 if the found limit
 * is within 10 % of the known one, 130 if it was interrupted, and 1 otherwise.
 */
export async function runLimitDemo (options: DemoOptions): Promise<number> {
  const { out, color, width = 80, unicode = false, signal } = options
  const look: Look = { color, width: Math.min(width, 100), unicode }
  const document = await loadDocument('limit-payments.yaml')
  out(introduction(look))
  if (signal?.aborted) return 130
  const clock = createSystemClock()
  const lengths = Object.fromEntries(Object.entries(PHASES).map(([phase, length]) => [phase, parseDuration(length)]))
  const shop = { resilient: true, patience: LIMIT_PATIENCE, clock, random: createRandom(SEED) }
  const result = await runInShop(shop, { adapted: (edge) => adaptSearch(document, edge), secure: false, lengths }, options)
  if (result.outcome === 'interrupted') return 130
  const end = limitStory(result, look)
  out(end.text)
  return end.asExpected ? 0 : 1
}

/** The sample at the demo's pace, on the shop at `edge`. */
export function adaptSearch (document: ExperimentDocument, edge: string): ExperimentDocument {
  return {
    ...document,
    'steady-state': { ...document['steady-state'], objectives: OBJECTIVES },
    load: { ...document.load, url: `http://${edge}/checkout`, rate: RATE, timeout: '5s' },
    phases: PHASES,
    limit: { ...document.limit!, ...LIMIT }
  }
}

function introduction (look: Look): string {
  return lines([
    paint(look, 'bold', 'How slow may payments be, until the shop breaks?'),
    '',
    ...wrap(`The shop waits ${LIMIT_PATIENCE} ms for payments, which takes ${WORK} ms give or take ${JITTER}, and then starts over. Its users ` +
      `are to get 95 of 100 answers within 900 ms. So the limit is known: ${formatDuration(KNOWN_LIMIT)} of delay at payments. premortem ` +
      'is not told; it raises the delay until the objective breaks.', look.width),
    ''
  ])
}

/** What was found beside what is known, and whether they agree. */
export function limitStory (result: RunResult, look: Look): { text: string, asExpected: boolean } {
  const { limit, reasons, lag, folder, took } = result
  const off = offBy(limit)
  const asExpected = off !== null && Math.abs(off) <= TOLERANCE
  const found = limit?.shown.estimate == null ? 'nothing' : `${limit.shown.estimate}, between ${limit.shown.held} and ${limit.shown.breached}`
  return {
    asExpected,
    text: lines([
      ...limit === null ? [] : [...limitLines(limit, look), ''],
      `  known  ${formatDuration(KNOWN_LIMIT)}`,
      `  found  ${found}${off === null ? '' : ` (${off < 0 ? '-' : '+'}${formatShare(Math.round(Math.abs(off) * 1000) / 1000)})`}, in ${formatDuration(took)}`,
      '',
      ...reasons.flatMap((reason) => wrap(`- ${plain(reason)}`, look.width, '  ')),
      ...asExpected
        ? ['', ...wrap('Next, for a service of yours: premortem limit config/experiments/limit-payments.yaml --at-least 150ms', look.width)]
        : ['', paint(look, ['bold', 'yellow'], 'The demo did not find what it should have.'), ...wrap(`This process was up to ${formatDuration(lag.max)} late ` +
          `(p99 ${formatDuration(lag.p99)}); more than 10 ms mean that the machine is busy with something else. Try again when it is not.`, look.width)],
      paint(look, 'dim', plain(folder))
    ])
  }
}

function offBy (limit: LimitResult | null): number | null {
  return limit === null || limit.estimate === null ? null : limit.estimate / KNOWN_LIMIT - 1
}

const lines = (parts: readonly string[]): string => parts.map((part) => `${part}\n`).join('')
