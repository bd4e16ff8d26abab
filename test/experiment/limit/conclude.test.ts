import { test } from 'tap'
import { decodeExperiment } from '../../../src/experiment/document.ts'
import { concludeLimit, limitOf } from '../../../src/experiment/limit/conclude.ts'
import type { CutOff } from '../../../src/experiment/limit/drive.ts'
import type { Level, LimitResult } from '../../../src/experiment/limit/result.ts'
import { LimitSearch } from '../../../src/experiment/limit/search.ts'
import type { LevelVerdict } from '../../../src/experiment/limit/search.ts'

const level = (value: number, verdict: LevelVerdict, more: Partial<Level> = {}): Level => ({
  value, shown: `${value}ms`, verdict, purpose: 'search', ms: 4000, rate: 100, sameTraffic: true, hits: 400, why: verdict === 'inconclusive' ? 'too close' : null,
  objectives: [{ objective: 'p95 <= 300ms', verdict, n: 400, bad: verdict === 'held' ? 0 : 400, effective: 400, evidence: { held: 1, breached: 1 }, needed: { held: 280, breached: 280 } }],
  ...more
})

interface Setting { limit?: object, cutOff?: CutOff | null, source?: 'proxy' | 'load', extra?: Level[] }

/** What levels come to. */
function found (levels: Level[], { limit = {}, cutOff = null, source = 'load', extra = [] }: Setting = {}): LimitResult {
  const experiment = decodeExperiment({
    title: 'x',
    'steady-state': { at: 'edge', objectives: ['p95 <= 300ms'], source },
    load: { url: 'http://localhost/', rate: 100 },
    phases: { baseline: '10s', fault: '3m', recovery: '5s' },
    faults: [{ type: 'delay', on: 'payments' }],
    limit: { parameter: 'delay', from: 0, to: '2s', ...limit }
  })
  const search = new LimitSearch(experiment.limit!)
  for (const { value, verdict } of levels) search.record(value, verdict)
  return limitOf(experiment, { searched: { search, levels: [...levels, ...extra], cutOff } })!
}

test('an interval, its middle, and what broke', async (t) => {
  const limit = found([level(340, 'held'), level(390, 'breached')])
  t.match(limit, { held: 340, breached: 390, estimate: 365, verdict: 'held', complete: true, shown: { held: '340ms', breached: '390ms', estimate: '365ms', atLeast: null } })
  t.strictSame(limit.words, [
    'edge holds its objectives up to 340ms of delay at payments, and breaches at 390ms',
    'what broke at 390ms: p95 <= 300ms (0% good, 400 of 400 bad)'
  ])
})

test('with at-least, only whether it is that much decides', async (t) => {
  const of = (asked: string, levels: Level[], more: Setting = {}): LevelVerdict => found(levels, { ...more, limit: { 'at-least': asked } }).verdict
  const both = [level(340, 'held'), level(390, 'breached')]
  t.equal(of('300ms', both), 'held')
  t.equal(of('300ms', both, { cutOff: 'time' }), 'held', 'however wide the interval is')
  t.equal(of('340ms', both), 'held')
  t.equal(of('350ms', both), 'inconclusive')
  t.equal(of('390ms', both), 'breached')
  t.equal(of('1s', both), 'breached')
  t.equal(of('300ms', [level(300, 'inconclusive')]), 'inconclusive')
  t.equal(found([level(100_000, 'held'), level(50_000, 'breached')], { limit: { from: '200s', to: '10s', 'at-least': '120s' } }).verdict, 'held', 'where less is harsher')
})

test('without it, whether the limit was found', async (t) => {
  t.equal(found([level(340, 'held')], { cutOff: 'time' }).verdict, 'inconclusive')
  t.equal(found([level(340, 'held'), level(390, 'breached')], { cutOff: 'levels' }).verdict, 'inconclusive')
  t.equal(found([level(2000, 'held')]).verdict, 'held')
  t.equal(found([level(2, 'breached')]).verdict, 'breached')
  t.equal(found([level(2, 'breached')], { cutOff: 'time' }).verdict, 'inconclusive')
  t.equal(found([]).verdict, 'inconclusive')
})

test('another rate of requests puts what held in doubt where the proxy measures', async (t) => {
  const levels = [level(340, 'held', { sameTraffic: false }), level(390, 'breached')]
  const doubted = found(levels, { source: 'proxy' })
  t.equal(doubted.verdict, 'inconclusive')
  t.match(doubted.words.at(-1), /^traffic changed/)
  t.equal(found(levels).verdict, 'held', 'an open loop has the same rate throughout')
})

test('each way to be cut off has its words', async (t) => {
  const words = (cutOff: CutOff): string => found([level(340, 'held'), level(390, 'breached')], { cutOff }).words.join('\n')
  t.match(words('time'), /the time was up \(3m\)/)
  t.match(words('levels'), /2 levels were tried/)
  t.match(words('not-back'), /after 390ms it did not come back within 30s at 0ms/)
  t.match(found([level(340, 'held'), level(360, 'inconclusive'), level(390, 'breached')]).words.join('\n'), /between them, 360ms stayed undecided: too close/)
})

test('what ended the run goes before what was found, and so does recovery that was not seen', async (t) => {
  const limit = found([level(340, 'held'), level(390, 'breached')], { extra: [level(800, 'held', { purpose: 'check' })] })
  const none = { notes: ['quiet'], objectives: [], comparison: null }
  const ended = concludeLimit({ ...none, outcome: 'inconclusive', reasons: [] }, limit, [])
  t.match(ended, { outcome: 'held', reasons: limit.words })
  t.match(ended.notes, [/^NOT MONOTONE: it held at delay=800ms, which is harsher than 390ms/, 'quiet'])
  const aborted = concludeLimit({ ...none, outcome: 'aborted', reasons: ['a guardrail broke'] }, limit, [{ outcome: 'aborted', reason: 'a guardrail broke' }])
  t.match(aborted, { outcome: 'aborted', reasons: ['a guardrail broke', ...limit.words] })
  const lost = concludeLimit({ ...none, outcome: 'not-recovered', reasons: ['not seen to hold again'] }, limit, [])
  t.match(lost, { outcome: 'not-recovered', reasons: ['not seen to hold again', ...limit.words] })
})

test('no search, no limit', async (t) => {
  const plain = decodeExperiment({ title: 'x', 'steady-state': { at: 'edge', objectives: ['success >= 90%'] }, phases: { baseline: '1s', fault: '1s', recovery: '1s' }, faults: [{ type: 'hang', on: 'edge' }] })
  t.equal(limitOf(plain, null), null)
})
