import { Type } from 'typebox'
import { createLocalPlane } from '../../adapters/local-plane.ts'
import { BY_PATTERN } from '../../faults/by.ts'
import { OneOf, Strict } from '../../kernel/schema.ts'
import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { Nothing, Params, about } from '../schemas/route.ts'
import { Nullable, ref } from '../schemas/schema.ts'
import { WatchViewSchema } from '../schemas/state.ts'
import { Watches } from '../watches.ts'

const params = Params('watch')

const ArmRuleSchema = Strict({
  fault: Type.String({ minLength: 1, description: 'its id on its proxy' }),
  by: Nullable(Type.String({ pattern: BY_PATTERN, wanted: 'trace, header:NAME, cookie:NAME or null' })),
  seed: Type.Integer({ minimum: 0, maximum: 0xffffffff }),
  share: Type.Number({ minimum: 0, maximum: 1 })
})

/** Counting on behalf of a run that another sidecar drives. */
export const watchRoutes: Routes = (app, { proxies, clock }) => {
  const watches = new Watches({ plane: createLocalPlane({ proxies, clock }), clock })
  app.addHook('onClose', () => watches.closeAll())

  app.post('/v1/watches', {
    config: { audited: false },
    schema: {
      ...about('openWatch', 'sidecars', 'Starts counting a proxy\'s traffic against objectives', 'A watch that nobody touches for a minute goes away.'),
      body: Strict({
        at: Type.String({ minLength: 1, description: 'a proxy of this process' }),
        objectives: Type.Array(Type.String({ minLength: 1 }), {
          wanted: 'a list of objectives such as [success >= 99%, p95 <= 300ms]',
          description: 'those on traffic and handshakes; empty where a run judges samples only, and shows what was seen here beside them'
        }),
        rules: Type.Optional(Type.Array(ArmRuleSchema, { description: 'tell the arms of faults apart, and count each as well', maxItems: 100 }))
      }),
      response: { 201: ref(WatchViewSchema), ...errorAnswers }
    }
  }, async (request, reply) => {
    const view = await watches.open(request.body.at, request.body.objectives, request.body.rules)
    return reply.status(201).header('location', `/v1/watches/${view.id}`).send(view)
  })

  app.post('/v1/watches/:watch/phases', {
    config: { audited: false },
    schema: {
      ...about('markPhase', 'sidecars', 'Begins a phase now'), params, body: Strict({ name: Type.String({ minLength: 1 }) }), response: { 200: ref(WatchViewSchema), ...errorAnswers }
    }
  }, async (request) => watches.mark(request.params.watch, request.body.name))

  app.get('/v1/watches/:watch', {
    schema: {
      ...about('readWatch', 'sidecars', 'Shows what a watch has counted'),
      params,
      querystring: Strict({ final: OneOf(['true', 'false'], { default: 'false', description: 'also counts exchanges still open, as bad' }) }),
      response: { 200: ref(WatchViewSchema), ...errorAnswers }
    }
  }, async (request) => watches.read(request.params.watch, { final: request.query.final === 'true' }))

  app.delete('/v1/watches/:watch', {
    config: { audited: false },
    schema: { ...about('closeWatch', 'sidecars', 'Stops counting'), params, response: { 204: Nothing, ...errorAnswers } }
  }, async (request, reply) => {
    await watches.close(request.params.watch)
    return reply.status(204).send(null)
  })
}
