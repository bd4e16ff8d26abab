import { request } from 'undici'
import { ActivityFailed } from './failure.ts'
import { isObject } from './python.ts'
import type { Json, JsonObject } from './types.ts'

/** An API of Toxiproxy's kind, such as a sidecar's: paths are taken as they are, answers are what they say. */
export interface ToxiproxyApi {
  /** Resolves with null for a 404. Throws ActivityFailed for any other refusal, and if nothing answers. */
  call (method: 'GET' | 'POST' | 'DELETE', path: string, body?: JsonObject): Promise<JsonObject | null>
}

/** How long an answer may take, in milliseconds. */
const TIMEOUT = 10_000

/** The API at a URL. */
export function createToxiproxyApi (url: string, { token }: { token?: string | undefined } = {}): ToxiproxyApi {
  return {
    async call (method, path, body) {
      let status: number
      let text: string
      try {
        const answer = await request(url + path, {
          method,
          headersTimeout: TIMEOUT,
          bodyTimeout: TIMEOUT,
          headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
          body: body === undefined ? null : JSON.stringify(body)
        })
        status = answer.statusCode
        text = await answer.body.text()
      } catch (error) {
        throw new ActivityFailed(`nothing answers at ${url}: ${(error as Error).message}`)
      }
      if (status === 404) return null
      const told = parsed(text)
      if (status < 400) return isObject(told) ? told : {}
      throw new ActivityFailed(`${method} ${path} was refused: ${isObject(told) && typeof told.error === 'string' ? told.error : `status ${status}`}`)
    }
  }
}

function parsed (text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}
