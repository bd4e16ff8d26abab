import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHaltFile } from './adapters/halt-file.ts'
import type { HaltFile } from './adapters/halt-file.ts'
import { createLoadStarter } from './adapters/load.ts'
import { createLocalPlane } from './adapters/local-plane.ts'
import { createMetrics } from './adapters/prometheus.ts'
import { createSourceStarter } from './adapters/sources.ts'
import { createFleetPlane } from './api/remote-plane.ts'
import type { Api } from './api/server.ts'
import { haltFileOf } from './config/schema.ts'
import { loadExperiment } from './config/experiment-file.ts'
import type { Config } from './config/schema.ts'
import { NOT_ALLOWED, OWNER } from './experiment/allowed.ts'
import type { Allowed } from './experiment/allowed.ts'
import { openFileJournal } from './experiment/journal.ts'
import type { DataPlane } from './experiment/ports.ts'
import { Runs } from './experiment/runs.ts'
import { Scheduler } from './experiment/schedule.ts'
import { createFileWallets } from './experiment/wallet-file.ts'
import { createLoopLagMeter, createSystemClock } from './kernel/clock.ts'
import type { Clock } from './kernel/clock.ts'
import { PremortemError } from './kernel/errors.ts'
import { EventBus } from './kernel/events.ts'
import { Halt } from './kernel/halt.ts'
import { createLifecycle } from './kernel/lifecycle.ts'
import type { DrainOptions, Service, State } from './kernel/lifecycle.ts'
import { silentLogger } from './kernel/log.ts'
import type { Logger } from './kernel/log.ts'
import { createRandom, freshSeed } from './kernel/random.ts'
import { Proxies } from './proxy/proxies.ts'
import type { ProxySettings } from './proxy/spec.ts'
import { createIdentitySource } from './proxy/tls/authority-source.ts'
import type { IdentitySource } from './proxy/tls/authority-source.ts'
import { PLAIN } from './report/layout.ts'
import type { ReportFormat } from './report/report.ts'
import { readHistory } from './report/history.ts'
import type { HistoryQuery, RunSummary } from './report/history.ts'
import { readStoredRun, renderStored } from './report/stored.ts'

/** premortem's own version. */
export const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

/** How long those who drive runs from elsewhere have to fetch the results of a drain, in milliseconds. */
const LINGER = 2000

/**
 * What may be given beside the configuration. `control: false` leaves the API out, `schedule: true` keeps the schedule; with
 * `allowProcess`, experiments that come over the API may run programs.
 */
export interface PremortemOptions {
  log?: Logger
  clock?: Clock
  seed?: number
  control?: boolean
  schedule?: boolean
  allowProcess?: boolean
}

/** The whole of premortem in one object: proxies, runs and the control API, from a configuration. */
export class Premortem implements Service {
  readonly config: Config
  readonly clock: Clock
  /** What every random choice comes from, unless a fault or a run names its own seed. */
  readonly seed: number
  readonly events: EventBus
  readonly halt: Halt
  readonly proxies: Proxies
  /** The certificates of premortem's own CA. */
  readonly identities: IdentitySource
  /** This process's proxies, and those of the configured sidecars as `sidecar/proxy`. */
  readonly plane: DataPlane
  readonly runs: Runs
  /** What the configuration has run again and again; it does so only where that was asked for. */
  readonly schedule: Scheduler
  readonly #log: Logger
  readonly #control: boolean
  readonly #allowed: Allowed
  readonly #keepsSchedule: boolean
  readonly #runsFolder: string
  readonly #haltFile: HaltFile
  readonly #lifecycle: Service
  // Reading a meter starts it afresh, so each reader has its own.
  readonly #lag = { runs: createLoopLagMeter(), metrics: createLoopLagMeter(), api: createLoopLagMeter() }
  #api: Api | undefined
  #controlUrl: string | null = null

  constructor (config: Config, options: PremortemOptions = {}) {
    this.config = config
    this.clock = options.clock ?? createSystemClock()
    this.seed = options.seed ?? config.seed ?? freshSeed()
    this.#log = options.log ?? silentLogger
    this.#control = options.control ?? true
    this.#allowed = options.allowProcess === true ? OWNER : NOT_ALLOWED
    this.#keepsSchedule = options.schedule ?? false
    this.#runsFolder = join(config.data, 'runs')
    const { clock } = this
    const log = this.#log
    const random = createRandom(this.seed)
    const runSeeds = random.fork('runs')
    this.events = new EventBus(clock)
    this.halt = new Halt(clock, this.events)
    this.#haltFile = createHaltFile({ file: haltFileOf(config), halt: this.halt, clock, log })
    const settings = (): ProxySettings[] => [...config.proxies, ...this.proxies.list().map((proxy) => proxy.settings)]
    this.identities = createIdentitySource(config.ca, settings, clock)
    this.proxies = new Proxies({
      clock, random: random.fork('proxies'), log, events: this.events, halt: this.halt, identities: this.identities
    })
    const local = createLocalPlane({ proxies: this.proxies, clock })
    this.plane = createFleetPlane(local, config.sidecars)
    this.runs = new Runs({
      clock,
      log,
      events: this.events,
      halt: this.halt,
      plane: this.plane,
      startLoad: createLoadStarter({ clock, log }),
      startSource: createSourceStarter({ clock }),
      lag: this.#lag.runs.read,
      openJournal: (id) => openFileJournal(this.#runsFolder, id),
      wallets: createFileWallets(join(config.data, 'wallets')),
      windows: config.windows,
      seed: () => runSeeds.integer(0, 0xffffffff)
    })
    this.schedule = new Scheduler(config.schedule, {
      clock,
      log,
      events: this.events,
      random: random.fork('schedule'),
      runs: this.runs,
      load: async (file) => (await loadExperiment(file)).experiment.document
    })
    this.#lifecycle = createLifecycle('premortem', {
      start: () => this.#start(),
      drain: (drain) => this.#drain(drain),
      stop: () => this.#stop()
    })
  }

  get state (): State { return this.#lifecycle.state }

  /** Where the control API answers; null without one, and before the start. */
  get controlUrl (): string | null { return this.#controlUrl }

  /**
   * Opens every listener. Throws PMT_ERR_TOKEN_REQUIRED, PMT_ERR_ADDRESS_IN_USE or PMT_ERR_ADDRESS, naming the
   * address; what it had begun is stopped by then.
   */
  start (): Promise<void> { return this.#lifecycle.start() }

  /** Interrupts the run in progress, removes its faults, takes no new connections and waits for those in hand. */
  drain (options?: DrainOptions): Promise<void> { return this.#lifecycle.drain(options) }

  /** The same without waiting for connections. */
  stop (): Promise<void> { return this.#lifecycle.stop() }

  [Symbol.asyncDispose] (): Promise<void> { return this.stop() }

  async #start (): Promise<void> {
    const { host, port, tokens } = this.config.control
    if (this.#control && tokens.operator === undefined && !isLoopback(host)) {
      throw new PremortemError('PMT_ERR_TOKEN_REQUIRED', { path: 'control.listen', found: address(host, port), wanted: '`token-file` beside it, or a loopback address' })
    }
    this.#haltFile.start()
    await this.proxies.start()
    const halted = this.halt.state !== null
    // Halted or not, traffic must get through.
    for (const settings of this.config.proxies) await this.proxies.add(halted ? { ...settings, faults: [] } : settings)
    for (const { settings, toxics } of this.config.toxiproxy) await this.proxies.add(settings, halted ? [] : toxics)
    if (halted) this.#log.warn({ ...this.halt.state }, 'halted: no fault of the configuration is set, also not when it is released')
    void this.#warnUnresolved()
    if (this.#control) await this.#listen(host, port)
    if (this.#keepsSchedule) this.schedule.start()
  }

  async #listen (host: string, port: number): Promise<void> {
    // Loading fastify takes longer than all the rest, and most commands and tests have no control API.
    const { buildApi } = await import('./api/server.ts')
    this.#api = await buildApi({
      proxies: this.proxies,
      identities: this.identities,
      runs: this.runs,
      schedule: this.schedule,
      plane: this.plane,
      allowed: this.#allowed,
      protection: this.config.protection,
      halt: this.halt,
      events: this.events,
      clock: this.clock,
      log: this.#log,
      metrics: createMetrics({
        proxies: this.proxies, runs: this.runs, halt: this.halt, lag: this.#lag.metrics.read, version: VERSION
      }),
      sidecars: this.config.sidecars,
      tokens: this.config.control.tokens,
      control: { host, port },
      version: VERSION,
      startedAt: new Date(this.clock.wall()).toISOString(),
      lag: this.#lag.api.read,
      report: (id, format) => this.#report(id, format),
      history: (query) => this.#history(query)
    })
    try {
      await this.#api.listen({ host: host === '' ? '::' : host, port })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new PremortemError(code === 'EADDRINUSE' ? 'PMT_ERR_ADDRESS_IN_USE' : 'PMT_ERR_ADDRESS', {
        message: `the control API cannot listen on ${address(host, port)}`, found: code, cause: error
      })
    }
    const real = this.#api.addresses()[0] as { port: number }
    this.#controlUrl = `http://${address(['', '::', '0.0.0.0'].includes(host) ? '127.0.0.1' : host, real.port)}`
  }

  // The folder has the runs of earlier processes too, and those that were killed.
  async #report (id: string, format: ReportFormat): Promise<string> {
    return renderStored(readStoredRun(this.#runsFolder, id), format, PLAIN)
  }

  // Only this process knows which of its runs are still at it.
  async #history (query: HistoryQuery): Promise<RunSummary[]> {
    const running = new Set(this.runs.list().filter(({ state }) => state === 'running').map(({ id }) => id))
    const summaries = await readHistory(this.#runsFolder, query)
    return summaries.map((run) => run.state === 'unfinished' && running.has(run.id) ? { ...run, state: 'running', problem: null } : run)
  }

  async #drain (options: DrainOptions): Promise<void> {
    await this.runs.stop({ linger: LINGER })
    await this.#api?.close()
    await this.proxies.drain(options)
  }

  async #stop (): Promise<void> {
    this.schedule.stop()
    await this.runs.stop()
    await this.#api?.close()
    await this.proxies.stop()
    this.#haltFile.stop()
    for (const meter of Object.values(this.#lag)) meter.stop()
    this.#controlUrl = null
  }

  // Only a warning: names are resolved at every dial, and a dependency may start later than its sidecar.
  async #warnUnresolved (): Promise<void> {
    const proxies = [...this.config.proxies, ...this.config.toxiproxy.map(({ settings }) => settings)]
    const nodes = proxies.flatMap((proxy) => proxy.nodes.map((node) => ({ proxy: proxy.name, ...node })))
    await Promise.all(nodes.map(async ({ proxy, name, host }) => {
      try {
        await lookup(host)
      } catch (error) {
        const { code, message, hint } = new PremortemError('PMT_ERR_UPSTREAM_UNRESOLVED', { found: host })
        this.#log.warn({ code, proxy, node: name, host, reason: (error as NodeJS.ErrnoException).code, hint }, message)
      }
    }))
  }
}

const address = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
