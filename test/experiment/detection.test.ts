import { test } from 'tap'
import { changeOf, changesOf, detect, timelineOf } from '../../src/experiment/detection.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import type { ObjectiveResult } from '../../src/experiment/result.ts'
import { changePoint } from '../../src/measure/statistics/change-point.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { DOCUMENT, EMPTY } from './world.ts'

/** Vector D2: 150 seconds of twenty; the faults were there from 60 to 90. */
const LATE: Record<number, number> = { 17: 1, 43: 1, 63: 4, 64: 9, 90: 10, 91: 8, 92: 6, 93: 5, 94: 3, 95: 2, 96: 1, 99: 1 }
const D2 = Array.from({ length: 150 }, (_, t) => ({ n: 20, bad: LATE[t] ?? (t >= 65 && t < 90 ? 10 : 0) }))
const SHARES = { tolerated: 0.01, refused: 0.1 }

test('D2 and D3: alarm, onset, and the most likely onset', async (t) => {
  const change = changeOf(D2, 60, 90, SHARES, 0.01)
  t.match(change, { alarm: 64, onset: 63, likeliest: 63 })
  t.ok(Math.abs(change.threshold - 12.611538) < 5e-7)
  t.equal(90 + changePoint(D2.slice(90))!.at, 96)
})

test('what came in bursts before is no change', async (t) => {
  const bursty = D2.map((count, second) => second < 60 && second % 20 < 3 ? { n: 20, bad: 12 } : count)
  const once = (before: typeof D2) => [...before.slice(0, 60), ...bursty.slice(0, 3), ...D2.slice(0, 15), ...D2.slice(0, 15)]
  t.equal(changeOf(once(bursty), 60, 90, SHARES, 0.01).alarm, null)
  t.equal(changeOf(once(D2), 60, 90, SHARES, 0.01).alarm, 60)
})

function phaseOf (name: string, series: { n: number, bad: number }[], startedAt: number): PhaseReading {
  const bins = series.map(({ n, bad }, second) => ({ second, n, of: [n, n, n], bad: [bad, 0, bad] }))
  return { name, startedAt, endedAt: startedAt + series.length * 1000, n: 0, of: [0, 0, 0], bad: [0, 0, 0], bins, ...EMPTY }
}

const reading = { objectives: [], phases: [phaseOf('baseline', D2.slice(0, 60), 0), phaseOf('injecting', [], 60_000), phaseOf('fault', D2.slice(60, 90), 60_000), phaseOf('recovery', D2.slice(90), 90_000)] }
const experiment = decodeExperiment({ ...DOCUMENT, 'steady-state': { at: 'edge', objectives: ['success >= 99%', 'p95 <= 300ms'] }, guardrails: ['success >= 50%'] })
const wallOf = (at: number) => `at ${at}`
const results = [{ timeToRecover: { kind: 'recovered', ms: 5000, sinceOnset: 32_000 } }, { timeToRecover: { kind: 'unaffected' } }] as Pick<ObjectiveResult, 'timeToRecover'>[]

test('D2 of a run: five seconds to detect, an onset lag of three', async (t) => {
  const found = detect(experiment, reading, { on: 1000, off: 31_000 }, [{ title: 'early', at: 900 }, { title: 'HighErrorRate', at: 43_500 }, { title: 'later', at: 60_000 }], results, wallOf)!
  t.match(found, { faultOn: 'at 1000', faultOff: 'at 31000', timeToAlert: 42_500, alerts: [{ title: 'early', after: -100, receivedAt: 'at 900' }, {}, {}] })
  t.match(found.objectives, [
    { objective: 'success >= 99%', guardrail: false, timeToDetect: 5000, onsetLag: 3000, likeliestOnset: 3000 },
    { objective: 'p95 <= 300ms', timeToDetect: null, onsetLag: null, likeliestOnset: null },
    { objective: 'success >= 50%', guardrail: true, timeToDetect: null }
  ])
  t.strictSame(found.words, [
    'success >= 99% began to fail 3s after the faults began, and was seen to 5s after the faults began (far likelier with 10% bad than if it held); ' +
      'it held again 5s after the faults were gone, 32s after it began to fail',
    'your monitoring\'s first alert came 42.5s after the faults began: HighErrorRate'
  ])
})

test('nobody alerted, or nothing was to be seen', async (t) => {
  t.match(detect(experiment, reading, { on: 0, off: null }, [], results, wallOf), { timeToAlert: null, faultOff: null, words: [/^success/, /^no alert of your monitoring was received/] })
  const calm = { objectives: [], phases: [reading.phases[0]!, phaseOf('fault', D2.slice(0, 10), 60_000)] }
  t.match(detect(experiment, calm, { on: 0, off: null }, [], [], wallOf), { words: [] })
  t.equal(detect(experiment, reading, { on: null, off: null }, [], [], wallOf), null, 'the faults never were there')
})

test('with a control arm, those that the faults may hit', async (t) => {
  const fault = phaseOf('fault', D2.slice(60, 90), 60_000)
  const spared = phaseOf('fault', D2.slice(0, 30).map(() => ({ n: 20, bad: 0 })), 60_000)
  const arms = { ...reading, phases: [reading.phases[0]!, { ...fault, arms: { fault: spared, control: fault } }] }
  t.strictSame(changesOf(experiment, timelineOf(experiment, arms)).map(({ alarm }) => alarm), [null, null, null])
  t.equal(timelineOf(experiment, arms, false)!.series[0]![65]!.bad, 10)
})

test('stretches that alternate have no one beginning', async (t) => {
  t.equal(timelineOf({ ...experiment, design: 'switchback' }, reading), null)
  t.strictSame(changesOf(experiment, null), [])
  t.match(detect({ ...experiment, design: 'switchback' }, reading, { on: 0, off: 1 }, [], [], wallOf), { objectives: [], words: [] })
})
