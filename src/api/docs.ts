import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TSchema } from 'typebox'
import type { App } from './app.ts'
import { TAGS } from './schemas/route.ts'
import { asSent } from './schemas/schema.ts'

/** OpenAPI of every route registered after this, at /openapi.json, and a page to try it, at /docs. */
export async function documentRoutes (app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'premortem',
        version,
        description: 'The control API of a sidecar proxy that injects faults, runs timed experiments and judges service level objectives.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'needed where tokens are configured' } } },
      security: [{}, { token: [] }]
    },
    transform: ({ schema, url }) => {
      const sent = ['body', 'querystring', 'headers'].filter((part) => part in (schema ?? {}))
      return { schema: { ...schema, ...Object.fromEntries(sent.map((part) => [part, asSent(schema[part as 'body'] as TSchema)])) }, url }
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => typeof schema.$id === 'string' ? schema.$id : `schema-${i}` }
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
