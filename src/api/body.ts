import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { decode, describe } from '../kernel/schema.ts'
import { parseText } from '../kernel/text.ts'
import type { ParsedText } from '../kernel/text.ts'
import { isWritten } from './schemas/schema.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's text as it was parsed, to find where a value stands; null if the body was not YAML. */
    parsed: ParsedText | null
  }
}

/** The largest body taken, in bytes. */
export const BODY_LIMIT = 1024 * 1024

const BASES: Record<string, string> = { body: '', querystring: 'query' }

/** Checks and decodes bodies, queries and parameters with the kernel's `decode`, as everything else is. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = '' }) => (value: unknown) => {
  try {
    if (httpPart === 'body' && (value === undefined || value === null)) {
      if (!('default' in schema)) throw new PremortemError('PMT_ERR_REQUEST', { message: 'the body is empty', found: 'nothing', wanted: describe(schema) })
      return { value: decode(schema, schema.default) }
    }
    return { value: isWritten(schema) ? value : decode(schema, value, BASES[httpPart] ?? httpPart) }
  } catch (error) {
    return { error: error as Error }
  }
}

/** Teaches an instance to read JSON and YAML bodies. An empty body is no body. */
export function readBodies (app: FastifyInstance): void {
  app.decorateRequest('parsed', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, text: string) => {
    return text.trim() === '' ? undefined : parseJson(text)
  })
  app.addContentTypeParser<string>(/^(application|text)\/(x-)?yaml\b/, { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    if (text.trim() === '') return undefined
    request.parsed = parseText(text)
    return request.parsed.value
  })
}

/** The fields that a PATCH changes, as they were written. Throws PMT_ERR_INVALID for anything else, and for none. */
export function changeOf (body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length > 0) return body as Record<string, unknown>
  throw new PremortemError('PMT_ERR_INVALID', { message: 'nothing to change', path: '', found: body, wanted: 'a mapping with the fields that change' })
}

/** The error with the line and column of the value it names, if the request's body was YAML. */
export function located (request: FastifyRequest, error: PremortemError): PremortemError {
  if (request.parsed === null || error.details.path === undefined) return error
  try {
    request.parsed.locate(() => { throw error })
  } catch (found) {
    return found as PremortemError
  }
  return error
}

/** The value of a JSON text. Throws PMT_ERR_SYNTAX with line and column. */
export function parseJson (text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const message = (error as Error).message
    const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length)
    const before = text.slice(0, offset).split('\n')
    throw new PremortemError('PMT_ERR_SYNTAX', {
      message: `not JSON: ${message.replace(/,? (in JSON )?at position .*$/s, '')}`, line: before.length, column: before.at(-1)!.length + 1
    })
  }
}
