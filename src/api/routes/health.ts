import { Type } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'
import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { about, answerOf } from '../schemas/route.ts'

const Status = Type.Object({ status: Type.String() })

/** Probes and metrics. */
export const healthRoutes: Routes = (app, { proxies, metrics }) => {
  app.get('/healthz', {
    schema: { ...about('health', 'health', 'Says that the process answers'), response: { 200: Status, ...errorAnswers } }
  }, async () => ({ status: 'ok' }))

  app.get('/readyz', {
    schema: { ...about('ready', 'health', 'Says whether the proxies take traffic'), response: { 200: Status, ...errorAnswers } }
  }, async () => {
    if (proxies.state !== 'running') throw new PremortemError('PMT_ERR_NOT_READY', { message: `the proxies are ${proxies.state}` })
    return { status: 'ready' }
  })

  app.get('/metrics', {
    schema: { ...about('metrics', 'health', 'Metrics in Prometheus\' text format'), response: { 200: answerOf('samples', 'text/plain'), ...errorAnswers } }
  }, async (_request, reply) => {
    const text = await metrics.text()
    return reply.type(metrics.contentType).serializer((payload: string) => payload).send(text)
  })
}
