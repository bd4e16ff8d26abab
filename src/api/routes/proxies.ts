import { Type } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'
import { Strict, decode } from '../../kernel/schema.ts'
import type { Protected } from '../../proxy/protection.ts'
import type { Proxy } from '../../proxy/proxy.ts'
import { decodeProxy, formatAddress } from '../../proxy/spec.ts'
import type { ProxySpec } from '../../proxy/spec.ts'
import { KEPT } from '../../measure/window.ts'
import type { Routes } from '../app.ts'
import { changeOf } from '../body.ts'
import { errorAnswers } from '../schemas/error.ts'
import { ConnectionViewSchema, ProxyBody, ProxyPatchBody, ProxyPatchSchema, ProxyViewSchema, SnapshotSchema } from '../schemas/proxy.ts'
import { Nothing, Params, about } from '../schemas/route.ts'
import { WholeNumber, ref } from '../schemas/schema.ts'

const params = Params('proxy')

/** Proxies, their connections and figures. */
export const proxyRoutes: Routes = (app, { proxies, protection }) => {
  app.get('/v1/proxies', {
    schema: { ...about('listProxies', 'proxies', 'Lists all proxies'), response: { 200: Type.Array(ref(ProxyViewSchema)), ...errorAnswers } }
  }, async () => proxies.list().map((proxy) => proxy.view()))

  app.get('/v1/proxies/:proxy', {
    schema: { ...about('getProxy', 'proxies', 'Shows a proxy'), params, response: { 200: ref(ProxyViewSchema), ...errorAnswers } }
  }, async (request) => proxies.get(request.params.proxy).view())

  app.put('/v1/proxies/:proxy', {
    schema: {
      ...about('putProxy', 'proxies', 'Creates a proxy, or replaces it'),
      params,
      body: ProxyBody,
      response: { 200: ref(ProxyViewSchema), 201: ref(ProxyViewSchema), ...errorAnswers }
    }
  }, async (request, reply) => {
    const name = request.params.proxy
    const settings = decodeProxy(named(request.body, name), '', protection)
    const existed = proxies.find(name) !== undefined
    const proxy = await proxies.replace(settings)
    return reply.status(existed ? 200 : 201).send(proxy.view())
  })

  app.patch('/v1/proxies/:proxy', {
    schema: {
      ...about('patchProxy', 'proxies', 'Changes a proxy', '`{"enabled":false}` alone closes the listener and resets what is open, and `true` opens it on the same port; all else stays. With anything more the proxy starts anew with the settings merged, on the same port unless `listen` says otherwise: open connections are cut.'),
      params,
      body: ProxyPatchBody,
      response: { 200: ref(ProxyViewSchema), ...errorAnswers }
    }
  }, async (request) => {
    const proxy = proxies.get(request.params.proxy)
    const change = changeOf(request.body)
    decode(ProxyPatchSchema, change)
    if (Object.keys(change).join() === 'enabled') return (await proxies.setEnabled(proxy.name, change.enabled as boolean)).view()
    return (await proxies.replace(decodeProxy({ ...specOf(proxy, protection), ...change }, '', protection))).view()
  })

  app.delete('/v1/proxies/:proxy', {
    schema: { ...about('removeProxy', 'proxies', 'Removes a proxy and closes its connections'), params, response: { 204: Nothing, ...errorAnswers } }
  }, async (request, reply) => {
    await proxies.remove(request.params.proxy)
    return reply.status(204).send(null)
  })

  app.get('/v1/proxies/:proxy/connections', {
    schema: { ...about('listConnections', 'proxies', 'Lists a proxy\'s open connections'), params, response: { 200: Type.Array(ref(ConnectionViewSchema)), ...errorAnswers } }
  }, async (request) => proxies.get(request.params.proxy).connectionViews())

  app.get('/v1/proxies/:proxy/snapshot', {
    schema: {
      ...about('getSnapshot', 'proxies', 'Shows a proxy\'s rates, percentiles, statuses and totals'),
      params,
      querystring: Strict({ seconds: Type.Optional(WholeNumber(1, KEPT - 1, 'how far back rates and percentiles go; 10 unless told')) }),
      response: { 200: ref(SnapshotSchema), ...errorAnswers }
    }
  }, async (request) => proxies.get(request.params.proxy).snapshot(request.query.seconds))
}

// The path names the proxy; a body that names another is a mistake.
function named (body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const found = (body as Partial<ProxySpec>).name
  if (found !== undefined && found !== name) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'the body names another proxy than the path', path: 'name', found, wanted: `${name}, or no name` })
  }
  return { ...body, name }
}

/** A proxy's settings as one would write them, on the port it really has, without what it has from the config. */
function specOf ({ settings, address, enabled }: Proxy, protection: Protected): ProxySpec {
  const never = settings.never.filter((path) => !protection.never.includes(path))
  return {
    name: settings.name,
    ...(never.length === 0 ? {} : { never }),
    ...(settings.tagged === protection.tagged ? {} : { tagged: settings.tagged }),
    ...(settings.tls.spec === undefined ? {} : { tls: settings.tls.spec }),
    ...(settings.explain ? { explain: true } : {}),
    listen: formatAddress(settings.host, address.port),
    enabled,
    protocol: settings.protocol,
    upstream: settings.nodes.map(({ name, host, port }) => `${name}=${formatAddress(host, port)}`),
    balance: settings.balance,
    'connect-timeout': settings.connectTimeout,
    faults: settings.faults.map((fault) => fault.spec)
  }
}
