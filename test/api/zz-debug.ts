import { connect } from 'node:net'
import { createHarness, EDGE } from './harness.ts'
const { api, proxies } = await createHarness({ teardown: () => {} }, { proxySpecs: [{ ...EDGE, faults: [{ type: 'hang' }] }] })
const port = proxies.get('edge').address.port
await api.inject({ method: 'POST', url: '/v1/halt' })
const a = await api.inject({ method: 'PATCH', url: '/v1/proxies/edge', payload: { balance: 'least-connections' } })
console.log(a.statusCode, a.body)
console.log((await api.inject('/v1/proxies/edge')).body)
connect(port, '127.0.0.1').on('error', (e) => { console.log('old port:', e.message); process.exit() }).on('connect', () => { console.log('connected'); process.exit() })
