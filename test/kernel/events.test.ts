import { test } from 'tap'
import { EventBus } from '../../src/kernel/events.ts'
import type { Event } from '../../src/kernel/events.ts'
import { createVirtualClock } from '../helpers/clock.ts'

test('events are numbered without gaps and carry the time', async (t) => {
  const clock = createVirtualClock()
  const bus = new EventBus(clock)
  bus.publish('fault.added', { id: 'a' })
  await clock.advance(1500)
  bus.publish('fault.removed', { id: 'a' })
  t.strictSame(bus.since(0), [
    { id: 1, time: '2026-01-01T00:00:00.000Z', type: 'fault.added', data: { id: 'a' } },
    { id: 2, time: '2026-01-01T00:00:01.500Z', type: 'fault.removed', data: { id: 'a' } }
  ])
})

test('listeners hear what comes after they subscribed, until they leave', async (t) => {
  const bus = new EventBus(createVirtualClock())
  const heard: string[] = []
  bus.publish('a', {})
  const leave = bus.subscribe((event) => { heard.push(event.type) })
  bus.publish('b', {})
  leave()
  leave()
  bus.publish('c', {})
  t.strictSame(heard, ['b'])
})

test('a listener may leave while it listens', async (t) => {
  const bus = new EventBus(createVirtualClock())
  const heard: Event[] = []
  const leave = bus.subscribe((event) => {
    heard.push(event)
    leave()
  })
  let other = 0
  bus.subscribe(() => { other++ })
  bus.publish('a', {})
  bus.publish('b', {})
  t.equal(heard.length, 1)
  t.equal(other, 2)
})

test('the last thousand are kept', async (t) => {
  const bus = new EventBus(createVirtualClock())
  for (let i = 1; i <= 1500; i++) bus.publish('tick', { i })
  const kept = bus.since(0)
  t.equal(kept.length, 1000)
  t.equal(kept[0]!.id, 501)
  t.strictSame(bus.since(1498).map((event) => event.id), [1499, 1500])
  t.strictSame(bus.since(1500), [])
})
