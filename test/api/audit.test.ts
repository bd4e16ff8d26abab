import { test } from 'tap'
import { EDGE, createHarness } from './harness.ts'

test('every change that succeeds is logged and published; nothing else is', async (t) => {
  const { api, log, events } = await createHarness(t, { proxySpecs: [EDGE] })
  const audits = () => events.since(0).filter((event) => event.type === 'audit').map((event) => event.data)
  await api.inject('/v1/proxies')
  await api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'nothing' } })
  await api.inject({ method: 'POST', url: '/v1/watches', payload: { at: 'edge', objectives: ['success >= 99%'] } })
  t.same(audits(), [])
  await api.inject({ method: 'POST', url: '/v1/proxies/edge/faults?run=r1', payload: { type: 'hang', id: 'h' } })
  await api.inject({ method: 'PATCH', url: '/v1/proxies/edge/faults/h', payload: { ttl: '9s' } })
  t.same(audits(), [{ method: 'POST', path: '/v1/proxies/edge/faults', client: '127.0.0.1', status: 201 }], 'the renewal of a run\'s lease is no news')
  t.equal(log.lines.filter((line) => line.message === 'changed').length, 1)
})
