import { test } from 'tap'
import { startProbeLoop } from '../../src/adapters/probe-loop.ts'
import type { ProbeEnd, ProbeLoopDeps } from '../../src/adapters/probe-loop.ts'
import type { Missing, Sample } from '../../src/measure/sampling.ts'
import { createVirtualClock } from '../helpers/clock.ts'

function setUp (change: Partial<ProbeLoopDeps> = {}) {
  const clock = createVirtualClock(1000)
  const samples: Sample[] = []
  const missing: Missing[] = []
  const probes: { at: number, done: (end: ProbeEnd) => void, cut: boolean }[] = []
  const state = { freed: false }
  const loop = startProbeLoop({
    clock,
    spec: { name: 'login', every: 500, timeout: 2000 },
    observer: { sample: (sample) => samples.push(sample), missing: (one) => missing.push(one) },
    silence: 'bad',
    timed: true,
    maxOpen: 3,
    probe (done) {
      const probe = { at: clock.now(), done, cut: false }
      probes.push(probe)
      return () => { probe.cut = true }
    },
    free: async () => { state.freed = true },
    ...change
  })
  return { clock, loop, samples, missing, probes, state }
}

const GOOD: ProbeEnd = { result: 'good', answered: true }

test('probes go out at fixed times, and each is one sample from when it was due', async (t) => {
  const { clock, loop, samples, probes } = setUp()
  await clock.advance(1100)
  t.strictSame(probes.map(({ at }) => at), [1000, 1500, 2000])
  probes[1]!.done({ result: 'bad', why: 'status 503', answered: true })
  probes[0]!.done(GOOD)
  probes[0]!.done(GOOD)
  t.strictSame(samples, [
    { source: 'login', startedAt: 1500, n: 1, bad: 1, endedAt: 2100, took: 600, why: 'status 503' },
    { source: 'login', startedAt: 1000, n: 1, bad: 0, endedAt: 2100, took: 1100 }
  ])
  t.strictSame(loop.awaited(), [{ source: 'login', startedAt: 2000, counts: 'bad' }])
})

test('no answer in time is bad, is cut, and took for ever; what comes later is ignored', async (t) => {
  const { clock, samples, probes } = setUp()
  await clock.advance(2000)
  t.match(samples.find(({ startedAt }) => startedAt === 1000), { startedAt: 1000, bad: 1, took: Infinity, why: 'no answer within 2s' })
  t.equal(probes[0]!.cut, true)
  const before = samples.length
  probes[0]!.done(GOOD)
  t.equal(samples.length, before)
})

test('what is due while too many are open counts as not answered, and is not sent', async (t) => {
  const { clock, samples, probes } = setUp()
  await clock.advance(1600)
  t.equal(probes.length, 3)
  t.match(samples, [{ startedAt: 2500, bad: 1, took: Infinity, why: '3 probes were still open' }])
})

test('where somebody is asked who knows, silence is missing, and an answer has no time', async (t) => {
  const { clock, samples, missing, probes } = setUp({ silence: 'missing', timed: false })
  probes[0]!.done({ result: 'missing', why: 'the query found nothing', answered: true })
  await clock.advance(500)
  probes[1]!.done({ result: 'bad', answered: true })
  t.strictSame(samples, [{ source: 'login', startedAt: 1500, endedAt: 1500, n: 1, bad: 1, took: null }])
  await clock.advance(2600)
  t.strictSame(missing.slice(0, 2), [
    { source: 'login', startedAt: 1000, why: 'the query found nothing' }, { source: 'login', startedAt: 3500, why: '3 probes were still open' }
  ])
})

test('stopping asks for nothing more; closing cuts what is open, which is no sample', async (t) => {
  const { clock, loop, samples, probes, state } = setUp()
  loop.stop()
  await clock.advance(1000)
  t.equal(probes.length, 1)
  await loop.close()
  t.match([probes[0]!.cut, state.freed, samples.length, clock.pending()], [true, true, 0, 0])
})
