import { test } from 'tap'
import { LATENCY_BOUNDS, Recorder } from '../../src/measure/recorder.ts'
import { handshake, observation } from '../helpers/observation.ts'

test('exchanges and connections are counted apart; bytes are those of connections', async (t) => {
  const recorder = new Recorder('exchange')
  recorder.observe(observation(0))
  recorder.observe(observation(0, { status: 404 }))
  recorder.observe(observation(0, { kind: 'connection', bytesIn: 7, bytesOut: 9, status: 0 }))
  t.match(recorder.totals, { exchanges: 2, connections: 1, bytesIn: 7, bytesOut: 9, outcomes: { complete: 2 } })
})

test('statuses by first digit', async (t) => {
  const recorder = new Recorder('exchange')
  for (const status of [0, 101, 200, 204, 301, 404, 500, 599, 600, 999]) recorder.observe(observation(0, { status }))
  t.strictSame(recorder.totals.statuses, { 0: 1, 1: 1, 2: 2, 3: 1, 4: 1, 5: 4 })
})

test('outcomes and rates are of what is measured', async (t) => {
  const http = new Recorder('exchange')
  const tcp = new Recorder('connection')
  for (const recorder of [http, tcp]) {
    recorder.observe(observation(0, { outcome: 'truncated' }))
    recorder.observe(observation(0, { kind: 'connection', outcome: 'reset' }))
    recorder.observe(observation(0, { kind: 'connection', outcome: 'reset' }))
  }
  t.strictSame([http.totals.outcomes, tcp.totals.outcomes], [{ truncated: 1 }, { reset: 2 }])
  t.strictSame([http.recent(1000).count, tcp.recent(1000).count], [1, 2])
  t.match(http.recent(10_000), { seconds: 10, rate: 0.1, success: 0 })
})

test('latency buckets: each takes what is above the bound before, up to its own', async (t) => {
  const recorder = new Recorder('exchange')
  for (const ms of [0, 1, 1.01, 30_000, 30_001]) recorder.observe(observation(0, { ms }))
  const { buckets, sum } = recorder.totals.latency
  t.equal(buckets.length, LATENCY_BOUNDS.length + 1)
  t.strictSame([buckets[0], buckets[1], buckets.at(-2), buckets.at(-1)], [2, 1, 1, 1])
  t.equal(buckets.reduce((a, b) => a + b), 5)
  t.ok(Math.abs(sum - 60_003.01) < 1e-6)
})

test('subscribers get what is measured, until they leave', async (t) => {
  const recorder = new Recorder('exchange')
  const seen: [string, number][] = []
  const leaveA = recorder.subscribe({ observe: (o) => { seen.push(['a', o.status]) } })
  recorder.subscribe({ observe: (o) => { seen.push(['b', o.status]) } })
  recorder.observe(observation(0, { status: 200 }))
  recorder.observe(observation(0, { kind: 'connection' }))
  leaveA()
  leaveA()
  recorder.observe(observation(0, { status: 201 }))
  t.strictSame(seen, [['a', 200], ['b', 200], ['b', 201]])
})

test('a subscriber may leave while it is called', async (t) => {
  const recorder = new Recorder('exchange')
  let calls = 0
  const leave = recorder.subscribe({ observe: () => { calls++; leave() } })
  let others = 0
  recorder.subscribe({ observe: () => { others++ } })
  recorder.observe(observation(0))
  recorder.observe(observation(0))
  t.strictSame([calls, others], [1, 2])
})

test('handshakes count in nothing but their own, and subscribers get them', async (t) => {
  for (const measured of ['exchange', 'connection'] as const) {
    const recorder = new Recorder(measured)
    const before = structuredClone(recorder.totals)
    const seen: unknown[] = []
    recorder.subscribe({ observe: (o) => { seen.push(o.handshake?.result) } })
    recorder.observe(handshake(0))
    recorder.observe(handshake(0, 'reset', { version: '' }))
    const { handshakes, ...others } = recorder.totals
    const { handshakes: _, ...nothing } = before
    t.strictSame(others, nothing)
    t.strictSame(handshakes, [
      { result: 'established', version: 'TLSv1.3', resumed: false, count: 1 }, { result: 'reset', version: '', resumed: false, count: 1 }
    ])
    t.strictSame(seen, ['established', 'reset'])
    t.match(recorder.recent(10_000), { count: 0, rate: 0, success: 1, handshakes: { count: 2, rate: 0.2, success: 0.5 } })
  }
})
