import httpProxy from '@fastify/http-proxy'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Sidecar } from '../../config/schema.ts'
import { PremortemError } from '../../kernel/errors.ts'
import type { App, Routes } from '../app.ts'
import { ControlClient } from '../client.ts'
import { errorAnswers } from '../schemas/error.ts'
import { Params, about } from '../schemas/route.ts'
import { ref } from '../schemas/schema.ts'
import { SidecarViewSchema } from '../schemas/state.ts'

type Headers = Record<string, string | string[] | number | undefined>

/** How long a sidecar may take to say that it is there, and to connect and answer, in milliseconds. */
const PROBE = 2000
const CONNECT = 5000
const ANSWER = 15_000
/** Longer than the silence between two signs of life of an event stream. */
const SILENCE = 45_000

/** Other sidecars, and everything of their `/v1` under `/v1/sidecars/:name`. */
export const sidecarRoutes: Routes = (app, { sidecars }) => {
  app.get('/v1/sidecars', {
    schema: { ...about('listSidecars', 'sidecars', 'Lists the other sidecars of the config'), response: { 200: Type.Array(ref(SidecarViewSchema)), ...errorAnswers } }
  }, async () => Promise.all(sidecars.map(async ({ name, url, token }) => {
    const reachable = await new ControlClient(url, { token, timeout: PROBE }).health().then(() => true, () => false)
    return { name, url, reachable }
  })))

  void app.register(async (scope) => carry(scope, sidecars))
}

function carry (app: App, sidecars: readonly Sidecar[]): void {
  const byName = new Map(sidecars.map((sidecar) => [sidecar.name, sidecar]))
  const nameOf = (request: unknown): string => (request as FastifyRequest<{ Params: { name: string } }>).params.name
  const sidecarOf = (request: unknown): Sidecar => {
    const sidecar = byName.get(nameOf(request))
    if (sidecar !== undefined) return sidecar
    throw new PremortemError('PMT_ERR_SIDECAR_NOT_FOUND', { found: nameOf(request), wanted: byName.size === 0 ? 'no sidecars are configured' : `one of ${[...byName.keys()].join(', ')}` })
  }

  // Event streams have no end of their own, and closing waits for what is open.
  const open = new Set<FastifyReply['raw']>()
  app.addHook('onRequest', async (request, reply) => {
    sidecarOf(request)
    open.add(reply.raw)
    reply.raw.once('close', () => open.delete(reply.raw))
  })
  app.addHook('preClose', async () => {
    for (const response of open) response.destroy()
  })

  // The plugin declares its routes itself; this is what documentation says of them.
  app.addHook('onRoute', (route) => {
    if (!route.url.endsWith('/*')) {
      route.schema = { hide: true }
      return
    }
    route.schema = {
      tags: ['sidecars'],
      summary: 'Carries a request to another sidecar',
      description: 'Everything of its /v1, events included. The token is the one of the config.',
      params: Params('name', '*'),
      response: { '2xx': { description: 'what the sidecar answered' }, ...errorAnswers }
    }
  })

  // Bodies are passed on as they come.
  app.removeAllContentTypeParsers()
  void app.register(httpProxy, {
    prefix: '/v1/sidecars/:name',
    rewritePrefix: '/v1',
    upstream: '',
    httpMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    internalRewriteLocationHeader: false,
    retryMethods: [],
    disableRequestLogging: true,
    undici: { headersTimeout: ANSWER, bodyTimeout: SILENCE, connect: { timeout: CONNECT } },
    replyOptions: {
      getUpstream: (request: unknown) => sidecarOf(request).url,
      rewriteRequestHeaders: (request: unknown, headers: Headers) => requestHeaders(headers, sidecarOf(request)),
      rewriteHeaders: (headers: Headers, request: unknown) => answerHeaders(headers, nameOf(request)),
      onError: (reply: { request: unknown, send (error: Error): unknown }, { error }: { error: Error }) => {
        const { name, url } = sidecarOf(reply.request)
        reply.send(new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE', { message: `the sidecar ${name} does not answer at ${url}`, found: url, cause: error }))
      }
    }
  } as never)
}

// Our caller's token is ours alone, and the caller's origin was checked here.
function requestHeaders (found: Headers, { token }: Sidecar): Headers {
  const { authorization: _, origin: __, cookie: ___, ...headers } = found
  return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` }
}

function answerHeaders (headers: Headers, name: string): Headers {
  const { location } = headers
  if (typeof location !== 'string' || !location.startsWith('/v1/')) return headers
  return { ...headers, location: `/v1/sidecars/${encodeURIComponent(name)}${location.slice('/v1'.length)}` }
}
