import Fastify from 'fastify'
import { test } from 'tap'
import { plugin } from '../../src/api/app.ts'
import { validatorCompiler } from '../../src/api/body.ts'
import type { ApiDeps } from '../../src/api/deps.ts'
import { Duration, Strict } from '../../src/kernel/schema.ts'

test('a handler gets its query decoded, and its type says so', async (t) => {
  const app = Fastify().setValidatorCompiler(validatorCompiler)
  await app.register(plugin((scope, deps) => {
    scope.get('/wait', { schema: { querystring: Strict({ for: Duration() }) } }, async (request) => {
      const milliseconds: number = request.query.for
      return { milliseconds, version: deps.version }
    })
  }, { version: '9' } as ApiDeps))
  t.same((await app.inject('/wait?for=1m30s')).json(), { milliseconds: 90_000, version: '9' })
  t.equal((await app.inject('/wait?for=ever')).statusCode, 400)
})
