import type { Socket } from 'node:net'
import type { Clock } from '../kernel/clock.ts'
import type { Handshake, Hello } from '../faults/handshake.ts'
import type { Plan } from '../faults/plan.ts'
import type { Observation } from '../measure/observation.ts'
import type { ConnectionContext } from './context.ts'
import { cut } from './cut.ts'
import type { Encounters } from './encounters.ts'
import type { Handler, Wire } from './handler.ts'
import { reportUnframed } from './http1/exchange.ts'
import type { Pipe } from './pipe.ts'
import type { Ask } from './tls/originate.ts'
import { HandshakeRecord } from './tls/outcome.ts'
import { Reception } from './tls/reception.ts'
import type { Agreed, Order, ReceptionHost } from './tls/reception.ts'
import { Sealed } from './tls/sealed.ts'
import { Valve } from './valve.ts'

/** The connection that a client's side belongs to, as that side sees it. */
export interface ClientOwner extends Wire {
  readonly context: ConnectionContext
  readonly encounters: Encounters
  /** Read the client and dial the node; with this handler, where it is another than was thought. */
  begin (handler?: Handler): void
  /** The side's socket is another now. */
  secured (): void
  /** The connection is over for this side; what was written is on its way. */
  truncated (): void
}

/** What stands for a ClientHello where clients speak in the clear. */
const NO_HELLO: Hello = { sni: undefined, alpn: [], versions: [], resumes: false }

/** A connection's side towards its client: receives TLS, if there is any, and is closed exactly once. */
export class ClientLeg implements ReceptionHost {
  /** What is read and written in the clear: the client's socket, or TLS over it. */
  socket: Socket
  readonly valve: Valve
  /** Of a client that speaks TLS: when its connection was opened, and whether its session was resumed. */
  life: Observation['connection'] = undefined
  /** The certificate it was shown has a flaw. */
  flawed = false
  readonly #owner: ClientOwner
  readonly #raw: Socket
  #reception: Reception | null = null
  #record: HandshakeRecord | null = null
  #orders: readonly Order[] = []
  #hello = NO_HELLO
  #alpn: string | undefined
  /** Stands below TLS where a fault acts on records. */
  #middle: Pipe | null = null
  #received = false
  /** TLS is between the client and the node. */
  #unread = false

  constructor (owner: ClientOwner, socket: Socket) {
    this.#owner = owner
    this.socket = this.#raw = socket
    this.valve = new Valve(socket)
  }

  get clock (): Clock { return this.#owner.clock }
  get client (): Socket { return this.#raw }
  get address (): string { return this.#owner.address }
  get remote (): string { return `${this.#raw.remoteAddress ?? ''}:${this.#raw.remotePort ?? ''}` }
  get middle (): Pipe | null { return this.#middle }

  /** In the middle of a handshake: when that began, in monotonic milliseconds. */
  get shakingSince (): number | null {
    return this.#received || this.#record === null || this.#record.settled ? null : this.#record.startedAt
  }

  /** It has to shake hands and has not. */
  get strange (): boolean { return this.#reception !== null && !this.#received }

  /** Whether a handshake of before is what this client's connection rests on. */
  get good (): boolean { return this.#received && this.life !== undefined && !this.flawed }

  receive (): void {
    const { tls } = this.#owner.context
    if (tls !== null && tls.settings.accept !== 'none') {
      this.#reception = new Reception(this, tls)
      return
    }
    // Then a connection stands for the handshake that it makes with the node.
    if (tls !== null) this.handshake({ hello: NO_HELLO, client: this.address, terminated: true })
    this.#owner.begin()
  }

  planChanged (plan: Plan): void { this.#reception?.planChanged(plan) }

  /** The client has sent something after the handshake. */
  used (): void { if (!this.#unread) this.#record?.used() }

  /** What a node is asked of TLS on this client's behalf; null for nothing. */
  ask (): Ask | null | Promise<Ask> {
    const { tls } = this.#owner.context
    if (tls === null || this.#unread) return null
    const { accept, originate } = tls.settings
    if (originate === undefined && !(accept === 'passthrough' && this.flawed)) return null
    const ask: Ask = { sni: this.#hello.sni, alpn: this.#alpn }
    // The client took what it was shown; the node behind must be the one that was copied.
    if (originate === undefined) return tls.copied(ask.sni).then((pinned) => ({ ...ask, pinned }))
    for (const { active, action } of this.#orders) {
      if (action.do !== 'present') continue
      if (action.flaw === null) return { ...ask, present: null }
      return tls.present(action.flaw, this.wallOf(active.beganAt)).then((present) => ({ ...ask, present }))
    }
    return ask
  }

  /** By RST. */
  cut (): void { cut(this.socket, this.#raw) }

  /** By FIN at best; what is under way may be lost. */
  destroy (): void {
    this.socket.destroy()
    this.#raw.destroy()
  }

  /** All that was written has left, or never will. */
  get out (): boolean {
    const { socket } = this
    return socket.destroyed || socket.writableFinished || this.#raw.writableFinished
  }

  /** The connection is over. */
  closed (how: 'reset' | 'closed'): void {
    this.#reception?.closed(how)
    this.#record?.closed(how)
  }

  // --- the reception's host ---

  wallOf (monotonic: number): number { return this.clock.wall() - this.clock.now() + monotonic }

  handshake (handshake: Handshake): Order[] {
    this.#hello = handshake.hello
    const orders = this.#owner.encounters.handshake(handshake)
    this.#orders = orders
    // They may be gone when it is plain what they did.
    if (this.#record !== null) this.#record.faults = this.#owner.stageIds
    return orders
  }

  record (hello: Hello | null): HandshakeRecord {
    const owner = this.#owner
    const { startedAt } = this.#record = new HandshakeRecord(hello, owner.clock, owner.observer, {
      at: owner.proxy,
      node: () => owner.node,
      drawn: (fault) => owner.drawn(fault),
      // A client that is not received stands for the one request that it came with.
      failed: () => {
        const seen = owner.context.tls?.settings.accept === 'terminate' && owner.protocol !== 'tcp'
        if (seen && owner.exchanges === 0) reportUnframed(owner, 'refused', startedAt)
      }
    })
    return this.#record
  }

  relay (bytes: Buffer, record: HandshakeRecord | null): void {
    this.#received = true
    if (bytes.length > 0) this.#raw.unshift(bytes)
    this.#unread = true
    if (record === null) return this.#owner.begin()
    this.#live(false)
    this.#owner.counts.opaque++
    this.#owner.begin(new Sealed(this.#owner, record))
  }

  agreed ({ socket, alpn, middlebox, flawed }: Agreed): void {
    this.#received = true
    this.#raw.removeAllListeners('close').removeAllListeners('finish').removeAllListeners('error').on('error', () => {})
    this.socket = this.valve.socket = socket
    this.flawed = flawed
    this.#alpn = alpn
    this.#middle = middlebox?.toClient ?? null
    this.#live(socket.isSessionReused())
    this.#owner.secured()
    this.#owner.begin()
  }

  // The end is below TLS: not a word of it may follow.
  cutBelow (how: 'close' | 'reset'): void {
    if (how === 'reset') return this.#owner.resetSoon('reset')
    this.#raw.end()
    this.#owner.truncated()
  }

  dismissed (how: 'close' | 'reset'): void {
    if (how === 'reset') this.#owner.reset('reset')
    else this.#owner.end('truncated')
  }

  failed (error: Error): void {
    const { context: { log }, proxy } = this.#owner
    log.warn({ proxy, sni: this.#hello.sni, reason: error.message }, 'no certificate to show')
    this.#owner.reset('reset')
  }

  #live (resumed: boolean): void { this.life = { openedAt: this.#owner.clock.now(), resumed } }
}
