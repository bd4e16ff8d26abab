import type { Socket } from 'node:net'
import type { Cancel } from '../kernel/clock.ts'
import type { Outcome } from '../measure/observation.ts'
import type { ConnectionContext } from './context.ts'
import { cut } from './cut.ts'
import type { Encounters } from './encounters.ts'
import type { Handler, UpstreamState } from './handler.ts'
import type { Ask as PauseAsk } from './pause.ts'
import type { Pipe } from './pipe.ts'
import { receivedAlert } from './tls/outcome.ts'
import type { Ask } from './tls/originate.ts'
import { dial } from './upstream.ts'
import type { Dialled, NodeState, Secure } from './upstream.ts'
import { Valve } from './valve.ts'

/** The connection that a node's side belongs to, as that side sees it. */
export interface LegOwner {
  readonly context: ConnectionContext
  readonly encounters: Encounters
  readonly handler: Handler
  readonly over: boolean
  /** How it ends; null while it goes on. */
  readonly closing: Outcome | null
  readonly down: Pipe
  /** What the node is asked of TLS; null if it is spoken to in the clear. */
  ask (): Ask | null | Promise<Ask>
  /** A pipe to the node, which holds the client's side when it is full. */
  pipeTo (socket: Socket): Pipe
  /** Waits for what faults ask for. */
  wait (asks: readonly PauseAsk[], limit: number, go: (asked: number) => void): void
  /** Another node than was dealt has answered: faults on it have not been met yet. */
  met (): void
  broken (outcome: Outcome): void
  linger (): void
  /** The node's socket is closed. */
  nodeClosed (): void
}

/** A connection's side towards its node: dials it, reads it, and is closed exactly once. */
export class NodeLeg {
  state: UpstreamState = 'dialling'
  up: Pipe | null = null
  node: NodeState
  /** What TLS with the node failed by; null while it has not. */
  why: string | null = null
  readonly valve = new Valve(null)
  readonly #owner: LegOwner
  #raw: Socket | null = null
  #cancelDial: Cancel = () => {}
  #ended = false

  constructor (owner: LegOwner) {
    this.#owner = owner
    this.node = owner.context.upstream.nodes[0]!
  }

  get socket (): Socket | null { return this.valve.socket }

  /** Dials a node, after what faults want to wait for. */
  dial (order: readonly NodeState[]): void {
    const { context: { settings: { connectTimeout } }, encounters } = this.#owner
    this.state = 'dialling'
    this.#owner.wait(encounters.dials(), connectTimeout, (asked) => {
      if (asked < connectTimeout) return this.#ask(order, connectTimeout - asked)
      this.#unreached(order, { code: 'ETIMEDOUT', message: `a fault makes dialling take longer than ${connectTimeout} ms` })
    })
  }

  /** Forgets the node it has and dials anew. */
  redial (): void {
    this.socket?.destroy()
    this.up?.destroy()
    this.dial(this.#owner.context.upstream.deal())
  }

  /** Sends FIN to the node, now or when it is reached. */
  end (): void {
    this.#ended = true
    if (this.up !== null) this.up.end()
    else if (this.state === 'failed') this.#owner.down.end()
  }

  /** By RST. */
  cut (): void {
    if (this.socket !== null) cut(this.socket, this.#raw!)
  }

  cancel (): void { this.#cancelDial() }

  // What is asked of TLS may have to be made first.
  #ask (order: readonly NodeState[], timeout: number): void {
    const ask = this.#owner.ask()
    if (!(ask instanceof Promise)) return this.#connect(order, timeout, ask)
    ask.then((ready) => { if (!this.#owner.over) this.#connect(order, timeout, ready) }, (error: NodeJS.ErrnoException) => {
      if (!this.#owner.over) this.#unreached(order, error)
    })
  }

  #connect (order: readonly NodeState[], timeout: number, ask: Ask | null): void {
    const { context } = this.#owner
    const { originate } = context
    const secure: Secure | undefined = ask === null || originate === null
      ? undefined
      : (raw, node, done) => { originate.secure(raw, node, ask, done) }
    this.#cancelDial = dial(order, timeout, context.clock, (dialled) => {
      if ('error' in dialled) {
        if (dialled.connected) this.why = dialled.error.code ?? dialled.error.message
        return this.#unreached(order, dialled.error)
      }
      if (dialled.node !== this.node) {
        this.node.connections--
        this.node = dialled.node
        this.node.connections++
        this.#owner.met()
        if (this.#owner.over) {
          dialled.raw.destroy()
          return
        }
      }
      this.#attach(dialled)
    }, secure)
  }

  #unreached (order: readonly NodeState[], { code, message }: { code?: string | undefined, message: string }): void {
    const { context: { log, settings: { name } }, handler } = this.#owner
    this.state = 'failed'
    log.warn({ proxy: name, node: order.at(-1)!.name, code }, `no node of ${name} can be reached: ${message}`)
    handler.upstreamFailed()
  }

  #attach ({ socket, raw, reader }: Exclude<Dialled, { error: unknown }>): void {
    const owner = this.#owner
    this.valve.socket = socket
    this.#raw = raw
    this.state = 'open'
    const before = this.up?.bytes ?? 0
    this.up = owner.pipeTo(socket)
    this.up.bytes = before
    this.up.setStages(owner.encounters.up)
    let read = false
    const current = (): boolean => this.socket === socket
    reader.into((chunk) => {
      if (owner.closing !== null || !current()) return true
      read = true
      owner.handler.upstreamData(chunk)
      return owner.down.empty && !owner.handler.keeps
    })
    socket.on('end', () => {
      if (!current()) return
      this.state = 'ended'
      if (owner.closing === null) owner.handler.upstreamEnd()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!current() || owner.over) return
      this.state = 'ended'
      if (owner.closing === null && !read && receivedAlert(error.code) !== undefined) return this.#refused(error)
      // Who closes with bytes unread sends RST; the client shall still have what came before.
      if (owner.closing === null && !owner.handler.upstreamBroken()) owner.broken('reset')
    })
    socket.on('finish', () => { owner.linger() })
    socket.on('close', () => { if (current()) owner.nodeClosed() })
    owner.handler.upstreamOpen()
    if (this.#ended) this.up.end()
  }

  // In TLS 1.3 a node refuses our certificate only after the handshake is over for us (RFC 8446, 4.4.2.4).
  #refused (error: NodeJS.ErrnoException): void {
    this.why = error.code!
    this.node.failed++
    this.#unreached([this.node], error)
  }
}
