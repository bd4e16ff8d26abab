import { test } from 'tap'
import { CATALOGUE } from '../../../src/faults/catalogue.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { conforms } from '../conform.ts'
import { EDGE, createHarness } from '../harness.ts'

const FAULTS = '/v1/proxies/edge/faults'

test('the catalogue', async (t) => {
  const { api } = await createHarness(t)
  const types = (await api.inject('/v1/faults')).json()
  t.same(types.map((type: { type: string }) => type.type), CATALOGUE.map((type) => type.type))
  for (const type of types) {
    t.ok(conforms('FaultType', type))
    t.match(type, { layer: /^(stream|http|tls)$/, summary: String, schema: { type: 'object', properties: { type: { const: type.type }, ttl: {} } }, example: { type: type.type } })
  }
})

test('every example of the catalogue can be posted as it is', async (t) => {
  const sealed = { ...EDGE, name: 'sealed', protocol: 'tcp' as const, tls: 'passthrough' as const }
  const { api } = await createHarness(t, { clock: createVirtualClock(), proxySpecs: [{ ...EDGE, protocol: 'auto' }, sealed] })
  for (const type of CATALOGUE) {
    const { node: _, ...payload } = type.doc.example
    const tls = type.layer === 'tls' ? type : undefined
    const answer = await api.inject({ method: 'POST', url: tls === undefined ? FAULTS : FAULTS.replace('edge', 'sealed'), payload })
    // What is to hold an end of TLS, or to show a certificate, needs more than a proxy that looks on: it decodes, and says so.
    const lacks = 'realism' in type.params.properties ? 'PMT_ERR_UPSTREAM_CERTIFICATE' : 'PMT_ERR_FAULT_LAYER'
    if (tls === undefined || (tls.needs === 'peek' && lacks === 'PMT_ERR_FAULT_LAYER')) t.equal(answer.statusCode, 201, `${type.type}: ${answer.body}`)
    else t.equal(answer.json().code, lacks, `${type.type}: ${answer.body}`)
  }
})

test('a fault can be posted by another of its names', async (t) => {
  const { api } = await createHarness(t, { clock: createVirtualClock(), proxySpecs: [{ ...EDGE, protocol: 'tcp', tls: 'passthrough' }] })
  const answer = await api.inject({ method: 'POST', url: FAULTS, payload: { type: 'tls/tls-v1-1', share: '5%' } })
  t.match(answer.json(), { type: 'tls/protocol-version', spec: { type: 'tls/protocol-version', only: 'TLSv1.1', share: '5%' } })
})

test('add, show, change, remove', async (t) => {
  const clock = createVirtualClock()
  const { api } = await createHarness(t, { clock, proxySpecs: [EDGE] })
  const added = await api.inject({ method: 'POST', url: FAULTS, payload: { type: 'delay', delay: '100ms', ttl: '30s' } })
  t.equal(added.statusCode, 201)
  const fault = added.json()
  t.ok(conforms('Fault', fault), added.body)
  t.match(fault, { id: 'delay-1', on: 'edge', source: 'api', run: null, revision: 1, expiresAt: '2026-01-01T00:00:30.000Z', spec: { delay: '100ms' } })
  t.equal(added.headers.location, `${FAULTS}/delay-1`)
  t.same((await api.inject(`${FAULTS}/delay-1`)).json(), fault)
  t.same((await api.inject(FAULTS)).json(), [fault])

  const changed = await api.inject({ method: 'PATCH', url: `${FAULTS}/delay-1`, payload: { share: '50%' } })
  t.match(changed.json(), { revision: 2, expiresAt: fault.expiresAt, spec: { delay: '100ms', share: '50%' } })
  await clock.advance(10_000)
  t.match((await api.inject({ method: 'PATCH', url: `${FAULTS}/delay-1`, payload: { ttl: 60_000 } })).json(), { revision: 2, expiresAt: '2026-01-01T00:01:10.000Z' })
  t.match((await api.inject({ method: 'PATCH', url: `${FAULTS}/delay-1`, payload: { ttl: 'never' } })).json(), { expiresAt: null })

  const removed = await api.inject({ method: 'DELETE', url: `${FAULTS}/delay-1` })
  t.match({ status: removed.statusCode, body: removed.json() }, { status: 200, body: { id: 'delay-1' } })
  for (const method of ['GET', 'DELETE'] as const) t.match((await api.inject({ method, url: `${FAULTS}/delay-1` })).json(), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
  t.match((await api.inject({ method: 'PATCH', url: `${FAULTS}/delay-1`, payload: { ttl: 1 } })).json(), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
})

test('a fault is gone by itself after its ttl', async (t) => {
  const clock = createVirtualClock()
  const { api, events } = await createHarness(t, { clock, proxySpecs: [EDGE] })
  await api.inject({ method: 'POST', url: FAULTS, payload: { type: 'hang', ttl: '2s' } })
  await clock.advance(1999)
  t.equal((await api.inject(FAULTS)).json().length, 1)
  await clock.advance(1)
  t.same((await api.inject(FAULTS)).json(), [])
  t.equal(events.since(0).at(-1)?.type, 'fault.expired')
})

test('all at once', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  for (const type of ['hang', 'refuse']) await api.inject({ method: 'POST', url: FAULTS, payload: { type } })
  t.same((await api.inject({ method: 'DELETE', url: FAULTS })).json(), { removed: 2 })
  t.same((await api.inject({ method: 'DELETE', url: FAULTS })).json(), { removed: 0 })
})

test('a fault says on whose behalf it is there', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  t.match((await api.inject({ method: 'POST', url: `${FAULTS}?run=r-7`, payload: { type: 'hang', seed: 5 } })).json(), { source: 'run', run: 'r-7', seed: 5 })
})

test('what does not fit is refused', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  const post = async (payload: object, url = FAULTS) => {
    const answer = await api.inject({ method: 'POST', url, payload })
    return { status: answer.statusCode, ...answer.json() }
  }
  t.match(await post({ type: 'hang' }, '/v1/proxies/edg/faults'), { status: 404, code: 'PMT_ERR_PROXY_NOT_FOUND', hint: 'did you mean `edge`?' })
  t.match(await post({ type: 'hang', on: 'other' }), { status: 400, code: 'PMT_ERR_INVALID', path: 'on', found: 'other' })
  t.match(await post({ type: 'hang', node: 'c' }), { status: 400, code: 'PMT_ERR_NODE_NOT_FOUND', path: 'node' })
  t.match(await post({ type: 'delay', delay: '5 parsecs' }), { status: 400, code: 'PMT_ERR_INVALID', path: 'delay', found: '5 parsecs' })
  t.match(await post({ type: 'hang', replay: '@hits.json' }), { status: 400, code: 'PMT_ERR_INVALID', path: 'replay', found: '@hits.json', hint: /command line/ })
  t.match(await post({ type: 'delay', delay: 5, direction: 'both' }), { status: 400, code: 'PMT_ERR_FAULT_LAYER', path: 'direction' })
  await post({ type: 'hang', id: 'h' })
  t.match(await post({ type: 'hang', id: 'h' }), { status: 409, code: 'PMT_ERR_FAULT_EXISTS' })
  const patch = async (payload: object) => (await api.inject({ method: 'PATCH', url: `${FAULTS}/h`, payload })).json()
  t.match(await patch({}), { code: 'PMT_ERR_INVALID', wanted: String })
  t.match(await patch([]), { code: 'PMT_ERR_INVALID' })
  t.match(await patch({ ttl: 'soon' }), { code: 'PMT_ERR_INVALID', path: 'ttl', found: 'soon' })
  t.match(await patch({ type: 'delay', delay: 1 }), { code: 'PMT_ERR_INVALID', path: 'type' })
  t.match(await patch({ shape: 'square' }), { code: 'PMT_ERR_INVALID', path: 'shape' })
})
