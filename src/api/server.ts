import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { plugin } from './app.ts'
import type { DecodedTypes, Routes } from './app.ts'
import { auditChanges } from './audit.ts'
import { BODY_LIMIT, readBodies, validatorCompiler } from './body.ts'
import type { ApiDeps } from './deps.ts'
import { documentRoutes } from './docs.ts'
import { answerBrokenHttp, answerErrors, answerRouterErrors, pathOf } from './errors.ts'
import { createGuard } from './guard.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { eventRoutes } from './routes/events.ts'
import { faultRoutes } from './routes/faults.ts'
import { haltRoutes } from './routes/halt.ts'
import { historyRoutes } from './routes/history.ts'
import { healthRoutes } from './routes/health.ts'
import { planRoutes } from './routes/plan.ts'
import { proxyRoutes } from './routes/proxies.ts'
import { runRoutes } from './routes/runs.ts'
import { scheduleRoutes } from './routes/schedule.ts'
import { sidecarRoutes } from './routes/sidecars.ts'
import { stateRoutes } from './routes/state.ts'
import { tlsRoutes } from './routes/tls.ts'
import { watchRoutes } from './routes/watches.ts'
import { allComponents } from './schemas/schema.ts'
import { toxiproxyRoutes } from './toxiproxy/routes.ts'

/** The longest name in a path. */
const NAME_LIMIT = 256

const ROUTES: readonly Routes[] = [
  proxyRoutes, faultRoutes, decisionRoutes, haltRoutes, runRoutes, historyRoutes, scheduleRoutes, planRoutes, eventRoutes,
  stateRoutes, healthRoutes, tlsRoutes, watchRoutes, sidecarRoutes, toxiproxyRoutes
]

/** The control API: a fastify instance. */
export type Api = FastifyInstance

/** The control API, ready to listen or to be injected into. Closing it ends its event streams. */
export async function buildApi (deps: ApiDeps): Promise<Api> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    return503OnClosing: false,
    routerOptions: { maxParamLength: NAME_LIMIT },
    frameworkErrors: answerRouterErrors,
    clientErrorHandler: answerBrokenHttp
  }).withTypeProvider<DecodedTypes>()

  const guard = createGuard({ host: deps.control.host, tokens: deps.tokens })
  app.addHook('onRequest', async (request) => {
    guard({ method: request.method, path: pathOf(request), headers: request.headers })
  })
  auditChanges(app, deps)
  answerErrors(app, deps.log)
  readBodies(app)
  app.setValidatorCompiler(validatorCompiler)
  // Answers are plain data of a type that the compiler holds against the schema: nothing is left to convert or to leave out.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  for (const schema of allComponents()) app.addSchema(schema)

  await documentRoutes(app, deps.version)
  for (const routes of ROUTES) await app.register(plugin(routes, deps))
  await app.ready()
  return app
}
