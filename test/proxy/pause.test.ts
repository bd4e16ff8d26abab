import { test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import { ActiveFault, Plan } from '../../src/faults/plan.ts'
import { Pause } from '../../src/proxy/pause.ts'
import { createVirtualClock } from '../helpers/clock.ts'

const active = (id: string): ActiveFault => new ActiveFault(id, decodeFault({ type: 'refuse' }), 1)

test('waits for all that is asked, and counts each delay', async (t) => {
  const clock = createVirtualClock(1000)
  const [a, b] = [active('a'), active('b')]
  const done: number[] = []
  void new Pause(clock, [{ active: a, ms: 100 }, { active: b, ms: 50 }], Infinity, (asked) => { done.push(asked, clock.now()) })
  await clock.advance(149)
  t.same(done, [])
  await clock.advance(1)
  t.same(done, [150, 1150])
  t.match([a.counters, b.counters], [{ delays: 1, delayRequested: 100 }, { delays: 1, delayRequested: 50 }])
})

test('what is asked for beyond the limit ends with the limit, and was no delay', async (t) => {
  const clock = createVirtualClock(1000)
  const a = active('a')
  const done: number[] = []
  void new Pause(clock, [{ active: a, ms: 900 }], 500, (asked) => { done.push(asked, clock.now()) })
  await clock.advance(500)
  t.same(done, [900, 1500])
  t.equal(a.counters.delays, 0)
})

test('a fault that goes takes its part with it; with the last one it is over at once', async (t) => {
  const clock = createVirtualClock(1000)
  const [a, b] = [active('a'), active('b')]
  const done: number[] = []
  const asks = [{ active: a, ms: Infinity }, { active: b, ms: 50 }]
  const pause = new Pause(clock, asks, Infinity, (asked) => { done.push(asked, clock.now()) })
  t.equal(clock.pending(), 0, 'forever needs no timer')
  pause.planChanged(new Plan(1, [a, b]))
  pause.planChanged(new Plan(2, [b]))
  t.same(done, [])
  pause.planChanged(new Plan(3, []))
  t.same(done, [0, 1000])
  t.equal(clock.pending(), 0)
})

test('a pause that is cancelled never ends', async (t) => {
  const clock = createVirtualClock(1000)
  const pause = new Pause(clock, [{ active: active('a'), ms: 5 }], Infinity, () => { t.fail('it ended') })
  pause.cancel()
  await clock.advance(100)
  t.equal(clock.pending(), 0)
})
