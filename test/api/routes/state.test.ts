import { test } from 'tap'
import { createVirtualClock } from '../../helpers/clock.ts'
import { conforms } from '../conform.ts'
import { EDGE, EXPERIMENT, createHarness } from '../harness.ts'

test('everything at a glance', async (t) => {
  const clock = createVirtualClock()
  const { api, runs } = await createHarness(t, { clock, proxySpecs: [EDGE, { ...EDGE, name: 'zeta', faults: [{ type: 'hang', id: 'of-config' }] }] })
  await api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'hang', id: 'leased' } })
  await api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'hang', id: 'forever', ttl: 'never' } })
  await runs.start(EXPERIMENT)
  await runs.start(EXPERIMENT)
  runs.views.set('run-1', { ...runs.view('run-1'), state: 'ended', outcome: 'held' })
  await clock.advance(5000)
  const state = (await api.inject('/v1/state')).json()
  t.ok(conforms('State', state))
  t.match(state, { version: '1.2.3', startedAt: '2026-01-01T00:00:00.000Z', uptime: 5000, halted: null, lag: { p50: 1, p99: 2, max: 3 } })
  t.same(state.proxies.map((proxy: { name: string }) => proxy.name), ['edge', 'zeta'])
  t.same(state.faults.map((fault: { id: string }) => fault.id), ['leased', 'forever', 'of-config'])
  t.same(state.staying.map((fault: { id: string }) => fault.id), ['forever', 'of-config'])
  t.same(state.runs.map((run: { id: string }) => run.id), ['run-2'])
  await api.inject({ method: 'POST', url: '/v1/halt', payload: { reason: 'why not' } })
  t.match((await api.inject('/v1/state')).json(), { halted: { reason: 'why not' }, faults: [], staying: [] })
})
