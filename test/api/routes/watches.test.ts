import { test } from 'tap'
import { NO_FAULTS } from '../../../src/measure/observation.ts'
import { conforms } from '../conform.ts'
import { EDGE, createHarness } from '../harness.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

test('counting on somebody\'s behalf', async (t) => {
  const clock = createVirtualClock()
  const { api, proxies } = await createHarness(t, { clock, proxySpecs: [EDGE] })
  const opened = await api.inject({ method: 'POST', url: '/v1/watches', payload: { at: 'edge', objectives: ['success >= 99%', 'p95 <= 300ms'] } })
  t.equal(opened.statusCode, 201)
  const url = opened.headers.location!
  t.match((await api.inject({ method: 'POST', url: `${url}/phases`, payload: { name: 'baseline' } })).json(), { reading: { phases: [{ name: 'baseline', n: 0 }] } })
  const observe = (status: number) => proxies.get('edge').recorder.observe({
    at: 'edge', kind: 'exchange', node: 'a', startedAt: clock.now(), endedAt: clock.now() + 10, outcome: 'complete', method: 'GET', path: '/', status, bytesIn: 1, bytesOut: 1, faults: NO_FAULTS
  })
  observe(200)
  observe(500)
  const view = (await api.inject(`${url}?final=true`)).json()
  t.ok(conforms('Watch', view))
  t.match(view, { at: 'edge', open: 0, reading: { objectives: ['success >= 99%', 'p95 <= 300ms'], phases: [{ n: 2, bad: [1, 0] }] } })
  t.equal((await api.inject({ method: 'DELETE', url })).statusCode, 204)
  t.match((await api.inject(url)).json(), { code: 'PMT_ERR_WATCH_NOT_FOUND' })
})

test('what cannot be watched is refused', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  const post = async (payload: object) => (await api.inject({ method: 'POST', url: '/v1/watches', payload })).json()
  t.match(await post({ at: 'no', objectives: ['success >= 99%'] }), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  t.match(await post({ at: 'edge' }), { code: 'PMT_ERR_INVALID', path: 'objectives' })
  t.match(await post({ at: 'edge', objectives: [''] }), { code: 'PMT_ERR_INVALID', path: 'objectives.0' })
  t.match(await post({ at: 'edge', objectives: ['p95'] }), { code: 'PMT_ERR_INVALID', path: 'objectives.0' })
  t.match((await api.inject('/v1/watches/no?final=maybe')).json(), { code: 'PMT_ERR_INVALID', path: 'query.final' })
})
