import { test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import { ActiveFault } from '../../src/faults/plan.ts'
import type { Decision, Verdict } from '../../src/faults/plan.ts'
import { compilePattern } from '../../src/kernel/pattern.ts'
import { explain, listDecisions, replayOf } from '../../src/proxy/decision-view.ts'
import type { DecisionFilter, DecisionList } from '../../src/proxy/decision-view.ts'
import { Decisions, KEPT } from '../../src/proxy/decisions.ts'
import type { DecisionRecord } from '../../src/proxy/decisions.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { requestHead } from '../helpers/heads.ts'

const decision = (verdict: Verdict, n = 1, detail = ''): Decision => ({ n, verdict, detail })

type Written = Partial<Omit<DecisionRecord, 'id' | 'met'>> & { met?: Record<string, Decision> }

function setUp (records: Written[]) {
  const clock = createVirtualClock(60_000)
  const decisions = new Decisions()
  for (const { met = { a: decision('hit') }, ...record } of records) {
    decisions.record({
      at: 0, connection: 1, exchange: 1, method: 'GET', path: '/', revision: 1, ...record, met: Object.entries(met).map(([fault, one]) => ({ fault, decision: one }))
    })
  }
  const list = (filter: Partial<DecisionFilter> = {}): DecisionList => listDecisions(decisions, { limit: 100, ...filter }, clock)
  return { clock, decisions, list, ids: (filter: Partial<DecisionFilter>) => list(filter).decisions.map(({ id }) => id) }
}

test('a decision as it is shown', async (t) => {
  const { list } = setUp([{ at: 59_000, connection: 7, exchange: 3, method: 'POST', path: '/pay', revision: 4, met: { a: decision('share', 12, 'share 20%'), b: decision('hit', 5) } }])
  t.strictSame(list(), {
    complete: true,
    decisions: [{
      id: 1,
      time: '2025-12-31T23:59:59.000Z',
      connection: 7,
      exchange: 3,
      method: 'POST',
      path: '/pay',
      revision: 4,
      faults: [
        { fault: 'a', n: 12, hit: false, verdict: 'share', why: 'spared by share 20%' },
        { fault: 'b', n: 5, hit: true, verdict: 'hit', why: 'hit' }
      ]
    }]
  })
})

test('the newest first, and no more than asked for', async (t) => {
  const { ids } = setUp([{}, {}, {}, {}])
  t.same(ids({}), [4, 3, 2, 1])
  t.same(ids({ limit: 2 }), [4, 3])
})

test('filters, alone and together', async (t) => {
  const { ids, list } = setUp([
    { path: '/pay', met: { a: decision('hit'), b: decision('share') } },
    { path: '/pay/1', connection: 2, met: { a: decision('every') } },
    { path: '/', met: { b: decision('shadow') } },
    { exchange: 0, method: '', path: '', connection: 3, met: { c: decision('hit') } },
    { path: '/pay', met: { a: decision('unfit') } },
    { met: {} }
  ])
  t.same(ids({ fault: 'a' }), [5, 2, 1])
  t.same(ids({ fault: 'nobody' }), [])
  t.same(list({ id: 1, fault: 'b' }).decisions.map(({ faults }) => faults.map(({ fault }) => fault)), [['b']])
  t.same(ids({ hit: true }), [5, 4, 3, 1], 'shadow would have, and unfit was')
  t.same(ids({ hit: false }), [2])
  t.same(ids({ hit: false, fault: 'b' }), [1], 'by that fault')
  t.same(ids({ path: compilePattern('/pay/**') }), [2])
  t.same(ids({ path: compilePattern('**') }), [5, 3, 2, 1], 'a connection has no path')
  t.same(ids({ connection: 3 }), [4])
  t.same(ids({ id: 2 }), [2])
  t.same(ids({ path: compilePattern('/pay'), hit: true, limit: 1 }), [5])
})

test('why, in one sentence', async (t) => {
  const table: [Verdict, number, string, string][] = [
    ['hit', 1, '', 'hit'],
    ['shadow', 1, '', 'would have been hit (mode: shadow)'],
    ['unmatched', 0, 'path', 'does not fit match.path'],
    ['every', 4, 'every 3rd', 'spared by every 3rd: this was number 4'],
    ['after', 2, 'after 10', 'spared by after 10: this was number 2'],
    ['first', 6, 'first 5', 'spared by first 5: this was number 6'],
    ['for', 6, 'for 2 after the first 3', 'spared by for 2 after the first 3: this was number 6'],
    ['replay', 6, 'replay', 'spared by replay: this was number 6'],
    ['by', 1, 'by header:x-user', 'spared: it has nothing to go by header:x-user'],
    ['share', 9, 'share 20%', 'spared by share 20%'],
    ['concurrent', 9, 'max.concurrent 2', 'spared by max.concurrent 2'],
    ['total', 9, 'max.total 2', 'spared by max.total 2'],
    ['unfit', 9, 'the body is no JSON', 'hit, but nothing could be done to it: the body is no JSON'],
    ['pending', 0, '', 'fits so far; waits for the response'],
    ['never', 0, '', 'spared: its path is protected by `never`'],
    ['untagged', 0, '', 'spared: it lacks the header that `tagged` asks for'],
    ['node', 0, '', 'spared: its connection is to another node'],
    ['existing', 0, '', 'spared by existing: its connection was open before the fault began']
  ]
  for (const [verdict, n, detail, why] of table) t.equal(explain({ n, verdict, detail }), why)
})

function decided (written: Record<string, unknown>, count: number, seed = 5) {
  const { decisions } = setUp([])
  const fault = new ActiveFault('a', decodeFault(written), seed)
  const record = (one: Decision): DecisionRecord =>
    decisions.record({ at: 0, connection: 1, exchange: 1, method: 'GET', path: '/', revision: 1, met: [{ fault: 'a', decision: one }] })
  for (let i = 0; i < count; i++) record(fault.decide(requestHead()))
  return { decisions, fault, record }
}

test('what a fault hit can be hit again', async (t) => {
  const { decisions, fault } = decided({ type: 'hang', share: '20%' }, 500)
  const { replay, ...rest } = replayOf(decisions, fault)
  t.same(rest, { fault: 'a', seed: 5, complete: true })
  t.equal(replay.length, fault.counters.injected)
  const again = decided({ type: 'hang', replay, seed: rest.seed }, 500)
  t.same(replayOf(again.decisions, again.fault).replay, replay)
})

test('what is forgotten, or not settled yet, is said', async (t) => {
  const { decisions, fault } = decided({ type: 'hang', share: '20%' }, KEPT + 1)
  t.notOk(replayOf(decisions, fault).complete)
  const open = decided({ type: 'hang' }, 2)
  open.fault.counters.eligible++
  t.match(replayOf(open.decisions, open.fault), { replay: [1, 2], complete: false })
})

test('an earlier fault of that id does not mix in', async (t) => {
  const { decisions } = decided({ type: 'hang' }, 50)
  const fault = new ActiveFault('a', decodeFault({ type: 'hang', share: 0 }), 1)
  const other = { at: 0, connection: 1, exchange: 1, method: 'GET', path: '/', revision: 3, met: [{ fault: 'b', decision: decision('hit', 3) }] }
  decisions.record(other)
  for (let i = 0; i < 3; i++) decisions.record({ ...other, met: [{ fault: 'a', decision: fault.decide(requestHead()) }] })
  t.match(replayOf(decisions, fault), { replay: [], complete: true })
})
