import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { ActiveFault, Plan } from '../faults/plan.ts'
import type { StreamAction, StreamBehaviour } from '../faults/fault.ts'
import { NO_FAULTS } from '../measure/observation.ts'
import type { Observer, Outcome } from '../measure/observation.ts'
import { Detect } from './detect.ts'
import type { Counts, Handler, UpstreamState, Wire } from './handler.ts'
import { Http1 } from './http1/engine.ts'
import { Pipe } from './pipe.ts'
import type { Stage } from './pipe.ts'
import type { Reader } from './reader.ts'
import type { ProxySettings } from './spec.ts'
import { Tunnel } from './tunnel.ts'
import { dial } from './upstream.ts'
import type { NodeState, Upstream } from './upstream.ts'
import type { ConnectionView } from './view.ts'

/** How long a connection may linger after both sides were told it ends and have all their bytes, in milliseconds. */
const LINGER = 5000

/** Why a side is not read at the moment; reading goes on when no reason is left. */
const FULL = 1
const HELD = 2

/** What a connection needs from its proxy. */
export interface ConnectionContext {
  readonly settings: ProxySettings
  readonly clock: Clock
  readonly log: Logger
  readonly observer: Observer
  readonly upstream: Upstream
  readonly counts: Counts
  readonly plan: Plan
  /** The connection is over. */
  closed (connection: Connection): void
}

/** What a fault is to one connection: at work, spared by its share, or none of its business. */
interface Encounter { active: ActiveFault, behaviour: StreamBehaviour | undefined, ignored: boolean, cancel?: Cancel }

/** A client's socket and a node's, and everything between them. Both are closed exactly once. */
export class Connection implements Wire {
  readonly id: number
  readonly client: Socket
  readonly openedAt: number
  readonly down: Pipe
  up: Pipe | null = null
  upstream: UpstreamState = 'dialling'
  exchanges = 0
  stageIds: readonly string[] = NO_FAULTS
  readonly #context: ConnectionContext
  readonly #encounters = new Map<string, Encounter>()
  #handler: Handler
  #node: NodeState
  #upstreamSocket: Socket | null = null
  #clientHeld = 0
  #upstreamHeld = 0
  #cancelDial: Cancel = () => {}
  #cancelLinger: Cancel = () => {}
  #upEnded = false
  #closing: Outcome | null = null
  #over = false
  readonly #openedWall: number

  constructor (id: number, client: Socket, context: ConnectionContext) {
    this.id = id
    this.client = client
    this.#context = context
    this.openedAt = context.clock.now()
    this.#openedWall = context.clock.wall()
    this.down = new Pipe(client, context.clock, (hold) => {
      this.#readUpstream(FULL, hold)
      if (!hold) this.#handler.drained()
    })
    this.#node = context.upstream.nodes[0]!
    this.#handler = this.#firstHandler()
  }

  get proxy (): string { return this.#context.settings.name }
  get protocol (): ProxySettings['protocol'] { return this.#context.settings.protocol }
  get clock (): Clock { return this.#context.clock }
  get observer (): Observer { return this.#context.observer }
  get counts (): Counts { return this.#context.counts }
  get plan (): Plan { return this.#context.plan }
  get node (): string { return this.#node.name }
  get openSince (): number | null { return this.#over ? null : this.#handler.openSince }

  /** Deals a node, lets the faults have their say, dials. */
  open (): void {
    const order = this.#context.upstream.deal()
    this.#node = order[0]!
    this.#node.connections++
    const { client } = this
    client.on('error', () => { this.#break('client-gone') })
    client.on('close', () => { this.#clientClosed() })
    client.on('finish', () => { this.#linger() })
    this.#meet(true)
    if (this.#over) return
    client.on('data', (chunk: Buffer) => { if (this.#closing === null) this.#handler.clientData(chunk) })
    client.on('end', () => { this.#handler.clientEnd() })
    this.#dial(order)
  }

  /** The proxy's plan has changed: faults that are new begin, those that are gone let go. */
  planChanged (): void {
    if (this.#over) return
    this.#meet(false)
    if (!this.#over) this.#handler.planChanged()
  }

  spared (fault: ActiveFault): boolean {
    return this.#encounters.get(fault.id)?.ignored === true
  }

  drain (): void {
    if (!this.#over) this.#handler.drain()
  }

  holdClient (hold: boolean): void { this.#readClient(HELD, hold) }
  holdUpstream (hold: boolean): void { this.#readUpstream(HELD, hold) }

  handOver (handler: Handler): void {
    this.#handler = handler
  }

  endUp (): void {
    this.#upEnded = true
    if (this.up !== null) this.up.end()
    else if (this.upstream === 'failed') this.down.end()
  }

  end (outcome: Outcome): void {
    if (this.#closing !== null) return
    this.#closing = outcome
    this.endUp()
    this.down.end()
    // What still comes is read and thrown away, or the kernel would answer our FIN's peer with RST.
    this.#clientHeld = this.#upstreamHeld = 0
    this.client.resume()
    this.#upstreamSocket?.resume()
    this.#linger()
  }

  reset (outcome: Outcome): void {
    if (this.#over) return
    this.#finish(outcome)
    cut(this.client)
    if (this.#upstreamSocket !== null) cut(this.#upstreamSocket)
  }

  redial (): void {
    this.#upstreamSocket?.destroy()
    this.up?.destroy()
    this.#dial(this.#context.upstream.deal())
  }

  view (): ConnectionView {
    return {
      id: this.id,
      client: `${this.client.remoteAddress ?? ''}:${this.client.remotePort ?? ''}`,
      node: this.node,
      openedAt: new Date(this.#openedWall).toISOString(),
      state: `${this.#closing === null ? this.upstream : 'closing'}, ${this.#handler.name}`,
      bytesIn: this.up?.bytes ?? 0,
      bytesOut: this.down.bytes,
      exchanges: this.exchanges,
      faults: [...this.stageIds]
    }
  }

  #firstHandler (): Handler {
    switch (this.protocol) {
      case 'tcp': return new Tunnel(this)
      case 'http': return new Http1(this)
      case 'auto': return new Detect(this)
    }
  }

  // --- upstream ---

  #dial (order: readonly NodeState[]): void {
    this.upstream = 'dialling'
    this.#cancelDial = dial(order, this.#context.settings.connectTimeout, this.clock, (dialled) => {
      if ('error' in dialled) {
        this.upstream = 'failed'
        const { code, message } = dialled.error
        this.#context.log.warn({ proxy: this.proxy, node: order.at(-1)!.name, code }, `no node of ${this.proxy} can be reached: ${message}`)
        return this.#handler.upstreamFailed()
      }
      if (dialled.node !== this.#node) {
        this.#node.connections--
        this.#node = dialled.node
        this.#node.connections++
        // Faults on the node that answered have not been met yet.
        this.#meet(true)
        if (this.#over) {
          dialled.socket.destroy()
          return
        }
      }
      this.#attach(dialled.socket, dialled.reader)
    })
  }

  #attach (socket: Socket, reader: Reader): void {
    this.#upstreamSocket = socket
    this.upstream = 'open'
    const before = this.up?.bytes ?? 0
    this.up = new Pipe(socket, this.clock, (hold) => { this.#readClient(FULL, hold) })
    this.up.bytes = before
    if (this.stageIds.length > 0) this.#setStages()
    const current = (): boolean => this.#upstreamSocket === socket
    reader.into((chunk) => {
      if (this.#closing !== null || !current()) return true
      this.#handler.upstreamData(chunk)
      return this.down.empty && !this.#handler.keeps
    })
    socket.on('end', () => {
      if (!current()) return
      this.upstream = 'ended'
      if (this.#closing === null) this.#handler.upstreamEnd()
    })
    socket.on('error', () => {
      if (!current() || this.#over) return
      this.upstream = 'ended'
      // Who closes with bytes unread sends RST; the client shall still have what came before.
      if (this.#closing === null && !this.#handler.upstreamBroken()) this.#break('reset')
    })
    socket.on('finish', () => { this.#linger() })
    socket.on('close', () => {
      if (!current()) return
      if (this.client.closed) this.#finish(this.#closing ?? 'complete')
      else this.#linger()
    })
    this.#handler.upstreamOpen()
    if (this.#upEnded) this.up.end()
  }

  // --- faults ---

  /** Meets the faults of the plan that concern this connection; `fresh` if it opens now. */
  #meet (fresh: boolean): void {
    const { plan } = this
    if (plan.faults.length === 0 && this.#encounters.size === 0) return
    for (const [id, encounter] of this.#encounters) {
      const active = plan.find(id)
      if (active === encounter.active && active.concerns(this.node)) continue
      encounter.cancel?.()
      if (active === undefined || !active.concerns(this.node)) this.#encounters.delete(id)
      else if (!encounter.ignored) this.#begin(active)
      if (this.#over) return
    }
    for (const active of plan.faults) {
      if (this.#encounters.has(active.id) || !active.concerns(this.node)) continue
      if (fresh) this.#begin(active)
      else this.#beginExisting(active)
      if (this.#over) return
    }
    this.#setStages()
  }

  // A fault begins on a connection that was open before it.
  #beginExisting (active: ActiveFault): void {
    const { existing, type } = active.fault
    if (existing === 'affect') return this.#begin(active)
    if (existing === 'ignore') {
      this.#encounters.set(active.id, { active, behaviour: undefined, ignored: true })
      return
    }
    // Stream faults choose connections by their share; http faults choose requests, so all their connections go.
    const chosen = type.layer === 'http' ? !active.shadow : this.#decide(active) !== undefined
    this.#encounters.set(active.id, { active, behaviour: undefined, ignored: type.layer === 'stream' })
    if (!chosen) return
    active.counters.existing[existing]++
    if (existing !== 'reset') return this.drain()
    this.#blame(active)
    this.reset('reset')
  }

  #begin (active: ActiveFault): void {
    const behaviour = this.#decide(active)
    const encounter: Encounter = { active, behaviour, ignored: false }
    this.#encounters.set(active.id, encounter)
    const action = behaviour?.open?.(0, 0)
    if (action !== undefined) this.#act(encounter, action)
  }

  #decide (active: ActiveFault): StreamBehaviour | undefined {
    const { n, verdict } = active.decideOnConnection(this.client.remoteAddress ?? '')
    return verdict === 'hit' ? active.begin(n) : undefined
  }

  #act (encounter: Encounter, action: StreamAction): void {
    if (action.do !== 'reset' && action.do !== 'hold') return
    if (action.ms === Infinity) return
    const act = (): void => {
      this.#blame(encounter.active)
      this.reset(this.upstream === 'dialling' && action.do === 'reset' ? 'refused' : 'reset')
    }
    if (action.ms === 0 && action.do === 'reset') act()
    else encounter.cancel = this.clock.at(this.clock.now() + action.ms, act)
  }

  // A fault that ends the connection may do so before it is among the stages.
  #blame ({ id }: ActiveFault): void {
    if (!this.stageIds.includes(id)) this.stageIds = [...this.stageIds, id]
  }

  #setStages (): void {
    const ids: string[] = []
    const up: Stage[] = []
    const down: Stage[] = []
    for (const { active, behaviour } of this.#encounters.values()) {
      if (behaviour === undefined) continue
      ids.push(active.id)
      const { direction } = active.fault
      const stage = { behaviour, counters: active.counters }
      if (direction !== 'downstream') up.push(stage)
      if (direction !== 'upstream') down.push(stage)
    }
    this.stageIds = ids.length === 0 ? NO_FAULTS : ids
    this.up?.setStages(up)
    this.down.setStages(down)
  }

  // --- the end ---

  #readClient (reason: number, hold: boolean): void {
    const before = this.#clientHeld
    this.#clientHeld = hold ? before | reason : before & ~reason
    if (before === 0 && this.#clientHeld !== 0) this.client.pause()
    else if (before !== 0 && this.#clientHeld === 0) this.client.resume()
  }

  #readUpstream (reason: number, hold: boolean): void {
    const before = this.#upstreamHeld
    this.#upstreamHeld = hold ? before | reason : before & ~reason
    if (before === 0 && this.#upstreamHeld !== 0) this.#upstreamSocket?.pause()
    else if (before !== 0 && this.#upstreamHeld === 0) this.#upstreamSocket?.resume()
  }

  // Once all is out, a side that does not end is not waited for much longer. Not by RST: that would take back what the
  // kernel still has to deliver.
  #linger (): void {
    const out = (socket: Socket | null): boolean => socket === null || socket.destroyed || socket.writableFinished
    if (this.#closing === null || this.#over || !out(this.client) || !out(this.#upstreamSocket)) return
    this.#cancelLinger()
    this.#cancelLinger = this.clock.after(LINGER, () => {
      this.#finish(this.#closing!)
      this.client.destroy()
      this.#upstreamSocket?.destroy()
    })
  }

  // One side broke: the other learns it the same way.
  #break (outcome: Outcome): void {
    this.reset(this.#closing ?? outcome)
  }

  #clientClosed (): void {
    if (this.#upstreamSocket === null || this.#upstreamSocket.closed) return this.#finish(this.#closing ?? 'complete')
    // The client is gone for good; the node has been told, and may take its time to answer into the void.
    if (!this.#over && this.#closing === null) this.end('complete')
  }

  #finish (outcome: Outcome): void {
    if (this.#over) return
    this.#over = true
    this.#cancelDial()
    this.#cancelLinger()
    for (const encounter of this.#encounters.values()) encounter.cancel?.()
    this.#node.connections--
    this.#handler.closed(outcome)
    const endedAt = this.clock.now()
    const { proxy, node, openedAt } = this
    this.observer.observe({
      at: proxy, kind: 'connection', node, startedAt: openedAt, endedAt, outcome, method: '', path: '', status: 0,
      bytesIn: this.up?.bytes ?? 0, bytesOut: this.down.bytes, faults: this.stageIds
    })
    this.down.destroy()
    this.up?.destroy()
    this.#context.closed(this)
  }
}

// While its FIN is under way libuv refuses to reset a socket, and Node then never closes it.
function cut (socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}
