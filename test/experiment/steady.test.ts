import { test } from 'tap'
import { gateBaseline } from '../../src/experiment/steady.ts'
import { parseObjective, parseObjectiveOn } from '../../src/measure/objective.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { EMPTY } from './world.ts'

const objectives = [parseObjective('success >= 95%')]

function gate (bad: number[], { n = 50, open = 0 } = {}) {
  const bins = bad.map((count, second) => ({ second, n, of: [n], bad: [count] })).filter(() => n > 0)
  const phase: PhaseReading = { name: 'baseline', startedAt: 0, endedAt: null, n: n * bad.length, of: [n * bad.length], bad: [0], bins, ...EMPTY }
  return gateBaseline('edge', objectives, phase, bad.length * 1000, { exchanges: open, connections: 1 })
}

test('a healthy baseline passes without a word', async (t) => {
  t.strictSame(gate([0, 1, 0, 0, 1, 0, 0, 0, 1, 0]), { ending: null, notes: [] })
})

test('a breached one does not', async (t) => {
  t.match(gate([10, 9, 11, 10, 10, 9]), { ending: { outcome: 'baseline-not-steady', reason: /^success >= 95% in the baseline breached: 80\.\d+% good/ } })
})

test('one that gets worse, or better, is not steady', async (t) => {
  const worse = [0, 0, 0, 0, 0, 0, 5, 6, 5, 4, 5, 5]
  t.match(gate(worse), { ending: { outcome: 'baseline-not-steady', reason: /not steady, 100% good in its first half and 90% in its second/ } })
  t.match(gate(worse.toReversed()), { ending: { reason: /not steady, 90% good in its first half and 100% in its second/ } })
})

test('a difference within half the error budget is steady', async (t) => {
  t.equal(gate([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]).ending, null)
})

test('too few requests are noted and do not stop the run', async (t) => {
  const { ending, notes } = gate([0, 0, 0], { n: 10 })
  t.equal(ending, null)
  t.match(notes, [/^success >= 95% in the baseline inconclusive: .* about 59 requests/])
})

test('no traffic is inconclusive; traffic without answers is not steady', async (t) => {
  t.match(gate([0, 0], { n: 0 }).ending, { outcome: 'inconclusive', reason: /^no traffic reached edge/ })
  t.match(gate([0, 0], { n: 0, open: 7 }).ending, { outcome: 'baseline-not-steady', reason: /^7 requests reached edge/ })
})

function gateBoth (texts: string[], requests: number, handshakes: number, bad = 0, connections = 0) {
  const both = texts.map(parseObjective)
  const of = both.map(({ kind }) => kind === 'handshake' ? handshakes : requests)
  const bins = Array.from({ length: 10 }, (_, second) => ({ second, n: requests, of, bad: both.map(({ kind }) => kind === 'handshake' ? bad : 0) }))
  const phase: PhaseReading = { name: 'baseline', startedAt: 0, endedAt: null, n: requests * 10, of: of.map((n) => n * 10), bad: [], bins, ...EMPTY }
  return gateBaseline('bank', both, phase, 10_000, { exchanges: 0, connections })
}

test('handshakes that fail before anything is broken are not a steady state', async (t) => {
  t.match(gateBoth(['success >= 95%', 'handshake >= 95%'], 50, 50, 10).ending, { reason: /^handshake >= 95% in the baseline breached: 80% good/ })
  t.strictSame(gateBoth(['success >= 95%', 'handshake >= 95%'], 50, 50), { ending: null, notes: [] })
})

test('clients that keep their connections make no handshakes: noted, and the run goes on', async (t) => {
  for (const texts of [['success >= 95%', 'handshake >= 99%'], ['handshake >= 99%']]) {
    t.match(gateBoth(texts, 50, 0), { ending: null, notes: [/^handshake >= 99% in the baseline inconclusive: no handshakes, and at least 299/] })
  }
})

test('clients that are connected and whose requests are not seen can be made to shake hands', async (t) => {
  t.match(gateBoth(['handshake >= 99%'], 0, 0, 0, 3), { ending: null, notes: [/^handshake >= 99% in the baseline inconclusive: no handshakes/] })
})

test('neither handshakes nor requests are nothing to go by', async (t) => {
  t.match(gateBoth(['handshake >= 99%'], 0, 0).ending, { outcome: 'inconclusive', reason: /^no handshake reached bank/ })
  t.match(gateBoth(['success >= 99%', 'handshake >= 99%'], 0, 50).ending, { outcome: 'inconclusive', reason: /^no traffic reached bank/ })
})

test('samples are a baseline by themselves, without traffic; where none came, nothing can be said', async (t) => {
  const objectives = ['login >= 90%', 'queue >= 90%'].map((text) => parseObjectiveOn(text, ['login', 'queue']))
  const gate = (login: number, queue: number) => {
    const bins = Array.from({ length: 10 }, (_, second) => ({ second, n: 0, of: [login, queue], bad: [0, 0] }))
    const samples = { queue: { n: 0, bad: 0, answers: 0, missing: 4, unfinished: 0, why: { 'no answer: ECONNREFUSED': 4 }, latency: null } }
    const phase: PhaseReading = { name: 'baseline', startedAt: 0, endedAt: null, n: 0, of: [login * 10, queue * 10], bad: [0, 0], bins, ...EMPTY, samples }
    return gateBaseline('edge', objectives, phase, 10_000, { exchanges: 0, connections: 0 })
  }
  t.strictSame(gate(5, 5), { ending: null, notes: [] })
  t.match(gate(5, 0).ending, { outcome: 'inconclusive', reason: 'no sample of queue came in the baseline (no answer: ECONNREFUSED: 4): nothing can be said, so no fault was injected' })
})
