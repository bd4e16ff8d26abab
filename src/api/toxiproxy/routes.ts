import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { faultOfToxic, readToxic, toxicOf, toxicPatch } from '../../faults/toxics.ts'
import type { ToxicView } from '../../faults/toxics.ts'
import { PremortemError } from '../../kernel/errors.ts'
import type { Proxy } from '../../proxy/proxy.ts'
import { readChange, readPopulation, readToxiproxy, toxicsOf, toxiproxyOf } from '../../proxy/toxiproxy.ts'
import type { App, Routes } from '../app.ts'
import { parseJson } from '../body.ts'
import { fromFastify, pathOf } from '../errors.ts'
import { addToxic, changeProxy, createProxy, findToxic, populate, reset } from './change.ts'
import { toxiproxyError } from './errors.ts'

/** The version of Toxiproxy whose API this is; clients choose their verbs by it. */
const VERSION = '2.12.0'

/** Of another API than ours, and documented there. */
const schema = { hide: true }

interface Named { Params: { proxy: string, toxic: string } }

/**
 * Toxiproxy's API, so that its clients work unchanged. Bodies are text until a handler has found what they are for: what is
 * missing is said before what is malformed.
 */
export const toxiproxyRoutes: Routes = (app, { proxies, log }) => {
  prepare(app)
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = error instanceof PremortemError ? error : fromFastify(error)
    if (known === undefined) log.error({ err: error, method: request.method, path: pathOf(request) }, 'a request failed')
    if (known?.code === 'PMT_ERR_UNAUTHORIZED') void reply.header('www-authenticate', 'Bearer')
    const answer = toxiproxyError(known ?? new PremortemError('PMT_ERR_INTERNAL'))
    return reply.status(answer.status).send(answer)
  })

  app.get('/version', { schema }, async (_, reply) => reply.type('application/json;charset=utf-8').send(`{"version": "${VERSION}"}\n`))

  app.post('/reset', { schema }, async (_, reply) => {
    await reset(proxies)
    return reply.status(204).send()
  })

  app.post('/populate', { schema }, async (request, reply) => {
    const { done, error } = await populate(proxies, readPopulation(bodyOf(request)))
    const shown = done.map(toxiproxyOf)
    if (error === undefined) return reply.status(201).send({ proxies: shown })
    const answer = toxiproxyError(error)
    return reply.status(answer.status).send({ ...answer, proxies: shown })
  })

  // Written by hand: an object would put names that are numbers first, and lose one that is __proto__.
  app.get('/proxies', { schema }, async (_, reply) => reply.type('application/json').send(
    `{${proxies.list().map((proxy) => `${JSON.stringify(proxy.name)}:${JSON.stringify(toxiproxyOf(proxy))}`).join(',')}}`))

  app.post('/proxies', { schema }, async (request, reply) =>
    reply.status(201).send(toxiproxyOf(await createProxy(proxies, readToxiproxy(bodyOf(request))))))

  app.get<Named>('/proxies/:proxy', { schema }, async ({ params }) => toxiproxyOf(proxies.get(params.proxy)))

  app.route<Named>({
    method: ['PATCH', 'POST'],
    url: '/proxies/:proxy',
    schema,
    handler: async (request) => {
      const proxy = proxies.get(request.params.proxy)
      return toxiproxyOf(await changeProxy(proxies, proxy, readChange(bodyOf(request))))
    }
  })

  app.delete<Named>('/proxies/:proxy', { schema }, async ({ params }, reply) => {
    await proxies.remove(params.proxy)
    return reply.status(204).send()
  })

  const shown = (proxy: Proxy, name: string): ToxicView => toxicOf(name, findToxic(proxy, name))

  app.get<Named>('/proxies/:proxy/toxics', { schema }, async ({ params }) => toxicsOf(proxies.get(params.proxy)))

  app.post<Named>('/proxies/:proxy/toxics', { schema }, async (request) => {
    const proxy = proxies.get(request.params.proxy)
    const toxic = readToxic(bodyOf(request))
    if (proxy.plan.find(toxic.name) !== undefined) throw new PremortemError('PMT_ERR_FAULT_EXISTS')
    addToxic(proxy, faultOfToxic(toxic))
    return shown(proxy, toxic.name)
  })

  app.get<Named>('/proxies/:proxy/toxics/:toxic', { schema }, async ({ params }) => shown(proxies.get(params.proxy), params.toxic))

  app.route<Named>({
    method: ['PATCH', 'POST'],
    url: '/proxies/:proxy/toxics/:toxic',
    schema,
    handler: async (request) => {
      const proxy = proxies.get(request.params.proxy)
      const name = request.params.toxic
      proxy.changeFault(name, toxicPatch(findToxic(proxy, name), bodyOf(request)))
      return shown(proxy, name)
    }
  })

  app.delete<Named>('/proxies/:proxy/toxics/:toxic', { schema }, async ({ params }, reply) => {
    const proxy = proxies.get(params.proxy)
    findToxic(proxy, params.toxic)
    proxy.removeFault(params.toxic)
    return reply.status(204).send()
  })
}

function prepare (app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_: FastifyRequest, text: string) => text)
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    void reply.header('x-toxiproxy-request-id', request.id)
    // Clients send whatever their language sends when nobody says; even what is no content type.
    if ('content-type' in request.headers) request.headers['content-type'] = 'application/json'
    if (request.headers['user-agent']?.startsWith('Mozilla/') !== true) return
    await reply.status(403).type('text/plain').send('User agent not allowed')
  })
}

function bodyOf ({ body }: { body: unknown }): unknown {
  const text = body as string | undefined
  if (!text?.trim()) throw new PremortemError('PMT_ERR_SYNTAX', { message: 'EOF' })
  return parseJson(text)
}
