import { test } from 'tap'
import { compare } from '../../src/experiment/compare.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import type { CountReading } from '../../src/measure/counting.ts'
import type { Spread } from '../../src/measure/spread.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { DOCUMENT, EMPTY, PASSIVE } from './world.ts'

interface Counts { seconds?: number, n: number, bad?: [number, number], spread?: Spread }

/** So many seconds with the same counts of the two objectives. */
function counted ({ seconds = 10, n, bad = [0, 0], spread = [[25, n * seconds]] }: Counts): CountReading {
  const bins = Array.from({ length: seconds }, (_, second) => ({ second, n, of: [n, n], bad: [...bad] }))
  const all = n * seconds
  return { n: all, unfinished: 0, of: [all, all], bad: bad.map((one) => one * seconds), bins, latency: EMPTY.latency, spread }
}

const phase = (name: string, counts: Counts, arms: Record<'fault' | 'control', Counts> | null = null): PhaseReading => ({
  ...EMPTY, name, startedAt: 0, endedAt: (counts.seconds ?? 10) * 1000, ...counted(counts),
  arms: arms === null ? null : { fault: counted(arms.fault), control: counted(arms.control) }
})

const CONCURRENT = decodeExperiment({
  ...PASSIVE, faults: [{ type: 'delay', on: 'payments', delay: '500ms', share: '30%', by: 'header:x-user-id' }]
})
const PLAIN = decodeExperiment(DOCUMENT)

const reading = (...phases: PhaseReading[]) => ({ objectives: [], phases })

test('against the control arm, at the same time, in half the time of before and after', async (t) => {
  const slow: Spread = [[525, 150]]
  const found = compare(CONCURRENT, reading(
    phase('baseline', { n: 50 }, { fault: { n: 15 }, control: { n: 35 } }),
    phase('fault', { n: 50, bad: [0, 15] }, { fault: { n: 15, bad: [0, 15], spread: slow }, control: { n: 35 } })
  ))!
  t.match(found, { design: 'concurrent', against: 'control' })
  t.match(found.deviations, [{ verdict: 'no-relevant-change', conclusiveAfter: 8000 }, { verdict: 'deviated', changed: true }])
  const [, p95] = found.deviations
  t.match(p95, { with: { n: 150, bad: 150 }, without: { n: 350, bad: 0 }, difference: { value: 1 }, conclusiveAfter: 1000 })
  const median = { percentile: 0.5, with: { value: 525 }, without: { value: 25 }, difference: { value: 500 } }
  t.match(p95!.latency, [median, { percentile: 0.95 }])
  t.match(found.beforeAfter[1], { verdict: 'deviated', with: { n: 500, bad: 150 }, without: { n: 500 }, conclusiveAfter: 2000 })
  t.strictSame(found.spillover.map(({ verdict, changed }) => [verdict, changed]), [['no-relevant-change', false], ['no-relevant-change', false]])
  t.match(found.words, [
    /^success/, /plain after 8s with a control arm; before and after would have taken at least/,
    /^p95 <= 300ms deviated: more than the 2.5 points that matter; 100% of 150 bad in the fault arm/, /p50 moved/, /p95 moved/, /plain after 1s/
  ])
})

test('a control arm that moved is told as spill-over', async (t) => {
  const found = compare(CONCURRENT, reading(
    phase('baseline', { n: 50 }, { fault: { n: 15 }, control: { n: 35 } }),
    phase('fault', { n: 50, bad: [0, 25] }, { fault: { n: 15, bad: [0, 15] }, control: { n: 35, bad: [0, 10] } })
  ))!
  t.match(found.spillover[1], { verdict: 'deviated', changed: true })
  t.match(found.words.find((words) => words.startsWith('SPILL-OVER')), /p95 <= 300ms in the control arm is worse than in the baseline by 28.57 points/)
})

test('without a share: the baseline, and nothing else', async (t) => {
  const found = compare(PLAIN, reading(phase('baseline', { n: 50 }), phase('fault', { n: 50, bad: [0, 50] })))!
  t.match(found, { design: 'before-after', against: 'baseline', beforeAfter: [], spillover: [], deviations: [{}, { verdict: 'deviated', conclusiveAfter: 2000 }] })
  t.match(found.words[1], /100% of 500 bad under the faults, 0% of 500 bad in the baseline/)
})

test('nothing to compare', async (t) => {
  t.equal(compare(PLAIN, reading(phase('baseline', { n: 50 }))), null)
  t.equal(compare(PLAIN, reading(phase('fault', { n: 50 }))), null)
  const found = compare(PLAIN, reading(phase('baseline', { n: 0 }), phase('fault', { n: 50 })))!
  t.match(found.deviations[0], { verdict: 'inconclusive', changed: false, conclusiveAfter: null })
  t.match(found.words[0], /no requests in the baseline, so there is nothing to compare/)
})

test('a percentile that never came has no end', async (t) => {
  const never: Spread = []
  const fault = { ...phase('fault', { n: 50, bad: [50, 50], spread: never }), unfinished: 500 }
  const found = compare(PLAIN, reading(phase('baseline', { n: 50 }), fault))!
  t.match(found.deviations[1]!.latency[0], { with: null, difference: null })
  t.ok(found.words.some((words) => words.endsWith('to more than any answer took')))
})

test('a switchback is doubted where chance could have made it', async (t) => {
  const document = decodeExperiment({ ...DOCUMENT, compare: 'switchback', phases: { ...DOCUMENT.phases, fault: '30s' }, switchback: { pairs: 5 } })
  const joined = reading(phase('baseline', { n: 50 }), phase('fault', { n: 50, bad: [0, 40] }), phase('control', { n: 50 }))
  const stretches = (bads: number[]) => reading(...bads.flatMap((bad) =>
    [phase('fault', { seconds: 2, n: 50, bad: [0, bad] }), phase('control', { seconds: 2, n: 50, bad: [0, bad < 0 ? 10 : 0] })]))
  t.match(compare(document, joined, stretches([40, 40, 40, 40, 40])), {
    against: 'control', deviations: [{}, { verdict: 'deviated', pairs: { k: 5, p: 1 / 32 } }]
  })
  const mixed = [40, 40, 0, 0, 0].map((bad) => phase('fault', { seconds: 2, n: 50, bad: [0, bad] }))
  const controls = [0, 0, 30, 30, 0].map((bad) => phase('control', { seconds: 2, n: 50, bad: [0, bad] }))
  const found = compare(document, joined, reading(...mixed.flatMap((one, i) => [one, controls[i]!])))!
  t.match(found.deviations[1], { verdict: 'inconclusive' })
  t.ok(found.deviations[1]!.pairs!.p > 0.05)
  t.ok(found.words.some((words) => words.includes('over 5 pairs of stretches in random order')))
})
