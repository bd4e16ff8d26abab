import { Type } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'
import { compilePatterns } from '../../kernel/pattern.ts'
import { OneOf, Strict } from '../../kernel/schema.ts'
import { KEPT } from '../../proxy/decisions.ts'
import type { Routes } from '../app.ts'
import { DecisionListSchema, ReplayViewSchema } from '../schemas/decision.ts'
import { errorAnswers } from '../schemas/error.ts'
import { Params, about } from '../schemas/route.ts'
import { WholeNumber, ref } from '../schemas/schema.ts'

/** How many decisions are shown when nobody says. */
const SHOWN = 100

const LARGEST = 4_000_000_000

/** What was decided about requests and connections, and why. */
export const decisionRoutes: Routes = (app, { proxies }) => {
  app.get('/v1/proxies/:proxy/decisions', {
    schema: {
      ...about('listDecisions', 'proxies', 'Shows which requests met which faults, and why each was hit or not', 'The newest first. With `fault` and `format=replay`: the ordinals that this fault hit, to be given back as its `replay`.'),
      params: Params('proxy'),
      querystring: Strict({
        fault: Type.Optional(Type.String({ minLength: 1, description: 'only what the fault of this id decided' })),
        hit: Type.Optional(OneOf(['true', 'false'], { description: 'only where a fault hit, or where none did' })),
        path: Type.Optional(Type.String({ minLength: 1, description: 'only requests of this path; as in `match.path`' })),
        connection: Type.Optional(WholeNumber(1, LARGEST, 'only of this connection')),
        id: Type.Optional(WholeNumber(1, LARGEST, 'only this one')),
        limit: Type.Optional(WholeNumber(1, KEPT, `how many; ${SHOWN} unless told`)),
        format: Type.Optional(OneOf(['list', 'replay'], { default: 'list' }))
      }),
      response: { 200: Type.Union([ref(DecisionListSchema), ref(ReplayViewSchema)]), ...errorAnswers }
    }
  }, async (request) => {
    const proxy = proxies.get(request.params.proxy)
    const { format, hit, path, ...query } = request.query
    if (format === 'replay') {
      if (query.fault !== undefined) return proxy.replay(query.fault)
      throw new PremortemError('PMT_ERR_INVALID', { message: 'a replay is of one fault', path: 'query.fault', found: 'nothing', wanted: 'the id of a fault' })
    }
    return proxy.decisionList({
      limit: SHOWN,
      ...query,
      hit: hit === undefined ? undefined : hit === 'true',
      path: path === undefined ? undefined : compilePatterns(path, 'query.path')
    })
  })
}
