import { test } from 'tap'
import { EventBus } from '../../../src/kernel/events.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { conforms } from '../conform.ts'

test('what the bus publishes is an event', async (t) => {
  const events = new EventBus(createVirtualClock())
  events.publish('fault.added', { proxy: 'edge', nested: { a: [1] } })
  t.ok(conforms('Event', events.since(0)[0]))
  t.notOk(conforms('Event', { id: '1', time: 'now', type: 'x', data: {} }))
})

test('other views', async (t) => {
  t.ok(conforms('Halt', { halted: null }))
  t.ok(conforms('Halt', { halted: { reason: 'x', since: '2026-01-01T00:00:00.000Z', by: 'api' } }))
  t.notOk(conforms('Halt', {}))
  t.ok(conforms('Sidecar', { name: 'a', url: 'http://a', reachable: false }))
})
