import { test } from 'tap'
import { createVirtualClock } from '../../helpers/clock.ts'
import { conforms } from '../conform.ts'
import { EDGE, createHarness } from '../harness.ts'

test('the lever removes faults, keeps new ones out, and stays until released', async (t) => {
  const { api, events } = await createHarness(t, { clock: createVirtualClock(), proxySpecs: [EDGE] })
  const fault = () => api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'hang', ttl: 'never' } })
  const of = (type: string) => events.since(0).filter((event) => event.type === type)
  await fault()
  t.same((await api.inject('/v1/halt')).json(), { halted: null })

  const engaged = await api.inject({ method: 'POST', url: '/v1/halt', payload: { reason: 'pager' } })
  t.same(engaged.json(), { halted: { reason: 'pager', since: '2026-01-01T00:00:00.000Z', by: 'api' } })
  t.ok(conforms('Halt', engaged.json()))
  t.same((await api.inject('/v1/proxies/edge/faults')).json(), [])
  t.match(await fault(), { statusCode: 423 })
  t.match((await fault()).json(), { code: 'PMT_ERR_HALTED', message: /pager/ })

  t.match((await api.inject({ method: 'POST', url: '/v1/halt', payload: { reason: 'again' } })).json(), { halted: { reason: 'pager' } })
  t.same((await api.inject('/v1/halt')).json(), engaged.json())
  t.match(of('halt.engaged'), [{ data: { reason: 'pager' } }])
  t.equal(of('halt.engaged').length, 1)

  t.match(await api.inject({ method: 'DELETE', url: '/v1/halt' }), { statusCode: 400 }, 'not without a reason')
  t.match((await api.inject({ method: 'DELETE', url: '/v1/halt' })).json(), { code: 'PMT_ERR_INVALID', path: 'reason', wanted: /why things may start again/ })
  t.match((await fault()).statusCode, 423)
  const release = () => api.inject({ method: 'DELETE', url: '/v1/halt', payload: { reason: 'it was not us' } })
  t.same((await release()).json(), { halted: null })
  t.same((await release()).json(), { halted: null })
  t.match(of('halt.released'), [{ data: { reason: 'it was not us', halted: { reason: 'pager' } } }])
  t.equal(of('halt.released').length, 1)
  t.equal((await fault()).statusCode, 201)
})

test('in a hurry no body is needed', async (t) => {
  const { api } = await createHarness(t)
  t.match((await api.inject({ method: 'POST', url: '/v1/halt' })).json(), { halted: { reason: String } })
  t.equal((await api.inject({ method: 'POST', url: '/v1/halt', headers: { 'content-type': 'application/json' } })).statusCode, 200)
  t.match((await api.inject({ method: 'POST', url: '/v1/halt', payload: { raeson: 'x' } })).json(), { code: 'PMT_ERR_INVALID', hint: 'did you mean `reason`?' })
})
