import { test } from 'tap'
import { conclude } from '../../src/experiment/conclude.ts'
import type { Ending } from '../../src/experiment/control.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { DOCUMENT, EMPTY, PASSIVE } from './world.ts'

type Counts = [seconds: number, n: number, ...bad: number[]]

/** A phase of so many seconds, each with the same counts. */
function phaseOf (name: string, [seconds, n, ...bad]: Counts): PhaseReading {
  const bins = Array.from({ length: seconds }, (_, second) => ({ second, n, of: bad.map(() => n), bad }))
  const [of, total] = [bad.map(() => n * seconds), bad.map((count) => count * seconds)]
  return { name, startedAt: 0, endedAt: seconds * 1000, n: n * seconds, of, bad: total, bins, ...EMPTY }
}

const HEALTHY: Counts = [10, 50, 0, 0]
const SLOW: Counts = [10, 50, 0, 50]

interface Phases { baseline?: Counts, fault?: Counts, recovery?: Counts }

function end (phases: Phases, endings: Ending[] = [], document: object = DOCUMENT) {
  const reading = { objectives: [], phases: Object.entries(phases).map(([name, counts]) => phaseOf(name, counts)) }
  return conclude(decodeExperiment(document), reading, endings)
}

test('held: every objective', async (t) => {
  t.match(end({ baseline: HEALTHY, fault: HEALTHY, recovery: HEALTHY }), {
    outcome: 'held', reasons: [/^success .* held/, /^p95 .* held/], objectives: [{ timeToRecover: { kind: 'unaffected' } }, { timeToRecover: { kind: 'unaffected' } }]
  })
})

test('breached goes before inconclusive, and inconclusive before held', async (t) => {
  const { outcome, reasons } = end({ baseline: HEALTHY, fault: [10, 50, 2, 50], recovery: HEALTHY })
  t.equal(outcome, 'breached')
  t.match(reasons, [/^p95 .* breached/, /^success .* inconclusive/])
  t.match(end({ baseline: HEALTHY, fault: [10, 50, 2, 0], recovery: HEALTHY }), { outcome: 'inconclusive', reasons: [/^success .* inconclusive/, /^p95 .* held/] })
})

test('not recovered goes before breached', async (t) => {
  const { outcome, reasons } = end({ baseline: HEALTHY, fault: SLOW, recovery: SLOW })
  t.equal(outcome, 'not-recovered')
  t.match(reasons, [/^p95 .* breached/, /^p95 .* was not seen to hold again in the 5s/, /^success .* held/])
})

test('what held under the fault and broke after it has not recovered either', async (t) => {
  t.match(end({ baseline: HEALTHY, fault: HEALTHY, recovery: SLOW }), { outcome: 'not-recovered', reasons: [/^p95 .* was not seen to hold again/, /held/, /held/] })
})

test('an objective that was never certain is not called unrecovered', async (t) => {
  const unsure: Counts = [10, 50, 0, 3]
  t.match(end({ baseline: HEALTHY, fault: unsure, recovery: unsure }), { outcome: 'inconclusive', objectives: [{}, { timeToRecover: { kind: 'not-seen' } }] })
})

test('endings come first, in their order, and the figures are still given', async (t) => {
  const endings: Ending[] = [{ outcome: 'interrupted', reason: 'SIGINT' }, { outcome: 'not-recovered', reason: 'removal not confirmed' }]
  const { outcome, reasons, objectives } = end({ baseline: HEALTHY, fault: SLOW }, endings)
  t.equal(outcome, 'interrupted')
  t.match(reasons, ['SIGINT', 'removal not confirmed', /^p95 .* breached/, /^success/])
  t.match(objectives[1], { fault: { verdict: 'breached' }, recovery: null, timeToRecover: { kind: 'unknown' } })
})

test('nothing measured under the fault is never held', async (t) => {
  t.match(end({ baseline: HEALTHY }), { outcome: 'inconclusive', objectives: [{ fault: null, recovery: null }, {}] })
})

test('a proxy whose traffic changed cannot say held', async (t) => {
  for (const n of [39, 63]) {
    const { outcome, reasons, notes } = end({ baseline: HEALTHY, fault: [10, n, 0, 0], recovery: HEALTHY }, [], PASSIVE)
    t.equal(outcome, 'inconclusive')
    t.match(reasons[0], /^traffic changed: /)
    t.strictSame(notes, [])
  }
  t.match(end({ baseline: HEALTHY, fault: [10, 40, 0, 0], recovery: HEALTHY }, [], PASSIVE), { outcome: 'held', notes: [] })
  t.match(end({ baseline: HEALTHY, fault: [10, 30, 0, 30], recovery: HEALTHY }, [], PASSIVE), { outcome: 'breached', reasons: [/breached/, /^traffic changed/] })
})

test('where nothing held, changed traffic is a note', async (t) => {
  t.match(end({ baseline: HEALTHY, fault: [10, 30, 30, 30], recovery: HEALTHY }, [], PASSIVE), { outcome: 'breached', notes: [/^traffic changed/] })
})

test('an open-loop load does not change', async (t) => {
  t.match(end({ baseline: HEALTHY, fault: [10, 39, 0, 0], recovery: HEALTHY }), { outcome: 'held', notes: [] })
})

test('a phase that was cut off is judged over what it saw', async (t) => {
  const fault = { ...phaseOf('fault', [3, 50, 0, 50]), endedAt: null }
  const { objectives } = conclude(decodeExperiment(DOCUMENT), { objectives: [], phases: [fault] }, [])
  t.match(objectives[1]!.fault, { n: 150, bad: 150, verdict: 'breached' })
})

const SHAKEN = { ...PASSIVE, 'steady-state': { at: 'edge', objectives: ['success >= 95%', 'handshake >= 95%'] } }

/** Requests and handshakes a second, and the bad ones of each. */
type Apart = [requests: number, handshakes: number, badRequests: number, badHandshakes: number]

const CALM: Record<'baseline' | 'recovery', Apart> = { baseline: [50, 20, 0, 0], recovery: [50, 20, 0, 0] }

function endApart (phases: Record<'baseline' | 'fault' | 'recovery', Apart>) {
  const read = Object.entries(phases).map(([name, [requests, handshakes, ...bad]]): PhaseReading => {
    const phase = phaseOf(name, [10, requests, ...bad])
    const bins = phase.bins.map((bin) => ({ ...bin, of: [requests, handshakes] }))
    return { ...phase, of: [requests * 10, handshakes * 10], bins }
  })
  return conclude(decodeExperiment(SHAKEN), { objectives: [], phases: read }, [])
}

test('handshakes are judged by their own number', async (t) => {
  const { outcome, reasons, objectives, notes } = endApart({ ...CALM, fault: [50, 20, 0, 20] })
  t.equal(outcome, 'breached')
  t.match(reasons[0], /^handshake >= 95% under the fault breached: 0% good \(200 of 200 bad\)/)
  t.match(objectives, [
    { counts: 'requests', fault: { n: 500, bad: 0 } },
    { counts: 'handshakes', baseline: { n: 200 }, fault: { n: 200, bad: 200, verdict: 'breached' }, timeToRecover: { kind: 'recovered', ms: 0 } }
  ])
  t.strictSame(notes, [])
})

test('more handshakes put nothing in doubt; fewer requests doubt what requests say, and only that', async (t) => {
  const rush = endApart({ ...CALM, fault: [50, 60, 0, 0] })
  t.match(rush, { outcome: 'held', notes: ['60.0 handshakes a second at edge under the fault, 20.0 in the baseline; clients connect anew, or try again'] })
  const rare = endApart({ ...CALM, fault: [50, 10, 0, 0] })
  t.match(rare, { outcome: 'held', notes: [/^10\.0 handshakes a second .* baseline$/] })
  const fewer = endApart({ ...CALM, fault: [20, 20, 20, 0] })
  t.match(fewer, { outcome: 'breached', notes: [/^traffic changed/] }, 'what held were handshakes')
})

test('what seems to hold by samples of which many are missing is inconclusive; a breach stays one', async (t) => {
  const document = { ...DOCUMENT, 'steady-state': { at: 'edge', objectives: ['login >= 95%', 'p95 <= 300ms'], sources: { login: { http: 'http://a' } } } }
  const look = (bad: number, missing: number) => {
    const samples = { login: { n: 500, bad, answers: 500, missing, unfinished: 0, why: {}, latency: null } }
    const phases = ['baseline', 'fault', 'recovery'].map((name) => ({ ...phaseOf(name, [10, 50, name === 'fault' ? bad : 0, 0]), samples }))
    return conclude(decodeExperiment(document), { objectives: [], phases }, [])
  }
  t.match(look(0, 100), { outcome: 'held', objectives: [{ counts: 'samples' }, { counts: 'requests' }] })
  t.match(look(0, 200), { outcome: 'inconclusive', reasons: [/^login was blind under the fault: 200 of 700 samples/, /held/, /held/] })
  t.match(look(25, 200), { outcome: 'breached', reasons: [/^login >= 95% under the fault breached/, /held/], notes: [/^login was blind/] })
})

test('a percentile that rests on too few is noted', async (t) => {
  const { notes } = end({ baseline: HEALTHY, fault: [5, 50, 0, 0], recovery: HEALTHY })
  t.match(notes, [/^p99 says little of fewer than 300 requests .*: 250 in the fault phase$/])
  t.strictSame(end({ baseline: HEALTHY, fault: HEALTHY, recovery: HEALTHY }).notes, [])
})
