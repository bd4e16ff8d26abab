import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import type { LoadSpec, StartLoad } from '../experiment/ports.ts'
import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/log.ts'
import type { Traits } from '../measure/arms.ts'
import type { Outcome } from '../measure/observation.ts'
import { startOpenLoop } from './open-loop.ts'
import type { Send } from './open-loop.ts'

/**
 * Starts open-loop load with undici: as many connections as there are open requests, kept alive, never pipelined;
 * redirects are not followed and nothing is retried. Starting throws PMT_ERR_INVALID if the URL cannot be read.
 */
export function createLoadStarter ({ clock, log }: { clock: Clock, log: Logger }): StartLoad {
  return (spec, observer) => {
    const url = parseUrl(spec.url)
    // The deadline counts from the intended send time, which undici does not know: its own timeouts are off.
    const pool = new Pool(url.origin, {
      connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: spec.timeout }
    })
    const told = new Set<string>()
    const tell = (error: Error): void => {
      const code = codeOf(error)
      if (told.has(code)) return
      told.add(code)
      log.info({ url: spec.url, code }, `a request of the load failed: ${error.message} (further ones of this code are only counted)`)
    }
    const requests = requestsOf(spec, url)
    const traitsOf = (user: number): Traits => ({ header: (name) => requests(user).headers[name] })
    const send = createSend(pool, spec, requests, tell)
    return startOpenLoop({ clock, spec, observer, send, free: () => pool.destroy(), traitsOf })
  }
}

/** What is sent in one user's name. Header names are lower case. */
interface Request { path: string, headers: Record<string, string>, body: string | undefined }

/** The requests of users, made when they are first asked for: there are as many as users, and each is sent again and again. */
function requestsOf ({ headers, body, users }: LoadSpec, { pathname, search }: URL): (user: number) => Request {
  const made = new Map<number, Request>()
  // A URL has its braces encoded.
  const path = `${pathname}${search}`.replaceAll('%7Buser%7D', '{user}')
  return (user) => {
    const found = made.get(user)
    if (found !== undefined) return found
    const fill = (text: string): string => users === undefined ? text : text.replaceAll('{user}', String(user))
    const request: Request = {
      path: fill(path),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), fill(value)])),
      body: body === undefined ? undefined : fill(body)
    }
    made.set(user, request)
    return request
  }
}

function createSend (pool: Pool, spec: LoadSpec, requests: (user: number) => Request, tell: (error: Error) => void): Send {
  return (done, user) => {
    const { path, headers, body } = requests(user)
    const options: Dispatcher.DispatchOptions = { method: spec.method as Dispatcher.HttpMethod, path, headers, body }
    const bytesIn = Buffer.byteLength(body ?? '')
    let controller: Dispatcher.DispatchController | undefined
    let gone = false
    let status = 0
    let bytesOut = 0
    pool.dispatch(options, {
      onRequestStart (started) {
        controller = started
        if (gone) controller.abort(CUT)
      },
      onResponseStart (_, code) { status = code },
      onResponseData (_, chunk) { bytesOut += chunk.length },
      onResponseEnd () { done({ outcome: 'complete', status, bytesIn, bytesOut }) },
      onResponseError (_, error) {
        if (!gone) tell(error)
        done({ outcome: controller === undefined ? 'refused' : outcomeOf(error), status, bytesIn, bytesOut })
      }
    })
    return () => {
      gone = true
      controller?.abort(CUT)
    }
  }
}

const CUT = new Error('cut by the load generator')

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.name

/** What an error of undici, after the request went out, says of how it ended. */
export function outcomeOf (error: Error): Outcome {
  const code = codeOf(error)
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset'
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return 'malformed'
  // The other side closed in order (UND_ERR_SOCKET), or sent less than it had announced.
  return 'truncated'
}

function parseUrl (text: string): URL {
  try {
    return new URL(text)
  } catch (cause) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not a URL', path: 'load.url', found: text, wanted: 'a URL such as http://127.0.0.1:8080/checkout', cause })
  }
}
