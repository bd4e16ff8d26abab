import type { Duplex } from 'node:stream'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PremortemError, toPremortemError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/log.ts'
import { located } from './body.ts'

/** The refusals of fastify and its plugins in our words: whatever they raise with a status below 500 is the request's fault. */
export function fromFastify (error: FastifyError): PremortemError | undefined {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': return new PremortemError('PMT_ERR_TOO_LARGE', { message: 'the body is too large', wanted: 'at most 1 MiB' })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return new PremortemError('PMT_ERR_MEDIA_TYPE')
    default:
      if (error.statusCode === undefined || error.statusCode < 400 || error.statusCode >= 500) return undefined
      return new PremortemError('PMT_ERR_REQUEST', { message: error.message })
  }
}

/** Answers every error with its table's status and its plain data; what was not foreseen is logged, and stays inside. */
export function answerErrors (app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = error instanceof PremortemError ? located(request, error) : fromFastify(error)
    if (known?.code === 'PMT_ERR_UNAUTHORIZED') void reply.header('www-authenticate', 'Bearer')
    if (known !== undefined && known.code !== 'PMT_ERR_INTERNAL') return reply.status(known.status).send(known.toJSON())
    log.error({ err: error, method: request.method, path: pathOf(request) }, 'a request failed')
    const internal = toPremortemError(known ?? new PremortemError('PMT_ERR_INTERNAL'))
    return reply.status(internal.status).send(internal.toJSON())
  })

  app.setNotFoundHandler((request) => {
    throw new PremortemError('PMT_ERR_ROUTE_NOT_FOUND', { message: `no such resource: ${request.method} ${pathOf(request)}` })
  })
}

/** Answers what the router itself could not take, such as a path that is no path. */
export function answerRouterErrors (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const known = fromFastify(error) ?? new PremortemError('PMT_ERR_REQUEST', { message: error.message })
  void reply.status(known.status).send(known.toJSON())
}

/** The path of a request, without its query. */
export function pathOf (request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

/** Answers what Node could not read as HTTP. */
export function answerBrokenHttp (error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const body = JSON.stringify(new PremortemError(tooLarge ? 'PMT_ERR_TOO_LARGE' : 'PMT_ERR_REQUEST', {
    message: tooLarge ? 'the head is too large' : 'the request is not HTTP/1.1'
  }))
  socket.end(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}
