import { test } from 'tap'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { createVirtualClock } from '../helpers/clock.ts'

test('sticky: engaged until released', async (t) => {
  const halt = new Halt(createVirtualClock())
  t.equal(halt.state, null)
  halt.check()
  t.strictSame(halt.engage('too much'), { reason: 'too much', since: '2026-01-01T00:00:00.000Z', by: 'api' })
  t.throws(() => halt.check(), { code: 'PMT_ERR_HALTED', message: 'premortem is halted since 2026-01-01T00:00:00.000Z: too much' })
  halt.release('over')
  t.equal(halt.state, null)
  halt.check()
})

test('engaging again changes nothing and tells nobody', async (t) => {
  const clock = createVirtualClock()
  const halt = new Halt(clock)
  const told: string[] = []
  halt.onEngage((state) => { told.push(state.reason) })
  const first = halt.engage('first')
  await clock.advance(1000)
  t.equal(halt.engage('second'), first)
  t.strictSame(told, ['first'])
  halt.release('over')
  halt.engage('third')
  t.strictSame(told, ['first', 'third'])
})

test('everybody is told, whoever fails on the way', async (t) => {
  const halt = new Halt(createVirtualClock())
  const told: string[] = []
  halt.onEngage(() => { throw new Error('first failure') })
  halt.onEngage(() => { throw new Error('second failure') })
  const leave = halt.onEngage(() => { told.push('left') })
  halt.onEngage(() => { told.push('stayed') })
  leave()
  t.throws(() => halt.engage('now'), { message: 'first failure' })
  t.strictSame(told, ['stayed'])
  t.equal(halt.state?.reason, 'now', 'it is engaged all the same')
})

test('events say who, why, and why it was over', async (t) => {
  const clock = createVirtualClock()
  const events = new EventBus(clock)
  const halt = new Halt(clock, events)
  halt.release('nothing to release')
  const halted = halt.engage('pager', 'signal')
  halt.engage('again')
  halt.release('false alarm')
  t.strictSame(events.since(0).map(({ type, data }) => [type, data]), [
    ['halt.engaged', { reason: 'pager', since: '2026-01-01T00:00:00.000Z', by: 'signal' }],
    ['halt.released', { reason: 'false alarm', halted }]
  ])
})

test('a listener that cannot let go keeps it engaged', async (t) => {
  const halt = new Halt(createVirtualClock())
  const told: unknown[] = []
  const leave = halt.onRelease((state, reason) => {
    told.push([state.reason, reason])
    throw new Error('stuck')
  })
  halt.engage('pager')
  t.throws(() => halt.release('over'), { message: 'stuck' })
  t.equal(halt.state?.reason, 'pager')
  leave()
  halt.release('over')
  t.equal(halt.state, null)
  t.strictSame(told, [['pager', 'over']])
})
