import { test } from 'tap'
import type { Level, LimitResult } from '../../src/experiment/limit/result.ts'
import type { LevelVerdict } from '../../src/experiment/limit/search.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { limitHeadline, limitLines } from '../../src/report/limit.ts'
import { renderTerminal } from '../../src/report/terminal.ts'
import { breached } from './results.ts'

const level = (value: number, verdict: LevelVerdict, purpose: Level['purpose'] = 'search'): Level => ({
  value, shown: `${value}ms`, verdict, purpose, ms: 4000, rate: 100, sameTraffic: true, hits: 400, why: null,
  objectives: ['success >= 99%', 'p95 <= 300ms'].map((objective) => ({
    objective, verdict, n: 400, bad: verdict === 'held' ? 0 : 300, effective: 400, evidence: { held: 1, breached: 1 }, needed: { held: 280, breached: 280 }
  }))
})

const LIMIT: LimitResult = {
  fault: 0, on: 'payments', type: 'delay', parameter: 'delay', from: 0, to: 2000, held: 340, breached: 390, estimate: 365,
  shown: { held: '340ms', breached: '390ms', estimate: '365ms', atLeast: null },
  atLeast: null, confidence: 0.9, complete: true, verdict: 'held',
  levels: [level(500, 'breached'), level(340, 'held'), level(390, 'breached'), level(1000, 'breached', 'check')],
  words: ['edge holds its objectives up to 340ms of delay at payments, and breaches at 390ms']
}

test('levels stand in the order of their values', async (t) => {
  const lines = limitLines(LIMIT, PLAIN)
  t.strictSame(lines.filter((line) => /ms +(held|breached)/.test(line)).map((line) => line.trim().split(/\s{2,}/).slice(0, 2)), [
    ['340ms', 'held'], ['390ms', 'breached'], ['500ms', 'breached'], ['1000ms', 'breached (check)']
  ])
  t.match(lines.join('\n'), /340ms +held +success >= 99% +100% +400 +0 +4s\n +p95 <= 300ms +100%/)
  t.same(lines.filter((line) => line.length > 80), [])
  t.strictSame(limitLines({ ...LIMIT, levels: [] }, PLAIN), [])
})

test('the headline says what was asked', async (t) => {
  const asked = { ...LIMIT, atLeast: 300, shown: { ...LIMIT.shown, atLeast: '300ms' } }
  t.match(limitHeadline(LIMIT, 'held'), { word: 'FOUND', tone: 'good' })
  t.match(limitHeadline({ ...LIMIT, breached: null }, 'held')!.sentence, /everything/)
  t.match(limitHeadline(asked, 'held')!.sentence, /at least 300ms/)
  t.match(limitHeadline({ ...asked, verdict: 'breached' }, 'breached'), { word: 'BREACHED', sentence: /below 300ms/ })
  t.match(limitHeadline({ ...asked, verdict: 'inconclusive' }, 'inconclusive')!.sentence, /could not be told/)
  t.match(limitHeadline({ ...LIMIT, verdict: 'breached' }, 'breached')!.sentence, /mildest/)
  t.match(limitHeadline({ ...LIMIT, verdict: 'inconclusive' }, 'inconclusive')!.sentence, /as narrowly/)
  t.match(limitHeadline({ ...LIMIT, held: null, breached: null, verdict: 'inconclusive' }, 'inconclusive')!.sentence, /not found/)
  t.equal(limitHeadline(LIMIT, 'aborted'), undefined, 'what ended it early has words of its own')
})

test('the report of a search shows its answer and its levels', async (t) => {
  const text = renderTerminal({ ...breached(), outcome: 'held', exitCode: 0, reasons: LIMIT.words, limit: LIMIT }, PLAIN)
  t.match(text, / FOUND {3}The limit was found\./)
  t.match(text, /Why\n {2}- edge holds its objectives up to 340ms of delay at payments, and breaches at\n/)
  t.match(text, /Levels\n/)
  t.match(renderTerminal({ ...breached(), limit: LIMIT, outcome: 'aborted' }, PLAIN), / ABORTED /)
})
