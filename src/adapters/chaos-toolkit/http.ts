import { Agent, buildConnector, request } from 'undici'
import type { Dispatcher } from 'undici'
import type { Cancel } from '../../kernel/clock.ts'
import { ActivityFailed } from './failure.ts'
import { outgoingOf, redirectOf } from './http-request.ts'
import type { Outgoing } from './http-request.ts'
import type { ProviderTools } from './provider.ts'
import type { Json, JsonObject } from './types.ts'

/** As many as Python's requests follows. */
const MOST_REDIRECTS = 30

/** Milliseconds to connect, and between two signs of the answer; undefined for ever. */
interface Timeouts { connect: number | undefined, read: number | undefined }

interface Answer { status: number, headers: Record<string, string>, text: string }

/**
 * Does what an http provider says: `{ status, headers, body }`. A body is parsed only if its Content-Type is exactly
 * application/json. No status is a failure. Throws ActivityFailed, and the signal's reason.
 */
export async function runHttp (provider: JsonObject, tools: ProviderTools, signal: AbortSignal): Promise<Json> {
  const timeouts = timeoutsOf(provider.timeout, tools.timeout)
  const verify = provider.verify_tls === undefined ? tools.verifyTls : provider.verify_tls === true && tools.verifyTls
  const retries = typeof provider.max_retries === 'number' ? provider.max_retries : 0
  let outgoing: Outgoing | null
  try {
    outgoing = outgoingOf(provider)
  } catch (error) {
    throw new ActivityFailed(`failed to connect to ${String(provider.url)}: ${(error as Error).message}`)
  }
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await new Exchange(outgoing, timeouts, verify, tools, signal).run(retries)
    const next = redirectOf(outgoing, answer.status, headerOf(answer, 'location'))
    if (next === null) return { status: answer.status, headers: answer.headers, body: bodyOf(answer) }
    outgoing = next
  }
  throw new ActivityFailed(`exceeded ${MOST_REDIRECTS} redirects`)
}

const headerOf = ({ headers }: Answer, name: string): string | undefined =>
  Object.entries(headers).find(([known]) => known.toLowerCase() === name)?.[1]

function bodyOf (answer: Answer): Json {
  if (headerOf(answer, 'content-type') !== 'application/json') return answer.text
  try {
    return JSON.parse(answer.text) as Json
  } catch {
    return answer.text
  }
}

function timeoutsOf (written: Json | undefined, usual: number | null): Timeouts {
  if (written === undefined || written === null) return { connect: usual ?? undefined, read: usual ?? undefined }
  const [connect, read] = (Array.isArray(written) ? written : [written, written]).map((seconds) => Number(seconds) * 1000)
  if (!Number.isFinite(connect) || !Number.isFinite(read)) throw new ActivityFailed(`timeout does not fit: ${JSON.stringify(written)}`)
  return { connect, read }
}

/** One request and its answer, on a connection of its own. */
class Exchange {
  readonly #outgoing: Outgoing
  readonly #timeouts: Timeouts
  readonly #verify: boolean
  readonly #tools: ProviderTools
  readonly #signal: AbortSignal
  #connected = false

  constructor (outgoing: Outgoing, timeouts: Timeouts, verify: boolean, tools: ProviderTools, signal: AbortSignal) {
    this.#outgoing = outgoing
    this.#timeouts = timeouts
    this.#verify = verify
    this.#tools = tools
    this.#signal = signal
  }

  /** Tries again only where no connection came about: what may have reached the service is not repeated. */
  async run (retries: number): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#once()
      } catch (error) {
        if (this.#signal.aborted) throw this.#signal.reason
        if (error instanceof ActivityFailed) throw error
        if (this.#connected || tries >= retries) {
          throw new ActivityFailed(`failed to connect to ${this.#outgoing.url.href}: ${wordsOf(error)}`)
        }
      }
    }
  }

  async #once (): Promise<Answer> {
    const { clock } = this.#tools
    const ended = new AbortController()
    let cancel: Cancel = () => {}
    let late = false
    // Begins anew with every sign of life.
    const wait = (): void => {
      cancel()
      const { read } = this.#timeouts
      if (read === undefined) return
      cancel = clock.after(read, () => {
        late = true
        ended.abort(new Error('too long'))
      })
    }
    const stop = (): void => ended.abort(this.#signal.reason)
    this.#signal.addEventListener('abort', stop, { once: true })
    if (this.#signal.aborted) stop()
    const agent = this.#agent(wait)
    try {
      const { method, url, headers, body } = this.#outgoing
      const answer = await request(url, {
        method: method as Dispatcher.HttpMethod, headers, body: body ?? null, dispatcher: agent, signal: ended.signal, responseHeaders: 'raw',
        headersTimeout: 0, bodyTimeout: 0
      })
      const chunks: Buffer[] = []
      for await (const chunk of answer.body) {
        wait()
        chunks.push(chunk as Buffer)
      }
      const read = headersOf(answer.headers as unknown as string[])
      return { status: answer.statusCode, headers: read, text: decode(Buffer.concat(chunks), read) }
    } catch (error) {
      throw late ? new ActivityFailed('activity took too long to complete') : error
    } finally {
      cancel()
      this.#signal.removeEventListener('abort', stop)
      await agent.destroy().catch(() => {})
    }
  }

  #agent (connected: () => void): Agent {
    const connect = buildConnector({ timeout: this.#timeouts.connect ?? 0, rejectUnauthorized: this.#verify })
    return new Agent({
      connect: (options, done) => connect(options, (...result) => {
        if (result[0] === null) {
          this.#connected = true
          connected()
        }
        done(...result)
      })
    })
  }
}

/** Names as the server writes them; several of one name are one, set apart by commas. */
function headersOf (raw: readonly string[] | Record<string, string | string[]>): Record<string, string> {
  const pairs: [string, string][] = Array.isArray(raw)
    ? raw.flatMap((name, i) => i % 2 === 0 ? [[name, raw[i + 1]!] as [string, string]] : [])
    : Object.entries(raw).flatMap(([name, value]) => [value].flat().map((each) => [name, each] as [string, string]))
  const headers: Record<string, string> = {}
  for (const [name, value] of pairs) {
    const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase())
    headers[known ?? name] = known === undefined ? value : `${headers[known]}, ${value}`
  }
  return headers
}

function decode (bytes: Buffer, headers: Record<string, string>): string {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const charset = /charset="?([^";\s]+)/i.exec(type)?.[1]
  for (const label of [charset ?? 'utf-8', 'latin1']) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes)
    } catch { /* not in this one */ }
  }
  return bytes.toString('latin1')
}

function wordsOf (error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return message === '' ? code ?? String(error) : message
}
