import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync, FastifyTypeProvider, RawServerDefault } from 'fastify'
import type { RawReplyDefaultExpression, RawRequestDefaultExpression } from 'fastify'
import type { Static, StaticDecode, TSchema } from 'typebox'
import type { ApiDeps } from './deps.ts'

/**
 * What a schema means for a handler: bodies and queries as `decode` leaves them, units as numbers. fastify's own
 * provider for TypeBox has them as they were written.
 */
export interface DecodedTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? StaticDecode<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** A fastify instance whose handlers' types come from their schemas. */
export type App =
  FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, DecodedTypes>

/** A plugin of routes. */
export type Routes = (app: App, deps: ApiDeps) => void

/** A plugin of fastify from routes. */
export function plugin (routes: Routes, deps: ApiDeps): FastifyPluginAsync {
  return async (app) => { routes(app.withTypeProvider<DecodedTypes>(), deps) }
}
