import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import type { RunningSource } from '../experiment/ports.ts'
import type { HttpSource } from '../experiment/sources.ts'
import type { Clock } from '../kernel/clock.ts'
import type { SampleObserver } from '../measure/sampling.ts'
import { startProbeLoop } from './probe-loop.ts'
import type { ProbeEnd } from './probe-loop.ts'

/** How many requests may be open at a time. */
const MAX_OPEN = 1000

/** How much of a body is looked at, in bytes. */
const LOOKED_AT = 1 << 20

/**
 * Requests a URL at fixed times with undici. Connections are kept alive, redirects not followed, nothing is retried. What
 * fails is bad.
 */
export function startHttpProbe (spec: HttpSource, observer: SampleObserver, clock: Clock): RunningSource {
  const { origin, pathname, search } = new URL(spec.url)
  // The deadline counts from when a probe was due, which undici does not know: its own timeouts are off.
  const pool = new Pool(origin, {
    connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: spec.timeout }
  })
  const options = { path: `${pathname}${search}`, method: spec.method as Dispatcher.HttpMethod, headers: spec.headers }
  return startProbeLoop({
    clock,
    spec,
    observer,
    silence: 'bad',
    timed: true,
    maxOpen: MAX_OPEN,
    probe (done) {
      const cut = new AbortController()
      request(pool, { ...options, signal: cut.signal }, spec).then(done, (error: Error) => {
        done({ result: 'bad', why: `no answer: ${codeOf(error)}`, answered: false })
      })
      return () => cut.abort()
    },
    free: () => pool.destroy()
  })
}

async function request (
  pool: Pool, options: Dispatcher.RequestOptions, { status: wanted, body: pattern }: HttpSource
): Promise<ProbeEnd> {
  const { statusCode, body } = await pool.request(options)
  let text = ''
  let read = 0
  const decoder = new TextDecoder()
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (pattern !== undefined && read < LOOKED_AT) text += decoder.decode(chunk.subarray(0, LOOKED_AT - read), { stream: true })
    read += chunk.length
  }
  const fits = wanted.length === 0 ? statusCode >= 200 && statusCode <= 299 : wanted.includes(statusCode)
  if (!fits) return { result: 'bad', why: `status ${statusCode}`, answered: true }
  if (pattern !== undefined && !pattern.test(text)) return { result: 'bad', why: 'the body does not fit', answered: true }
  return { result: 'good', answered: true }
}

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.name
