import { test } from 'tap'
import { Halt } from '../../src/kernel/halt.ts'
import { createVirtualClock } from '../helpers/clock.ts'

test('sticky: engaged until released', async (t) => {
  const halt = new Halt(createVirtualClock())
  t.equal(halt.state, null)
  halt.check()
  t.strictSame(halt.engage('too much'), { reason: 'too much', since: '2026-01-01T00:00:00.000Z' })
  t.throws(() => halt.check(), { code: 'PMT_ERR_HALTED', message: 'premortem is halted since 2026-01-01T00:00:00.000Z: too much' })
  halt.release()
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
  halt.release()
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
