import { Pool } from 'undici'
import type { CounterSource, QuerySource } from '../experiment/sources.ts'
import { PremortemError } from '../kernel/errors.ts'

/** One number of an instant vector, with its labels. */
export interface Point { labels: Readonly<Record<string, string>>, value: number }

/** Asks a Prometheus. `ask` rejects with an Error whose message says in a few words what went wrong. */
export interface PrometheusClient { ask (query: string, signal: AbortSignal): Promise<Point[]>, close (): Promise<void> }

/** How much of an answer is read, in bytes. */
const LONGEST = 8 << 20

/** How much is told of what a Prometheus says went wrong. */
const TOLD = 120

/** A client of a source's Prometheus. Throws PMT_ERR_INVALID if the variable with its token is not set. */
export function createPrometheusClient (
  { name, url, headers, tokenEnv }: CounterSource | QuerySource, env: Readonly<Record<string, string | undefined>> = process.env
): PrometheusClient {
  const token = tokenEnv === undefined ? undefined : env[tokenEnv]
  if (tokenEnv !== undefined && !token) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'the environment variable is not set', path: `steady-state.sources.${name}.token-env`, found: tokenEnv, wanted: 'one that holds the token' })
  }
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  const sent = { ...headers, ...token === undefined ? {} : { authorization: `Bearer ${token.trim()}` } }
  return {
    async ask (query, signal) {
      const path = `${pathname.replace(/\/$/, '')}/api/v1/query?${new URLSearchParams({ query })}`
      const { statusCode, body } = await pool.request({ path, method: 'GET', headers: sent, signal }).catch((error: NodeJS.ErrnoException) => {
        throw new Error(`no answer: ${error.code ?? error.name}`)
      })
      const chunks: Buffer[] = []
      let read = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        read += chunk.length
        if (read > LONGEST) throw new Error('the answer is too long')
        chunks.push(chunk)
      }
      return pointsOf(statusCode, Buffer.concat(chunks).toString())
    },
    close: () => pool.destroy()
  }
}

/** What an answer of /api/v1/query says. Throws an Error in a few words if that is no instant vector and no scalar. */
export function pointsOf (status: number, text: string): Point[] {
  let answer: { status?: unknown, error?: unknown, data?: { resultType?: unknown, result?: unknown } } | null
  try {
    answer = JSON.parse(text) as typeof answer
  } catch {
    throw new Error(`status ${status}, and no JSON`)
  }
  if (answer?.status !== 'success') throw new Error(typeof answer?.error === 'string' ? `Prometheus says: ${answer.error.slice(0, TOLD)}` : `status ${status}`)
  const { resultType, result } = answer.data ?? {}
  if (resultType === 'scalar') return [{ labels: {}, value: numberOf(result) }]
  if (resultType !== 'vector' || !Array.isArray(result)) throw new Error(`the answer is a ${String(resultType)}, not a vector`)
  const series = result as { metric?: Record<string, string>, value?: unknown }[]
  return series.map(({ metric = {}, value }) => ({ labels: metric, value: numberOf(value) }))
}

/** The number of a pair of time and text; Prometheus writes `+Inf` and `NaN`. */
function numberOf (pair: unknown): number {
  const text = Array.isArray(pair) ? String(pair[1]) : ''
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : text === '' ? NaN : Number(text)
}
