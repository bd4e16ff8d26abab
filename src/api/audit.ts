import type { FastifyInstance } from 'fastify'
import type { EventBus } from '../kernel/events.ts'
import type { Logger } from '../kernel/log.ts'
import { pathOf } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether this request changes something worth a line in the audit log; true unless the handler says otherwise. */
    audited: boolean
  }
  interface FastifyContextConfig {
    /** false for a route that changes nothing though it is no GET. */
    audited?: boolean
  }
}

/** Logs every change that succeeded, and publishes it as the event `audit`. */
export function auditChanges (app: FastifyInstance, { log, events }: { log: Logger, events: EventBus }): void {
  app.decorateRequest('audited', true)
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request
    if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return
    if (reply.statusCode >= 400 || !request.audited || request.routeOptions.config.audited === false) return
    const entry = { method, path: pathOf(request), client: request.ip, status: reply.statusCode }
    log.info(entry, 'changed')
    events.publish('audit', entry)
  })
}
