import { test } from 'tap'
import { parseObjective } from '../../src/measure/objective.ts'
import { Watch } from '../../src/measure/watch.ts'
import { handshake, observation } from '../helpers/observation.ts'

const objectives = [parseObjective('success >= 99%'), parseObjective('p95 <= 300ms')]

const begun = (...times: number[]) => times.map((startedAt) => ({ startedAt }))

test('nothing counts before the first phase', async (t) => {
  const watch = new Watch(objectives)
  watch.observe(observation(5))
  t.strictSame(watch.read(begun(6)), { objectives: ['success >= 99%', 'p95 <= 300ms'], phases: [] })
  watch.mark('baseline', 1000)
  watch.observe(observation(999))
  t.match(watch.read().phases, [{ name: 'baseline', startedAt: 1000, endedAt: null, n: 0 }])
})

test('a request counts in the phase in which it started, whenever it ends', async (t) => {
  const watch = new Watch(objectives)
  watch.mark('baseline', 0)
  watch.mark('fault', 1000)
  watch.observe(observation(999, { ms: 5000 }))
  watch.observe(observation(1000))
  watch.observe(observation(0))
  t.match(watch.read().phases, [
    { name: 'baseline', startedAt: 0, endedAt: 1000, n: 2, bad: [0, 1] }, { name: 'fault', startedAt: 1000, endedAt: null, n: 1, bad: [0, 0] }
  ])
})

test('exact counts by second of the phase, against each objective', async (t) => {
  const watch = new Watch(objectives)
  watch.mark('fault', 500)
  watch.observe(observation(500))
  watch.observe(observation(1499, { status: 503 }))
  watch.observe(observation(1500, { ms: 400 }))
  watch.observe(observation(4600, { outcome: 'reset', status: 0 }))
  watch.observe(observation(700))
  const [phase] = watch.read().phases
  t.strictSame(phase!.bins, [
    { second: 0, n: 3, of: [3, 3], bad: [1, 0] },
    { second: 1, n: 1, of: [1, 1], bad: [0, 1] },
    { second: 4, n: 1, of: [1, 1], bad: [1, 1] }
  ])
  t.match(phase, { n: 5, bad: [2, 2], statuses: { 0: 1, 200: 3, 503: 1 }, outcomes: { complete: 4, reset: 1 }, unfinished: 0 })
  t.ok(Math.abs(phase!.latency.max - 400) <= 4)
})

test('what is still open counts as bad, in its phase and second, and only in that reading', async (t) => {
  const watch = new Watch(objectives)
  watch.mark('baseline', 0)
  watch.mark('fault', 1000)
  watch.observe(observation(100))
  watch.observe(observation(1100))
  const [baseline, fault] = watch.read(begun(200, 1150, 3000)).phases
  t.match(baseline, { n: 2, bad: [1, 1], unfinished: 1, bins: [{ second: 0, n: 2, bad: [1, 1] }] })
  t.strictSame(baseline!.outcomes, { complete: 1, unfinished: 1 })
  t.match(fault, { n: 3, bad: [2, 2], unfinished: 2, bins: [{ second: 0, n: 2, bad: [1, 1] }, { second: 2, n: 1, bad: [1, 1] }] })
  t.match(watch.read().phases, [{ n: 1, bad: [0, 0], unfinished: 0 }, { n: 1, bad: [0, 0], bins: [{ n: 1 }] }])
})

test('a reading is a copy', async (t) => {
  const watch = new Watch(objectives)
  watch.mark('baseline', 0)
  watch.observe(observation(0))
  const before = watch.read()
  const kept = structuredClone(before)
  watch.observe(observation(0, { status: 500 }))
  t.strictSame(before, kept)
})

test('the sums of the bins are the counts of the phase', async (t) => {
  const watch = new Watch(objectives)
  watch.mark('baseline', 0)
  watch.mark('fault', 10_000)
  for (let i = 0; i < 2000; i++) {
    watch.observe(observation(i * 10, { status: i % 7 === 0 ? 500 : 200, ms: i % 11 === 0 ? 900 : 10 }))
  }
  for (const phase of watch.read(begun(50, 10_050)).phases) {
    t.equal(phase.n, 1001)
    t.equal(phase.bins.length, 10)
    t.equal(phase.bins.reduce((sum, bin) => sum + bin.n, 0), phase.n)
    for (const i of [0, 1]) t.equal(phase.bins.reduce((sum, bin) => sum + bin.bad[i]!, 0), phase.bad[i])
  }
})

const mixed = ['success >= 99%', 'handshake >= 99%', 'p95 <= 300ms'].map(parseObjective)

test('handshakes and requests count apart, in the phase and in each second', async (t) => {
  const watch = new Watch(mixed)
  watch.mark('baseline', 0)
  watch.mark('fault', 1000)
  watch.observe(handshake(999, 'reset'))
  watch.observe(handshake(1000))
  watch.observe(handshake(1500, 'alert:certificate_expired'))
  watch.observe(handshake(3200, 'alert:certificate_expired'))
  watch.observe(observation(1001, { ms: 400 }))
  watch.observe(observation(1002, { status: 503 }))
  const [baseline, fault] = watch.read().phases
  t.match(baseline, { n: 0, of: [0, 1, 0], bad: [0, 1, 0], statuses: {}, outcomes: {} })
  t.match(fault, { n: 2, of: [2, 3, 2], bad: [1, 2, 1], outcomes: { complete: 2 }, unfinished: 0, survivors: null })
  t.strictSame(fault!.bins, [
    { second: 0, n: 2, of: [2, 2, 2], bad: [1, 1, 1] }, { second: 2, n: 0, of: [0, 1, 0], bad: [0, 1, 0] }
  ])
  t.strictSame(fault!.handshakes, {
    n: 3,
    unfinished: 0,
    counts: [
      { result: 'established', version: 'TLSv1.3', resumed: false, count: 1 },
      { result: 'alert:certificate_expired', version: 'TLSv1.3', resumed: false, count: 2 }
    ]
  })
  t.ok(fault!.latency.max > 390)
})

test('handshakes still open are bad for what counts handshakes, and requests for the others', async (t) => {
  const watch = new Watch(mixed)
  watch.mark('fault', 0)
  watch.observe(handshake(5))
  const [phase] = watch.read(begun(10), begun(20, 2500)).phases
  t.match(phase, { n: 1, of: [1, 3, 1], bad: [1, 2, 1], unfinished: 1 })
  t.match(phase!.handshakes, { n: 3, unfinished: 2, counts: [{ count: 1 }] })
  t.strictSame(phase!.bins, [
    { second: 0, n: 1, of: [1, 2, 1], bad: [1, 1, 1] }, { second: 2, n: 0, of: [0, 1, 0], bad: [0, 1, 0] }
  ])
})

test('what requests came on, by phase', async (t) => {
  const watch = new Watch(mixed)
  watch.mark('baseline', 1000)
  watch.mark('fault', 2000)
  const connection = { openedAt: 1500, resumed: false }
  watch.observe(observation(1600, { connection }))
  watch.observe(observation(2600, { connection }))
  watch.observe(observation(2700))
  t.match(watch.read().phases, [{ survivors: { old: 0, fresh: 1 } }, { n: 2, survivors: { old: 1, fresh: 0, lastOld: 600 } }])
})
