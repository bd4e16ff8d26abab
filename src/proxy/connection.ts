import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { Direction, StreamBehaviour } from '../faults/fault.ts'
import type { ActiveFault, Plan } from '../faults/plan.ts'
import type { Observer, Outcome } from '../measure/observation.ts'
import { Abandoned } from './abandoned.ts'
import type { ConnectionContext } from './context.ts'
import type { Decisions } from './decisions.ts'
import { Detect } from './detect.ts'
import { Encounters } from './encounters.ts'
import type { Meeting } from './encounters.ts'
import type { Counts, Handler, UpstreamState, Wire } from './handler.ts'
import { Http1 } from './http1/engine.ts'
import { OwnStages } from './own-stages.ts'
import { Pause } from './pause.ts'
import type { Ask } from './pause.ts'
import { Pipe } from './pipe.ts'
import type { Protect } from './protection.ts'
import type { Reader } from './reader.ts'
import type { ProxySettings } from './spec.ts'
import { Stage } from './stage.ts'
import { Tunnel } from './tunnel.ts'
import { dial } from './upstream.ts'
import type { NodeState } from './upstream.ts'
import { Valve } from './valve.ts'
import type { ConnectionView } from './view.ts'

/** How long a connection may linger after both sides were told it ends and have all their bytes, in milliseconds. */
const LINGER = 5000

/**
 * How long bytes are ahead of the RST that follows them, in milliseconds. libuv, and so every client on Node, takes an RST
 * that comes together with bytes for an orderly end.
 */
const AHEAD = 10

/** Why a side is not read at the moment; reading goes on when no reason is left. */
const FULL = 1
const HELD = 2

/** A client's socket and a node's, and everything between them. Both are closed exactly once. */
export class Connection implements Wire, Meeting {
  readonly id: number
  readonly client: Socket
  readonly openedAt: number
  /** The client's IP address, as a socket that takes both kinds of them shows it. */
  readonly address: string
  readonly down: Pipe
  up: Pipe | null = null
  upstream: UpstreamState = 'dialling'
  exchanges = 0
  readonly #context: ConnectionContext
  readonly #encounters = new Encounters(this)
  #handler: Handler
  #node: NodeState
  readonly #fromClient: Valve
  readonly #fromUpstream = new Valve(null)
  readonly #own = new OwnStages()
  #pause: Pause | null = null
  #cancelDial: Cancel = () => {}
  #cancelLinger: Cancel = () => {}
  #upEnded = false
  #closing: Outcome | null = null
  /** How it counts when both ends end by themselves; `reset` once one of them was abandoned. */
  #outcome: Outcome = 'complete'
  #over = false
  readonly #openedWall: number

  constructor (id: number, client: Socket, context: ConnectionContext) {
    this.id = id
    this.client = client
    this.#fromClient = new Valve(client)
    this.#context = context
    this.openedAt = context.clock.now()
    this.#openedWall = context.clock.wall()
    this.address = client.remoteAddress ?? ''
    this.down = this.#pipe(client, (hold) => {
      this.#fromUpstream.hold(FULL, hold)
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
  get decisions (): Decisions { return this.#context.decisions }
  get protection (): Protect { return this.#context.protection }
  get explain (): boolean { return this.#context.settings.explain }
  get stageIds (): readonly string[] { return this.#encounters.ids }
  get over (): boolean { return this.#over }
  get #upstreamSocket (): Socket | null { return this.#fromUpstream.socket }
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
    this.#wait(this.#encounters.openings, Infinity, () => {
      client.on('data', (chunk: Buffer) => { if (this.#closing === null) this.#handler.clientData(chunk) })
      client.on('end', () => { this.#handler.clientEnd() })
      this.#dial(order)
    })
  }

  /** The proxy's plan has changed: faults that are new begin, those that are gone let go. */
  planChanged (): void {
    if (this.#over) return
    this.#meet(false)
    this.#own.planChanged(this.plan, [this.up, this.down])
    if (!this.#over) this.#pause?.planChanged(this.plan)
    if (!this.#over) this.#handler.planChanged()
  }

  spared (fault: ActiveFault): boolean {
    return this.#encounters.spares(fault)
  }

  resetByFault (): void {
    this.reset(this.upstream === 'dialling' ? 'refused' : 'reset')
  }

  closeByFault (): void {
    if (this.#closing !== null || this.#over) return
    this.#closing = 'truncated'
    this.#handler.closed('truncated')
    this.#pause?.cancel()
    this.#cancelDial()
    this.up?.close()
    this.down.close()
    this.#readOn()
    this.#linger()
  }

  abandon (keep: 'client' | 'node'): void {
    if (this.#closing !== null || this.#over) return
    this.#handler.closed('reset')
    this.#handler = new Abandoned(this, keep)
    this.#outcome = 'reset'
    this.#pause?.cancel()
    this.#cancelDial()
    this.down.destroy()
    this.up?.destroy()
    this.#readOn()
    if (keep === 'node') cut(this.client)
    else if (this.#upstreamSocket !== null) cut(this.#upstreamSocket)
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
    this.#context.deliver(this.#node, bytes, method, after)
  }

  drain (): void {
    if (!this.#over) this.#handler.drain()
  }

  holdClient (hold: boolean): void { this.#fromClient.hold(HELD, hold) }
  holdUpstream (hold: boolean): void { this.#fromUpstream.hold(HELD, hold) }

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
    this.#readOn()
    this.#linger()
  }

  reset (outcome: Outcome): void {
    if (this.#over) return
    this.#finish(outcome)
    cut(this.client)
    if (this.#upstreamSocket !== null) cut(this.#upstreamSocket)
  }

  // What still comes is read and thrown away, or the kernel would answer our FIN's peer with RST.
  #readOn (): void {
    this.#fromClient.open()
    this.#fromUpstream.open()
  }

  resetSoon (outcome: Outcome): void {
    this.clock.after(AHEAD, () => { this.reset(outcome) })
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
      ...this.#bytes,
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
    const { connectTimeout } = this.#context.settings
    this.upstream = 'dialling'
    this.#wait(this.#encounters.dials(), connectTimeout, (asked) => {
      if (asked < connectTimeout) return this.#dialNow(order, connectTimeout - asked)
      this.#unreached(order, 'ETIMEDOUT', `a fault makes dialling take longer than ${connectTimeout} ms`)
    })
  }

  #unreached (order: readonly NodeState[], code: string | undefined, why: string): void {
    this.upstream = 'failed'
    this.#context.log.warn({ proxy: this.proxy, node: order.at(-1)!.name, code }, `no node of ${this.proxy} can be reached: ${why}`)
    this.#handler.upstreamFailed()
  }

  #dialNow (order: readonly NodeState[], timeout: number): void {
    this.#cancelDial = dial(order, timeout, this.clock, (dialled) => {
      if ('error' in dialled) return this.#unreached(order, dialled.error.code, dialled.error.message)
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
    this.#fromUpstream.socket = socket
    this.upstream = 'open'
    const before = this.up?.bytes ?? 0
    this.up = this.#pipe(socket, (hold) => { this.#fromClient.hold(FULL, hold) })
    this.up.bytes = before
    this.up.setStages(this.#encounters.up)
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
      if (this.client.closed) this.#finish(this.#closing ?? this.#outcome)
      else this.#linger()
    })
    this.#handler.upstreamOpen()
    if (this.#upEnded) this.up.end()
  }

  // --- faults ---

  get #bytes (): Pick<ConnectionView, 'bytesIn' | 'bytesToNode' | 'bytesFromNode' | 'bytesOut'> {
    const { up, down } = this
    return { bytesIn: up?.bytes ?? 0, bytesToNode: up?.sent ?? 0, bytesFromNode: down.bytes, bytesOut: down.sent }
  }

  #pipe (sink: Socket, hold: (hold: boolean) => void): Pipe {
    return new Pipe(sink, this.clock, {
      hold,
      end: (stage, action) => { this.#encounters.end(stage, action) },
      cut: (how) => {
        if (how === 'close') return this.closeByFault()
        this.#handler.closed('reset')
        this.resetSoon('reset')
      }
    })
  }

  #meet (fresh: boolean): void {
    this.#encounters.meet(fresh)
    if (this.#over) return
    this.up?.setStages(this.#encounters.up)
    this.down.setStages(this.#encounters.down)
  }

  // Waits for what faults ask for, if they do.
  #wait (asks: readonly Ask[], limit: number, go: (asked: number) => void): void {
    if (asks.length === 0) return go(0)
    this.#pause = new Pause(this.clock, asks, limit, (asked) => {
      this.#pause = null
      go(asked)
    })
  }

  // --- the end ---

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
    if (this.#upstreamSocket === null || this.#upstreamSocket.closed) return this.#finish(this.#closing ?? this.#outcome)
    // The client is gone for good; the node is told, and may take its time to answer into the void.
    if (!this.#over && this.#closing === null && this.#outcome === 'complete') this.end('complete')
  }

  #finish (outcome: Outcome): void {
    if (this.#over) return
    this.#over = true
    this.#cancelDial()
    this.#cancelLinger()
    this.#pause?.cancel()
    this.#encounters.leave()
    this.#node.connections--
    this.down.destroy()
    this.up?.destroy()
    this.#handler.closed(outcome)
    const endedAt = this.clock.now()
    const { proxy, node, openedAt, stageIds: faults } = this
    this.observer.observe({
      at: proxy, kind: 'connection', node, startedAt: openedAt, endedAt, outcome, method: '', path: '', status: 0,
      ...this.#bytes, faults
    })
    this.#context.closed(this)
  }
}

// While its FIN is under way libuv refuses to reset a socket, and Node then never closes it.
function cut (socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}
