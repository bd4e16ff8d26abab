import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { Direction, StreamBehaviour } from '../faults/fault.ts'
import type { ActiveFault, Plan } from '../faults/plan.ts'
import type { Begun } from '../measure/arms.ts'
import type { Observation, Observer, Outcome } from '../measure/observation.ts'
import { Abandoned } from './abandoned.ts'
import { ClientLeg } from './client-leg.ts'
import type { ClientOwner } from './client-leg.ts'
import type { ConnectionContext } from './context.ts'
import { AHEAD } from './cut.ts'
import type { Decisions } from './decisions.ts'
import { Detect } from './detect.ts'
import { Encounters } from './encounters.ts'
import type { Meeting } from './encounters.ts'
import type { Counts, Handler, UpstreamState, Wire } from './handler.ts'
import { Http1 } from './http1/engine.ts'
import { NodeLeg } from './node-leg.ts'
import type { LegOwner } from './node-leg.ts'
import { OwnStages } from './own-stages.ts'
import { Pause } from './pause.ts'
import type { Ask } from './pause.ts'
import { Pipe } from './pipe.ts'
import type { Protect } from './protection.ts'
import type { ProxySettings } from './spec.ts'
import { Stage } from './stage.ts'
import type { Ask as TlsAsk } from './tls/originate.ts'
import { Tunnel } from './tunnel.ts'
import type { NodeState } from './upstream.ts'
import type { ConnectionView } from './view.ts'

/** How long a connection may linger after both sides were told it ends and have all their bytes, in milliseconds. */
const LINGER = 5000

/** Why a side is not read at the moment; reading goes on when no reason is left. */
const FULL = 1
const HELD = 2

/** A client's socket and a node's, and everything between them. Both are closed exactly once. */
export class Connection implements Wire, Meeting, LegOwner, ClientOwner {
  readonly id: number
  readonly openedAt: number
  /** The client's IP address, as a socket that takes both kinds of them shows it. */
  readonly address: string
  readonly context: ConnectionContext
  readonly encounters = new Encounters(this)
  down: Pipe
  handler: Handler
  /** How it ends; null while it goes on. */
  closing: Outcome | null = null
  over = false
  exchanges = 0
  readonly #client: ClientLeg
  readonly #node: NodeLeg
  readonly #own = new OwnStages()
  #order: readonly NodeState[] = []
  #pause: Pause | null = null
  #cancelLinger: Cancel = () => {}
  /** How it counts when both ends end by themselves; `reset` once one of them was abandoned. */
  #outcome: Outcome = 'complete'
  readonly #openedWall: number

  constructor (id: number, client: Socket, context: ConnectionContext) {
    this.id = id
    this.context = context
    this.openedAt = context.clock.now()
    this.#openedWall = context.clock.wall()
    this.address = client.remoteAddress ?? ''
    this.#client = new ClientLeg(this, client)
    this.#node = new NodeLeg(this)
    this.down = this.#pipeToClient()
    this.handler = this.#firstHandler()
  }

  get proxy (): string { return this.context.settings.name }
  get protocol (): ProxySettings['protocol'] { return this.context.settings.protocol }
  get clock (): Clock { return this.context.clock }
  get observer (): Observer { return this.context.observer }
  get counts (): Counts { return this.context.counts }
  get plan (): Plan { return this.context.plan }
  get decisions (): Decisions { return this.context.decisions }
  get protection (): Protect { return this.context.protection }
  get explain (): boolean { return this.context.settings.explain }
  get stageIds (): readonly string[] { return this.encounters.ids }
  get client (): Socket { return this.#client.socket }
  get life (): Observation['connection'] { return this.#client.life }
  get up (): Pipe | null { return this.#node.up }
  get upstream (): UpstreamState { return this.#node.state }
  get why (): string | null { return this.#node.why }
  get node (): string { return this.#node.node.name }
  get openSince (): number | null { return this.over ? null : this.#pending ?? this.handler.openSince }

  /** What is measured and still open on it; null if there is nothing. */
  get begun (): Begun | null {
    const startedAt = this.openSince
    return startedAt === null ? null : { startedAt, traits: this.handler.traits ?? this }
  }

  /** In the middle of a TLS handshake: since when, in monotonic milliseconds. */
  get shakingSince (): number | null { return this.#client.shakingSince }

  /** Its TLS session was begun under a certificate without a flaw. */
  get good (): boolean { return this.#client.good }

  /** Deals a node, lets the faults have their say, receives the client. */
  open (): void {
    this.#order = this.context.upstream.deal()
    this.#node.node = this.#order[0]!
    this.#node.node.connections++
    this.#listen()
    this.met(true)
    if (!this.over) this.wait(this.encounters.openings, Infinity, () => { this.#client.receive() })
  }

  /** The proxy's plan has changed: faults that are new begin, those that are gone let go. */
  planChanged (): void {
    if (this.over) return
    this.met(false)
    this.#own.planChanged(this.plan, [this.up, this.down, this.#client.middle])
    if (!this.over) this.#pause?.planChanged(this.plan)
    if (!this.over) this.#client.planChanged(this.plan)
    if (!this.over) this.handler.planChanged()
  }

  drawn (fault: string): boolean | undefined { return this.encounters.drawn(fault) }

  spared (fault: ActiveFault): boolean {
    return this.encounters.spares(fault)
  }

  resetByFault (): void {
    this.reset(this.upstream === 'dialling' ? 'refused' : 'reset')
  }

  closeByFault (): void {
    if (!this.#breakOff()) return
    this.down.close()
    this.#readOn()
    this.linger()
  }

  truncated (): void {
    if (!this.#breakOff()) return
    this.down.destroy()
    this.#readOn()
    this.linger()
  }

  abandon (keep: 'client' | 'node'): void {
    if (this.closing !== null || this.over) return
    this.handler.closed('reset')
    this.handler = new Abandoned(this, keep)
    this.#outcome = 'reset'
    this.#pause?.cancel()
    this.#node.cancel()
    this.down.destroy()
    this.up?.destroy()
    this.#readOn()
    if (keep === 'node') this.#client.cut()
    else this.#node.cut()
  }

  stage (active: ActiveFault, behaviour: StreamBehaviour, direction: Direction): Stage {
    const stage = new Stage(behaviour, active, direction, this.clock.now())
    this.#own.add(stage, active)
    return stage
  }

  unstage (stage: Stage): void {
    this.#own.delete(stage)
  }

  deliver (bytes: Buffer, method: string, after: number): void {
    this.context.deliver(this.#node.node, bytes, method, after)
  }

  drain (): void {
    if (!this.over) this.handler.drain()
  }

  holdClient (hold: boolean): void { this.#client.valve.hold(HELD, hold) }
  holdUpstream (hold: boolean): void { this.#node.valve.hold(HELD, hold) }

  handOver (handler: Handler): void {
    this.handler = handler
  }

  endUp (): void { this.#node.end() }

  end (outcome: Outcome): void {
    if (this.closing !== null) return
    this.closing = outcome
    this.endUp()
    this.down.end()
    this.#readOn()
    this.linger()
  }

  reset (outcome: Outcome): void {
    if (this.over) return
    this.#finish(outcome)
    this.#client.cut()
    this.#node.cut()
  }

  resetSoon (outcome: Outcome): void {
    this.clock.after(AHEAD, () => { this.reset(outcome) })
  }

  redial (): void { this.#node.redial() }

  view (): ConnectionView {
    return {
      id: this.id,
      client: this.#client.remote,
      node: this.node,
      openedAt: new Date(this.#openedWall).toISOString(),
      state: `${this.closing === null ? this.upstream : 'closing'}, ${this.handler.name}`,
      ...this.#bytes,
      exchanges: this.exchanges,
      faults: [...this.stageIds]
    }
  }

  // --- the client's side ---

  begin (handler?: Handler): void {
    if (handler !== undefined) this.#handle(handler)
    // What faults on handshakes do to bytes that pass unread.
    this.down.setStages(this.encounters.down)
    const { client } = this
    client.on('data', (chunk: Buffer) => {
      if (this.closing !== null) return
      this.#client.used()
      this.handler.clientData(chunk)
    })
    client.on('end', () => { this.handler.clientEnd() })
    this.#node.dial(this.#order)
  }

  secured (): void {
    this.down = this.#pipeToClient()
    this.down.setStages(this.encounters.down)
    this.#listen()
    this.#handle(this.#firstHandler())
  }

  // What a fault has abandoned before its handshake stays so.
  #handle (handler: Handler): void {
    if (!(this.handler instanceof Abandoned)) this.handler = handler
  }

  #firstHandler (): Handler {
    switch (this.protocol) {
      case 'tcp': return new Tunnel(this)
      case 'http': return new Http1(this)
      case 'auto': return new Detect(this)
    }
  }

  #listen (): void {
    const { client } = this
    client.on('error', () => { this.broken('client-gone') })
    client.on('close', () => { this.#clientClosed() })
    client.on('finish', () => { this.linger() })
  }

  // A client that is not received yet stands for a request; on a tcp proxy the connection itself is measured.
  get #pending (): number | null { return this.protocol === 'tcp' ? null : this.shakingSince }

  // --- the node's side ---

  ask (): TlsAsk | null | Promise<TlsAsk> { return this.#client.ask() }

  pipeTo (socket: Socket): Pipe {
    return this.#pipe(socket, (hold) => { this.#client.valve.hold(FULL, hold) })
  }

  nodeClosed (): void {
    if (this.client.closed) this.#finish(this.closing ?? this.#outcome)
    else this.linger()
  }

  // --- faults ---

  get #bytes (): Pick<ConnectionView, 'bytesIn' | 'bytesToNode' | 'bytesFromNode' | 'bytesOut'> {
    const { up, down } = this
    return { bytesIn: up?.bytes ?? 0, bytesToNode: up?.sent ?? 0, bytesFromNode: down.bytes, bytesOut: down.sent }
  }

  #pipeToClient (): Pipe {
    return this.#pipe(this.client, (hold) => {
      this.#node.valve.hold(FULL, hold)
      if (!hold) this.handler.drained()
    })
  }

  #pipe (sink: Socket, hold: (hold: boolean) => void): Pipe {
    return new Pipe(sink, this.clock, {
      hold,
      end: (stage, action) => { this.encounters.end(stage, action) },
      cut: (how) => {
        if (how === 'close') return this.closeByFault()
        this.handler.closed('reset')
        this.resetSoon('reset')
      }
    })
  }

  met (fresh = true): void {
    this.encounters.meet(fresh)
    if (this.over) return
    this.up?.setStages(this.encounters.up)
    this.down.setStages(this.encounters.down)
  }

  // Waits for what faults ask for, if they do.
  wait (asks: readonly Ask[], limit: number, go: (asked: number) => void): void {
    if (asks.length === 0) return go(0)
    this.#pause = new Pause(this.clock, asks, limit, (asked) => {
      this.#pause = null
      go(asked)
    })
  }

  // --- the end ---

  // What still comes is read and thrown away, or the kernel would answer our FIN's peer with RST.
  #readOn (): void {
    this.#client.valve.open()
    this.#node.valve.open()
  }

  // False if it has ended already.
  #breakOff (): boolean {
    if (this.closing !== null || this.over) return false
    this.closing = 'truncated'
    this.handler.closed('truncated')
    this.#pause?.cancel()
    this.#node.cancel()
    this.up?.close()
    return true
  }

  // Once all is out, a side that does not end is not waited for much longer. Not by RST: that would take back what the
  // kernel still has to deliver.
  linger (): void {
    const out = (socket: Socket | null): boolean => socket === null || socket.destroyed || socket.writableFinished
    if (this.closing === null || this.over || !this.#client.out || !out(this.#node.socket)) return
    this.#cancelLinger()
    this.#cancelLinger = this.clock.after(LINGER, () => {
      this.#finish(this.closing!)
      this.#client.destroy()
      this.#node.socket?.destroy()
    })
  }

  // One side broke: the other learns it the same way.
  broken (outcome: Outcome): void {
    this.reset(this.closing ?? outcome)
  }

  #clientClosed (): void {
    const { socket } = this.#node
    if (socket === null || socket.closed) return this.#finish(this.closing ?? (this.#client.strange ? 'truncated' : this.#outcome))
    // The client is gone for good; the node is told, and may take its time to answer into the void.
    if (!this.over && this.closing === null && this.#outcome === 'complete') this.end('complete')
  }

  #finish (outcome: Outcome): void {
    if (this.over) return
    this.over = true
    this.#node.cancel()
    this.#cancelLinger()
    this.#pause?.cancel()
    this.encounters.leave()
    this.#node.node.connections--
    this.down.destroy()
    this.up?.destroy()
    this.handler.closed(outcome)
    this.#client.closed(outcome === 'reset' || outcome === 'client-gone' ? 'reset' : 'closed')
    const endedAt = this.clock.now()
    const { proxy, node, openedAt, stageIds: faults, life } = this
    this.observer.observe({
      at: proxy, kind: 'connection', node, startedAt: openedAt, endedAt, outcome, method: '', path: '', status: 0,
      ...this.#bytes, faults, traits: this, ...life === undefined ? {} : { connection: life }
    })
    this.context.closed(this)
  }
}
