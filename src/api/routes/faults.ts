import { Type } from 'typebox'
import { CATALOGUE } from '../../faults/catalogue.ts'
import { decodeFault, faultSchema } from '../../faults/envelope.ts'
import { LongDuration, Strict, decode } from '../../kernel/schema.ts'
import type { Routes } from '../app.ts'
import { changeOf } from '../body.ts'
import { errorAnswers } from '../schemas/error.ts'
import { FaultBody, FaultPatchBody, FaultViewSchema } from '../schemas/proxy.ts'
import { Params, about } from '../schemas/route.ts'
import { asSent, ref } from '../schemas/schema.ts'
import { FaultTypeViewSchema } from '../schemas/state.ts'

const Renewal = Strict({ ttl: Type.Union([Type.Literal('never'), LongDuration()], { wanted: 'a duration such as 60s, or never' }) })

const params = Params('proxy', 'fault')

/** Faults of a proxy, and the catalogue. */
export const faultRoutes: Routes = (app, { proxies }) => {
  app.get('/v1/faults', {
    schema: { ...about('listFaultTypes', 'faults', 'Lists every type of fault there is, with its schema'), response: { 200: Type.Array(ref(FaultTypeViewSchema)), ...errorAnswers } }
  }, async () => CATALOGUE.map((type) => ({
    type: type.type,
    layer: type.layer,
    summary: type.doc.summary,
    limits: type.doc.limits,
    schema: asSent(faultSchema(type)) as unknown as Record<string, unknown>,
    example: type.doc.example
  })))

  app.get('/v1/proxies/:proxy/faults', {
    schema: { ...about('listFaults', 'faults', 'Lists the faults active on a proxy'), params: Params('proxy'), response: { 200: Type.Array(ref(FaultViewSchema)), ...errorAnswers } }
  }, async (request) => proxies.get(request.params.proxy).faultViews())

  app.post('/v1/proxies/:proxy/faults', {
    schema: {
      ...about('addFault', 'faults', 'Adds a fault; it removes itself after its ttl', 'The ttl is 5m when nobody says; `ttl: never` stays until it is removed.'),
      params: Params('proxy'),
      querystring: Strict({ run: Type.Optional(Type.String({ minLength: 1, description: 'the run on whose behalf' })) }),
      body: FaultBody,
      response: { 201: ref(FaultViewSchema), ...errorAnswers }
    }
  }, async (request, reply) => {
    const proxy = proxies.get(request.params.proxy)
    const { run } = request.query
    const fault = decodeFault(request.body)
    await proxy.prepareFault(fault)
    const view = proxy.addFault(fault, run === undefined ? { source: 'api' } : { source: 'run', run })
    return reply.status(201).header('location', `/v1/proxies/${encodeURIComponent(proxy.name)}/faults/${encodeURIComponent(view.id)}`).send(view)
  })

  app.delete('/v1/proxies/:proxy/faults', {
    schema: {
      ...about('removeFaults', 'faults', 'Removes all faults of a proxy'), params: Params('proxy'), response: { 200: Type.Object({ removed: Type.Integer({ description: 'how many' }) }), ...errorAnswers }
    }
  }, async (request) => ({ removed: proxies.get(request.params.proxy).removeAllFaults() }))

  app.get('/v1/proxies/:proxy/faults/:fault', {
    schema: { ...about('getFault', 'faults', 'Shows a fault and its counters'), params, response: { 200: ref(FaultViewSchema), ...errorAnswers } }
  }, async (request) => proxies.get(request.params.proxy).fault(request.params.fault))

  app.get('/v1/proxies/:proxy/faults/:fault/residue', {
    schema: {
      ...about('getResidue', 'faults', 'Shows what is left of a fault, also when it is gone'),
      params,
      response: {
        200: Type.Object({
          active: Type.Boolean({ description: 'whether it is in the plan' }),
          held: Type.Integer({ minimum: 0, description: 'requests or connections that it hit and that are not over' })
        }),
        ...errorAnswers
      }
    }
  }, async (request) => proxies.get(request.params.proxy).residue(request.params.fault))

  app.patch('/v1/proxies/:proxy/faults/:fault', {
    schema: {
      ...about('changeFault', 'faults', 'Changes a fault, or renews its lease', '`{"ttl":"30s"}` renews: the fault expires 30 s from now. Anything else is merged over what was written; counters go on.'),
      params,
      body: FaultPatchBody,
      response: { 200: ref(FaultViewSchema), ...errorAnswers }
    }
  }, async (request) => {
    const proxy = proxies.get(request.params.proxy)
    const patch = changeOf(request.body)
    if (Object.keys(patch).join() !== 'ttl') return proxy.changeFault(request.params.fault, patch)
    const { ttl } = decode(Renewal, patch)
    const view = proxy.renewFault(request.params.fault, ttl === 'never' ? Infinity : ttl)
    // A run renews its leases every few seconds; that would bury what people did.
    request.audited = view.source !== 'run'
    return view
  })

  app.delete('/v1/proxies/:proxy/faults/:fault', {
    schema: { ...about('removeFault', 'faults', 'Removes a fault; shows it as it was when it went'), params, response: { 200: ref(FaultViewSchema), ...errorAnswers } }
  }, async (request) => proxies.get(request.params.proxy).removeFault(request.params.fault))
}
