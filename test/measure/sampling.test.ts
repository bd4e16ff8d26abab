import { test } from 'tap'
import { parseObjectiveOn } from '../../src/measure/objective.ts'
import { SampleWatch } from '../../src/measure/sampling.ts'

const SOURCES = ['login', 'queue', 'errors']
const OBJECTIVES = ['success >= 99%', 'login >= 95%', 'login p95 <= 300ms', 'errors >= 99%'].map((text) => parseObjectiveOn(text, SOURCES))

function watch (): SampleWatch {
  const watch = new SampleWatch(OBJECTIVES, SOURCES)
  watch.mark('baseline', 1000)
  watch.mark('fault', 11_000)
  return watch
}

const probe = (startedAt: number, took: number, bad = 0, why?: string) =>
  ({ source: 'login', startedAt, endedAt: startedAt + took, n: 1, bad, took, ...why === undefined ? {} : { why } })

test('a probe counts in the phase and second in which it was due, for the objectives on its source only', async (t) => {
  const counted = watch()
  counted.sample(probe(500, 10))
  counted.sample(probe(2500, 100))
  counted.sample(probe(10_900, 400))
  counted.sample(probe(11_000, Infinity, 1, 'no answer'))
  const [baseline, fault] = counted.read([], false)
  t.match(baseline, { name: 'baseline', of: [0, 2, 2, 0], bad: [0, 0, 1, 0] })
  t.strictSame(baseline!.bins, [
    { second: 1, n: 0, of: [0, 1, 1, 0], bad: [0, 0, 0, 0] }, { second: 9, n: 0, of: [0, 1, 1, 0], bad: [0, 0, 1, 0] }
  ])
  t.match(fault, { of: [0, 1, 1, 0], bad: [0, 1, 1, 0], bins: [{ second: 0 }] })
  t.match(baseline!.sources.login, { n: 2, bad: 0, missing: 0, why: {}, latency: { max: 400 } })
  t.match(fault!.sources.login, { n: 1, bad: 1, why: { 'no answer': 1 }, latency: null })
  t.match(baseline!.sources.queue, { n: 0, bad: 0, latency: null })
})

test('an answer that was wrong and fast is bad and not slow', async (t) => {
  const counted = watch()
  counted.sample(probe(2000, 20, 1, 'status 503'))
  t.match(counted.read([], true)[0], { of: [0, 1, 1, 0], bad: [0, 1, 0, 0] })
})

test('what was counted between two readings counts when it was known, in the phase in which it began', async (t) => {
  const counted = watch()
  counted.sample({ source: 'errors', startedAt: 2000, endedAt: 7000, n: 500, bad: 3, took: null })
  counted.sample({ source: 'errors', startedAt: 7000, endedAt: 11_004, n: 400, bad: 0, took: null })
  counted.sample({ source: 'errors', startedAt: 11_004, endedAt: 16_000, n: 600, bad: 60, took: null })
  const [baseline, fault] = counted.read([], false)
  t.strictSame(baseline!.bins.map(({ second, of, bad }) => [second, of[3], bad[3]]), [[6, 500, 3], [9, 400, 0]])
  t.strictSame(fault!.bins.map(({ second, of, bad }) => [second, of[3], bad[3]]), [[5, 600, 60]])
  t.match(baseline!.sources.errors, { n: 900, bad: 3 })
})

test('what is missing counts apart, with its reasons; many different ones are told together', async (t) => {
  const counted = watch()
  for (let i = 0; i < 12; i++) counted.missing({ source: 'queue', startedAt: 2000, why: `reason ${i % 10}` })
  const { queue } = counted.read([], true)[0]!.sources
  t.match(queue, { n: 0, bad: 0, missing: 12, why: { 'reason 0': 2, 'reason 7': 1, 'other reasons': 2 } })
  t.equal(Object.keys(queue!.why).length, 9)
})

test('what is still awaited at the end is what it says of itself, and unfinished until then', async (t) => {
  const counted = watch()
  const awaited = [
    { source: 'login', startedAt: 10_500, counts: 'bad' as const }, { source: 'queue', startedAt: 12_000, counts: 'missing' as const },
    { source: 'login', startedAt: 0, counts: 'bad' as const }
  ]
  t.match(counted.read(awaited, false), [
    { of: [0, 0, 0, 0], sources: { login: { n: 0, unfinished: 1 } } }, { sources: { queue: { missing: 0, unfinished: 1 } } }
  ])
  t.match(counted.read(awaited, true), [
    { of: [0, 1, 1, 0], bad: [0, 1, 1, 0], bins: [{ second: 9 }], sources: { login: { n: 1, bad: 1, unfinished: 1 } } },
    { of: [0, 0, 0, 0], sources: { queue: { n: 0, missing: 1, unfinished: 1 } } }
  ])
  t.match(counted.read([], true)[0], { of: [0, 0, 0, 0], bins: [] }, 'a reading changes nothing')
})

test('a source that nobody announced is not counted', async (t) => {
  const counted = watch()
  counted.sample({ ...probe(2000, 10), source: 'other' })
  counted.missing({ source: 'other', startedAt: 2000, why: 'x' })
  t.strictSame(Object.keys(counted.read([], true)[0]!.sources), SOURCES)
})
