import { request } from 'undici'
import type { Dispatcher } from 'undici'
import type { PlanReport } from '../experiment/plan.ts'
import type { FaultResidue } from '../experiment/ports.ts'
import type { RunView, StartOptions } from '../experiment/runs.ts'
import type { ScheduleView } from '../experiment/schedule.ts'
import type { ArmRule } from '../faults/arms.ts'
import type { FaultSpec } from '../faults/envelope.ts'
import { ERRORS, PremortemError } from '../kernel/errors.ts'
import type { ErrorBody } from '../kernel/errors.ts'
import type { Event } from '../kernel/events.ts'
import type { Snapshot } from '../measure/snapshot.ts'
import type { DecisionList, ReplayView } from '../proxy/decision-view.ts'
import type { ProxySpec } from '../proxy/spec.ts'
import type { ConnectionView, FaultView, ProxyView } from '../proxy/view.ts'
import type { HistoryQuery } from '../report/history.ts'
import type { ReportFormat } from '../report/report.ts'
import type { HistoryView } from './schemas/history.ts'
import type { FaultTypeView, HaltView, SidecarView, StateView, WatchView } from './schemas/state.ts'
import { createSseParser } from './sse.ts'

/** How a client reaches a control API. `timeout` bounds each answer, in milliseconds; 10 s unless told. */
export interface ClientOptions { token?: string | undefined, dispatcher?: Dispatcher | undefined, timeout?: number | undefined }

/** A document to send: its text (YAML or JSON, so that errors name line and column), or a plain value. */
export type Document = string | object

/** Which decisions to show; each as the API's query has it. */
export interface DecisionQuery {
  fault?: string | undefined
  hit?: boolean | undefined
  path?: string | undefined
  connection?: string | number | undefined
  id?: string | number | undefined
  limit?: string | number | undefined
}

interface Call {
  query?: Record<string, string | number | boolean | undefined>
  body?: Document
  signal?: AbortSignal
  headers?: Record<string, string>
  /** Milliseconds between two pieces of the answer. */
  idle?: number
}

/** The server writes something every 15 s; after three silent rounds the stream is dead. */
const STREAM_IDLE = 45_000

const path = (strings: TemplateStringsArray, ...parts: string[]): string =>
  String.raw({ raw: strings }, ...parts.map(encodeURIComponent))

/**
 * The control API of a sidecar. Every method throws what the server answered as a PremortemError, and
 * PMT_ERR_CONTROL_UNREACHABLE when nobody answered.
 */
export class ControlClient {
  readonly url: string
  readonly #options: ClientOptions

  constructor (url: string, options: ClientOptions = {}) {
    this.url = url.replace(/\/+$/, '')
    this.#options = options
  }

  proxies (): Promise<ProxyView[]> { return this.#json('GET', '/v1/proxies') }
  proxy (name: string): Promise<ProxyView> { return this.#json('GET', path`/v1/proxies/${name}`) }
  /** Creates or replaces. */
  putProxy (spec: ProxySpec): Promise<ProxyView> { return this.#json('PUT', path`/v1/proxies/${spec.name}`, { body: spec }) }
  patchProxy (name: string, patch: Partial<ProxySpec>): Promise<ProxyView> { return this.#json('PATCH', path`/v1/proxies/${name}`, { body: patch }) }
  async removeProxy (name: string): Promise<void> { await this.#text('DELETE', path`/v1/proxies/${name}`) }
  connections (proxy: string): Promise<ConnectionView[]> { return this.#json('GET', path`/v1/proxies/${proxy}/connections`) }
  snapshot (proxy: string, seconds?: number): Promise<Snapshot> { return this.#json('GET', path`/v1/proxies/${proxy}/snapshot`, { query: { seconds } }) }

  /** The newest first. */
  decisions (proxy: string, query: DecisionQuery = {}): Promise<DecisionList> { return this.#json('GET', path`/v1/proxies/${proxy}/decisions`, { query: { ...query } }) }
  /** What a fault has hit, to be given back as its `seed` and `replay`. */
  replay (proxy: string, fault: string): Promise<ReplayView> { return this.#json('GET', path`/v1/proxies/${proxy}/decisions`, { query: { fault, format: 'replay' } }) }

  faults (proxy: string): Promise<FaultView[]> { return this.#json('GET', path`/v1/proxies/${proxy}/faults`) }
  fault (proxy: string, id: string): Promise<FaultView> { return this.#json('GET', path`/v1/proxies/${proxy}/faults/${id}`) }
  /** What is left of a fault, also of one that is gone. */
  residue (proxy: string, id: string): Promise<FaultResidue> { return this.#json('GET', path`/v1/proxies/${proxy}/faults/${id}/residue`) }
  /** `run` says on whose behalf. */
  addFault (proxy: string, fault: FaultSpec, options: { run?: string } = {}): Promise<FaultView> {
    return this.#json('POST', path`/v1/proxies/${proxy}/faults`, { body: fault, query: options })
  }

  changeFault (proxy: string, id: string, patch: Record<string, unknown>): Promise<FaultView> {
    return this.#json('PATCH', path`/v1/proxies/${proxy}/faults/${id}`, { body: patch })
  }

  /** Starts the lease again: `ttl` milliseconds from now. */
  renewFault (proxy: string, id: string, ttl: number): Promise<FaultView> { return this.changeFault(proxy, id, { ttl }) }
  /** The fault as it was when it went. */
  removeFault (proxy: string, id: string): Promise<FaultView> { return this.#json('DELETE', path`/v1/proxies/${proxy}/faults/${id}`) }
  async removeFaults (proxy: string): Promise<number> {
    return (await this.#json<{ removed: number }>('DELETE', path`/v1/proxies/${proxy}/faults`)).removed
  }

  catalogue (): Promise<FaultTypeView[]> { return this.#json('GET', '/v1/faults') }

  halted (): Promise<HaltView> { return this.#json('GET', '/v1/halt') }
  halt (reason?: string): Promise<HaltView> { return this.#json('POST', '/v1/halt', { body: { reason } }) }
  release (reason: string): Promise<HaltView> { return this.#json('DELETE', '/v1/halt', { body: { reason } }) }

  /** Starts a run; `lease` is how long it goes on without a heartbeat, in milliseconds. */
  startRun (experiment: Document, options: Omit<StartOptions, 'lease' | 'allowed'> & { lease?: number } = {}): Promise<RunView> {
    return this.#json('POST', '/v1/runs', { body: experiment, query: options })
  }

  runs (): Promise<RunView[]> { return this.#json('GET', '/v1/runs') }
  run (id: string): Promise<RunView> { return this.#json('GET', path`/v1/runs/${id}`) }
  abortRun (id: string, reason?: string, outcome?: 'aborted' | 'interrupted'): Promise<RunView> {
    return this.#json('POST', path`/v1/runs/${id}/abort`, { body: { reason, outcome } })
  }

  heartbeat (id: string): Promise<RunView> { return this.#json('POST', path`/v1/runs/${id}/heartbeat`) }
  report (id: string, format: ReportFormat = 'json'): Promise<string> { return this.#text('GET', path`/v1/runs/${id}/report`, { query: { format } }) }
  /** Runs of that and earlier processes there, and how each experiment went over them. */
  history (query: HistoryQuery = {}): Promise<HistoryView> { return this.#json('GET', '/v1/history', { query: { ...query } }) }
  schedule (): Promise<ScheduleView[]> { return this.#json('GET', '/v1/schedule') }
  plan (experiment: Document): Promise<PlanReport> { return this.#json('POST', '/v1/plan', { body: experiment }) }

  openWatch (at: string, objectives: readonly string[], rules: readonly ArmRule[] = []): Promise<WatchView> { return this.#json('POST', '/v1/watches', { body: { at, objectives, rules } }) }
  markPhase (watch: string, name: string): Promise<WatchView> { return this.#json('POST', path`/v1/watches/${watch}/phases`, { body: { name } }) }
  readWatch (watch: string, options: { final?: boolean } = {}): Promise<WatchView> { return this.#json('GET', path`/v1/watches/${watch}`, { query: options }) }
  async closeWatch (watch: string): Promise<void> { await this.#text('DELETE', path`/v1/watches/${watch}`) }

  state (): Promise<StateView> { return this.#json('GET', '/v1/state') }
  sidecars (): Promise<SidecarView[]> { return this.#json('GET', '/v1/sidecars') }
  health (): Promise<{ status: string }> { return this.#json('GET', '/healthz') }
  ready (): Promise<{ status: string }> { return this.#json('GET', '/readyz') }
  metrics (): Promise<string> { return this.#text('GET', '/metrics') }

  /** A client of another sidecar, through this one. */
  sidecar (name: string): ControlClient {
    return new SidecarClient(this.url, name, this.#options)
  }

  /**
   * What happens from now on, or after `lastEventId`. Ends when the server does or `signal` aborts; throws
   * PMT_ERR_CONTROL_UNREACHABLE when the stream breaks.
   */
  async * events (options: { signal?: AbortSignal, lastEventId?: number } = {}): AsyncGenerator<Event, void, undefined> {
    const headers: Record<string, string> = options.lastEventId === undefined ? {} : { 'last-event-id': String(options.lastEventId) }
    const parser = createSseParser()
    try {
      const body = await this.#send('GET', '/v1/events', { signal: options.signal, headers, idle: STREAM_IDLE })
      for await (const piece of body) {
        for (const message of parser.push(piece as Uint8Array)) {
          yield JSON.parse(message.data) as Event
          if (options.signal?.aborted === true) return
        }
      }
    } catch (error) {
      if (options.signal?.aborted === true) return
      throw error instanceof PremortemError ? error : this.#unreachable(error)
    }
  }

  /** Where a path of the API stands on the server. */
  protected locate (path: string): string {
    return this.url + path
  }

  async #json<T> (method: Dispatcher.HttpMethod, path: string, call?: Call): Promise<T> {
    const text = await this.#text(method, path, call)
    try {
      return JSON.parse(text) as T
    } catch (error) {
      throw this.#unreachable(error, `${this.locate(path)} does not answer as premortem does`)
    }
  }

  async #text (method: Dispatcher.HttpMethod, path: string, call: Call = {}): Promise<string> {
    const body = await this.#send(method, path, call)
    try {
      return await body.text()
    } catch (error) {
      throw this.#unreachable(error)
    }
  }

  async #send (method: Dispatcher.HttpMethod, path: string, call: Call): Promise<Dispatcher.ResponseData['body']> {
    const { token, dispatcher, timeout = 10_000 } = this.#options
    const query = Object.fromEntries(Object.entries(call.query ?? {}).filter(([, value]) => value !== undefined))
    let answer: Dispatcher.ResponseData
    try {
      answer = await request(this.locate(path), {
        method,
        query,
        signal: call.signal,
        dispatcher,
        headersTimeout: timeout,
        bodyTimeout: call.idle ?? timeout,
        headers: {
          ...call.headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(call.body === undefined ? {} : { 'content-type': typeof call.body === 'string' ? 'application/yaml' : 'application/json' })
        },
        body: call.body === undefined || typeof call.body === 'string' ? call.body : JSON.stringify(call.body)
      })
    } catch (error) {
      if (call.signal?.aborted === true) throw error
      throw this.#unreachable(error)
    }
    if (answer.statusCode < 400) return answer.body
    throw this.#refusal(answer.statusCode, await answer.body.text().catch(() => ''))
  }

  #refusal (status: number, text: string): PremortemError {
    try {
      const { code, message, ...details } = JSON.parse(text) as ErrorBody
      if (code in ERRORS) return new PremortemError(code, { message, ...details })
    } catch {
      // Not JSON: falls through to the answer below.
    }
    return this.#unreachable(undefined, `${this.url} does not answer as premortem does: status ${status}`)
  }

  #unreachable (cause: unknown, message?: string): PremortemError {
    const why = cause instanceof Error ? (cause as NodeJS.ErrnoException).code ?? cause.message : undefined
    return new PremortemError('PMT_ERR_CONTROL_UNREACHABLE', {
      message: message ?? `no premortem answers at ${this.url}${why === undefined ? '' : ` (${why})`}`, found: this.url, cause
    })
  }
}

class SidecarClient extends ControlClient {
  readonly #prefix: string

  constructor (url: string, name: string, options: ClientOptions) {
    super(url, options)
    this.#prefix = path`/v1/sidecars/${name}`
  }

  protected override locate (path: string): string {
    // Only what stands under /v1 is carried on.
    return this.url + path.replace(/^\/v1(?=\/)/, this.#prefix)
  }
}
