import { test } from 'tap'
import { Schedule, startOpenLoop } from '../../src/adapters/open-loop.ts'
import type { RequestEnd, Send } from '../../src/adapters/open-loop.ts'
import type { LoadSpec } from '../../src/experiment/ports.ts'
import type { Observation } from '../../src/measure/observation.ts'
import { createVirtualClock } from '../helpers/clock.ts'

const OK: RequestEnd = { outcome: 'complete', status: 200, bytesIn: 0, bytesOut: 2 }

function setup (spec: Partial<LoadSpec> = {}, maxOpen?: number) {
  const clock = createVirtualClock(1000)
  // What a freeze looks like from inside: no callback ran, and the time is suddenly another.
  let frozen = 0
  const seen: Observation[] = []
  const sent: { at: number, done: (end: RequestEnd) => void, cut: boolean }[] = []
  let freed = 0
  const send: Send = (done) => {
    const request = { at: clock.now(), done, cut: false }
    sent.push(request)
    return () => { request.cut = true }
  }
  const load = startOpenLoop({
    clock: { ...clock, now: () => clock.now() + frozen },
    spec: { url: 'http://127.0.0.1:1/checkout?a=b', method: 'GET', headers: {}, body: undefined, rate: 10, timeout: 1000, ...spec },
    observer: { observe: (observation) => { seen.push(observation) } },
    send,
    free: async () => { freed++ },
    maxOpen
  })
  return { clock, seen, sent, load, freed: () => freed, freeze: (ms: number) => { frozen += ms } }
}

test('the schedule: fixed intervals, each due once, no drift', async (t) => {
  const schedule = new Schedule(0, 3)
  t.equal(schedule.take(-1), undefined)
  t.equal(schedule.take(0), 0)
  t.equal(schedule.take(0), undefined)
  t.equal(schedule.take(1000), 1000 / 3)
  t.equal(schedule.take(1000), 2000 / 3)
  t.equal(schedule.take(1000), 1000, 'the fourth is due after exactly one second')
  t.equal(schedule.take(1000), undefined)
})

test('sends at the intended times without waiting for answers', async (t) => {
  const { clock, seen, sent, load } = setup()
  await clock.advance(450)
  t.same(sent.map((request) => request.at), [1000, 1100, 1200, 1300, 1400])
  t.same(load.open().map(({ startedAt }) => startedAt), [1000, 1100, 1200, 1300, 1400])
  t.equal(seen.length, 0, 'nothing has ended yet')
  for (const request of sent) request.done(OK)
  t.same(seen.map((o) => o.endedAt - o.startedAt), [450, 350, 250, 150, 50])
  t.match(seen[0], { at: 'load', kind: 'exchange', method: 'GET', path: '/checkout', outcome: 'complete', status: 200 })
  await load.close()
})

test('a late process sends all that is due at once, timed from the intended send time', async (t) => {
  const { clock, seen, sent, load, freeze } = setup({ rate: 200, timeout: 5000 })
  await clock.advance(10)
  t.same(load.open().map(({ startedAt }) => startedAt), [1000, 1005, 1010])
  for (const request of sent) request.done(OK)
  freeze(100)
  await clock.advance(5)
  t.equal(sent.length, 24, 'at 1115: the 21 that fell due since 1010, at once')
  for (const request of sent) request.done(OK)
  t.same(seen.slice(3).map((o) => o.endedAt - o.startedAt), Array.from({ length: 21 }, (_, i) => 100 - i * 5),
    'the freeze is in the latencies although every answer was instant')
  t.ok(Math.abs(load.summary().lag.max - 100) < 1, 'and in the lag')
  await load.close()
})

test('a request ends at its deadline, and once', async (t) => {
  const { clock, seen, sent, load } = setup({ rate: 1, timeout: 300 })
  await clock.advance(299)
  t.equal(seen.length, 0)
  await clock.advance(2)
  t.equal(seen.length, 1)
  t.match(seen[0], { outcome: 'timeout', status: 0, startedAt: 1000, endedAt: 1300 })
  t.equal(sent[0]!.cut, true)
  sent[0]!.done(OK)
  t.equal(seen.length, 1, 'a late answer changes nothing')
  t.same(load.open(), [])
  await load.close()
})

test('beyond the bound a due request is counted as bad, never dropped', async (t) => {
  const { clock, seen, sent, load } = setup({ timeout: 10_000 }, 3)
  await clock.advance(950)
  t.equal(sent.length, 3)
  t.equal(seen.length, 7)
  t.ok(seen.every((o) => o.outcome === 'timeout' && o.endedAt - o.startedAt === 10_000))
  t.match(load.summary(), { sent: 3, unsent: 7 })
  sent[0]!.done(OK)
  await clock.advance(100)
  t.equal(sent.length, 4, 'goes on once there is room')
  await load.close()
})

test('stop ends sending; idle waits for what is open; close cuts it and counts it', async (t) => {
  const { clock, seen, sent, load, freed } = setup()
  await clock.advance(150)
  load.stop()
  await clock.advance(500)
  t.equal(sent.length, 2)
  let idle = false
  const waited = load.idle().then(() => { idle = true })
  const given = new AbortController()
  const refused = t.rejects(load.idle(given.signal), /enough/)
  given.abort(new Error('enough'))
  await refused
  await t.rejects(load.idle(given.signal), /enough/)
  sent[0]!.done(OK)
  await clock.advance(1)
  t.equal(idle, false)
  await load.close()
  await waited
  t.equal(idle, true)
  t.match(seen[1], { outcome: 'unfinished', startedAt: 1100 })
  t.equal(seen.length, 2)
  t.equal(sent[1]!.cut, true)
  t.equal(freed(), 1)
  await load.idle()
})
