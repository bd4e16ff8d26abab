import type { Socket } from 'node:net'
import type { Clock } from '../kernel/clock.ts'
import type { EventBus } from '../kernel/events.ts'
import type { Halt } from '../kernel/halt.ts'
import { createLifecycle } from '../kernel/lifecycle.ts'
import type { DrainOptions, Service, State } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/log.ts'
import type { Fault } from '../faults/envelope.ts'
import type { Plan } from '../faults/plan.ts'
import type { Begun } from '../measure/arms.ts'
import { Recorder } from '../measure/recorder.ts'
import type { Snapshot } from '../measure/snapshot.ts'
import { Connection } from './connection.ts'
import type { ConnectionContext } from './context.ts'
import { listDecisions, replayOf } from './decision-view.ts'
import type { DecisionFilter, DecisionList, ReplayView } from './decision-view.ts'
import { Decisions } from './decisions.ts'
import { FaultSet } from './fault-set.ts'
import type { AddOptions } from './fault-set.ts'
import type { Counts } from './handler.ts'
import { Copies } from './http1/copies.ts'
import { listen } from './listener.ts'
import type { Listener } from './listener.ts'
import { compileProtection } from './protection.ts'
import type { Protect } from './protection.ts'
import { checkFault, formatAddress } from './spec.ts'
import type { ProxySettings } from './spec.ts'
import { NO_IDENTITIES } from './tls/authority-source.ts'
import type { IdentitySource } from './tls/authority-source.ts'
import { Originate } from './tls/originate.ts'
import { NO_TLS } from './tls/settings.ts'
import { TlsSide } from './tls/side.ts'
import { Upstream } from './upstream.ts'
import type { NodeState } from './upstream.ts'
import type { ConnectionView, FaultView, ProxyView } from './view.ts'

/** What a proxy needs from outside. `seed` is the proxy's own; without `identities` it has no certificate to show. */
export interface ProxyDeps { clock: Clock, seed: number, log: Logger, events: EventBus, halt: Halt, identities?: IdentitySource }

/** One named listener in front of one upstream, with its faults and figures. */
export class Proxy implements Service, ConnectionContext {
  readonly settings: ProxySettings
  readonly clock: Clock
  readonly log: Logger
  readonly recorder: Recorder
  readonly upstream: Upstream
  readonly counts: Counts = { opaque: 0, malformed: 0 }
  readonly decisions = new Decisions()
  readonly protection: Protect
  readonly tls: TlsSide | null
  readonly originate: Originate | null
  readonly #copies: Copies
  readonly #faults: FaultSet
  readonly #service: Service
  readonly #connections = new Set<Connection>()
  #listener: Listener | null = null
  #address: { host: string, port: number }
  #lastId = 0
  #emptied: (() => void) | null = null

  constructor (settings: ProxySettings, deps: ProxyDeps) {
    this.settings = settings
    this.#address = { host: settings.host, port: settings.port }
    this.clock = deps.clock
    this.log = deps.log.child({ proxy: settings.name })
    this.recorder = new Recorder(settings.protocol === 'tcp' ? 'connection' : 'exchange')
    this.upstream = new Upstream(settings)
    this.#copies = new Copies(deps.clock, settings.connectTimeout)
    this.protection = compileProtection(settings)
    const { identities = NO_IDENTITIES } = deps
    this.tls = settings.tls === NO_TLS ? null : new TlsSide(settings, { clock: this.clock, log: this.log, identities })
    this.originate = this.tls === null ? null : new Originate(this.tls)
    this.#faults = new FaultSet({
      settings: () => this.settings,
      seed: deps.seed,
      clock: deps.clock,
      events: deps.events,
      halt: deps.halt,
      changed: () => { this.#planChanged() }
    })
    for (const fault of settings.faults) this.#faults.add(fault, { source: 'config' })
    this.#service = createLifecycle(`proxy ${settings.name}`, {
      start: async () => {
        await this.tls?.start()
        if (settings.enabled) await this.#listen()
      },
      drain: (options) => this.#drain(options),
      stop: () => this.#stop()
    })
  }

  get name (): string { return this.settings.name }
  get observer (): Recorder { return this.recorder }
  get plan (): Plan { return this.#faults.plan }
  get state (): State { return this.#service.state }

  get enabled (): boolean { return this.#listener !== null }

  /** Where it really listens, or did before it was disabled; as in the settings before it ever has. */
  get address (): { host: string, port: number } { return this.#address }

  /** Listens, if it is enabled. Throws PMT_ERR_ADDRESS_IN_USE or PMT_ERR_ADDRESS. */
  start (): Promise<void> { return this.#service.start() }
  drain (options?: DrainOptions): Promise<void> { return this.#service.drain(options) }
  stop (): Promise<void> { return this.#service.stop() }
  [Symbol.asyncDispose] (): Promise<void> { return this.stop() }

  /** Listens again, on the port it had. Throws PMT_ERR_ADDRESS_IN_USE or PMT_ERR_ADDRESS; it is disabled then. */
  async enable (): Promise<void> {
    if (!this.enabled) await this.#listen()
  }

  /** Stops listening and resets what is open; the port refuses connections by the time this resolves. Faults stay. */
  async disable (): Promise<void> {
    await this.#unlisten()
    for (const connection of this.#connections) connection.reset('reset')
  }

  /**
   * What a fault needs before it can be added: for those that show another certificate, the node's, and the other one. Throws
   * PMT_ERR_FAULT_LAYER, PMT_ERR_NODE_NOT_FOUND and PMT_ERR_UPSTREAM_CERTIFICATE.
   */
  async prepareFault (fault: Fault): Promise<void> {
    checkFault(this.settings, fault)
    await this.tls?.prepare(fault)
  }

  /** Throws PMT_ERR_HALTED, PMT_ERR_FAULT_EXISTS, PMT_ERR_FAULT_LAYER, PMT_ERR_NODE_NOT_FOUND. */
  addFault (fault: Fault, options: AddOptions): FaultView { return this.#faults.add(fault, options) }

  /** Merges `patch` over the fault as written. Throws PMT_ERR_FAULT_NOT_FOUND and what decodeFault throws. */
  changeFault (id: string, patch: Record<string, unknown>): FaultView { return this.#faults.change(id, patch) }

  /** Restarts the lease, `ttl` in milliseconds. Throws PMT_ERR_FAULT_NOT_FOUND. */
  renewFault (id: string, ttl: number): FaultView { return this.#faults.renew(id, ttl) }

  /** Never waits for traffic. Returns how the fault stood. Throws PMT_ERR_FAULT_NOT_FOUND. */
  removeFault (id: string): FaultView { return this.#faults.remove(id) }

  /** How many there were. */
  removeAllFaults (): number { return this.#faults.clear() }

  /** Takes over the faults of the proxy that this one replaces, but for those of its config; and, if both take any, its port. */
  inherit (other: Proxy): void {
    if (this.settings.port === 0 && other.settings.port === 0) this.#address = other.#address
    this.#faults.inherit(other.#faults)
  }

  /** Throws PMT_ERR_FAULT_NOT_FOUND. */
  fault (id: string): FaultView { return this.#faults.view(id) }

  /** Whether a fault is active, and how many that it hit are not over; of one that never was, nothing. */
  residue (id: string): { active: boolean, held: number } { return this.#faults.residue(id) }

  faultViews (): FaultView[] { return this.#faults.views() }

  decisionList (filter: DecisionFilter): DecisionList { return listDecisions(this.decisions, filter, this.clock) }

  /** What a fault has hit, also when it is gone. Throws PMT_ERR_FAULT_NOT_FOUND. */
  replay (id: string): ReplayView { return replayOf(this.decisions, this.#faults.known(id)) }

  connectionViews (): ConnectionView[] {
    return [...this.#connections].map((connection) => connection.view())
  }

  view (): ProxyView {
    const { name, protocol, nodes, balance, never, tagged, explain, tls } = this.settings
    return {
      name,
      listen: formatAddress(this.#address.host, this.#address.port),
      enabled: this.enabled,
      protocol,
      upstream: nodes.map((node) => ({ name: node.name, address: formatAddress(node.host, node.port) })),
      balance,
      tls: { accept: tls.accept, originate: tls.originate !== undefined },
      never: [...never],
      tagged: tagged ?? null,
      explain,
      revision: this.plan.revision,
      connections: this.#connections.size,
      faults: this.faultViews()
    }
  }

  /** Figures of the last `seconds`, and totals. */
  snapshot (seconds = 10): Snapshot {
    return {
      proxy: this.name,
      takenAt: new Date(this.clock.wall()).toISOString(),
      recent: this.recorder.recent(this.clock.now(), seconds),
      totals: structuredClone(this.recorder.totals),
      open: { connections: this.#connections.size, exchanges: this.openExchanges().length },
      nodes: Object.fromEntries(this.upstream.nodes.map(({ name, connections, dialled, failed }) =>
        [name, { connections, dialled, failed }])),
      ...this.counts,
      ...this.tls === null ? {} : { tls: { preFault: this.#preFault() } },
      revision: this.plan.revision
    }
  }

  // Connections that live on a certificate without a flaw while a fault shows another.
  #preFault (): number {
    if (!this.plan.tls.some(({ shadow, fault: { type } }) => !shadow && type.layer === 'tls' && type.needs === 'peek')) return 0
    let count = 0
    for (const connection of this.#connections) if (connection.good) count++
    return count
  }

  /** What is measured and still open: exchanges, or connections of a tcp proxy. */
  openExchanges (): Begun[] {
    const open: Begun[] = []
    for (const { begun } of this.#connections) if (begun !== null) open.push(begun)
    return open
  }

  /** The handshakes that are not decided yet. */
  openHandshakes (): Begun[] {
    const open: Begun[] = []
    for (const connection of this.#connections) {
      if (connection.shakingSince !== null) open.push({ startedAt: connection.shakingSince, traits: connection })
    }
    return open
  }

  /** Called by a connection one of whose requests is to be sent once more. */
  deliver (node: NodeState, bytes: Buffer, method: string, after: number): void {
    this.#copies.deliver(node, bytes, method, after)
  }

  /** Called by a connection that is over. */
  closed (connection: Connection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#emptied?.()
  }

  async #listen (): Promise<void> {
    const { host, port } = this.settings
    this.#listener = await listen(host, port === 0 ? this.#address.port : port, (socket) => { this.#accept(socket) })
    this.#address = this.#listener.address
  }

  async #unlisten (): Promise<void> {
    const listener = this.#listener
    this.#listener = null
    await listener?.close()
  }

  #accept (socket: Socket): void {
    const connection = new Connection(++this.#lastId, socket, this)
    this.#connections.add(connection)
    connection.open()
  }

  // Runs within the API call that changed the plan; each connection only rearranges itself, none waits.
  #planChanged (): void {
    for (const connection of this.#connections) connection.planChanged()
  }

  async #drain ({ deadline, signal }: { deadline: number } & DrainOptions): Promise<void> {
    await this.#unlisten()
    if (this.#connections.size === 0) return
    const empty = new Promise<void>((resolve) => { this.#emptied = resolve })
    for (const connection of this.#connections) connection.drain()
    const cut = new AbortController()
    const signals = signal === undefined ? [cut.signal] : [cut.signal, signal]
    const limit = this.clock.sleep(deadline, AbortSignal.any(signals)).catch(() => {})
    await Promise.race([empty, limit])
    cut.abort()
  }

  async #stop (): Promise<void> {
    await this.#unlisten()
    this.tls?.stop()
    this.#faults.dispose()
    this.#copies.stop()
    for (const connection of this.#connections) connection.reset('reset')
  }
}
