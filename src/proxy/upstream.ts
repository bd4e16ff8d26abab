import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { Reader } from './reader.ts'
import type { ProxySettings, UpstreamNode } from './spec.ts'

/** A node and what is going on with it. */
export interface NodeState extends UpstreamNode {
  /** Open connections. */
  connections: number
  dialled: number
  failed: number
}

/** Deals connections to nodes. */
export class Upstream {
  readonly nodes: readonly NodeState[]
  readonly #balance: ProxySettings['balance']
  #next = 0

  constructor (settings: Pick<ProxySettings, 'nodes' | 'balance'>) {
    this.nodes = settings.nodes.map((node) => ({ ...node, connections: 0, dialled: 0, failed: 0 }))
    this.#balance = settings.balance
  }

  /** The nodes in the order in which the next connection should try them. */
  deal (): readonly NodeState[] {
    if (this.nodes.length === 1) return this.nodes
    const start = this.#next
    this.#next = (start + 1) % this.nodes.length
    const dealt = [...this.nodes.slice(start), ...this.nodes.slice(0, start)]
    // The sort is stable: among equals the round goes on.
    return this.#balance === 'least-connections' ? dealt.sort((a, b) => a.connections - b.connections) : dealt
  }
}

/**
 * What came of dialling: a socket, what carries it, its node and what it is read through; or why the last node could not be
 * reached, and whether it was connected, so that it is TLS that failed.
 */
export type Dialled =
  | { socket: Socket, raw: Socket, node: NodeState, reader: Pick<Reader, 'into'> }
  | { error: NodeJS.ErrnoException, connected: boolean }

/** Makes a connected socket secure; what it gives counts as the connection. */
export type Secure = (
  raw: Socket, node: NodeState, done: (error: NodeJS.ErrnoException | null, socket: Socket | null) => void
) => void

/**
 * Connects to the first node that answers. Names are resolved anew every time. The deadline (ms) is shared out
 * among the nodes still to try, so that one that swallows packets does not use up the others' time.
 */
export function dial (
  order: readonly NodeState[], deadline: number, clock: Clock, done: (dialled: Dialled) => void, secure?: Secure
): Cancel {
  const until = clock.now() + deadline
  let socket: Socket
  let cancelTimer: Cancel = () => {}
  let settled = false

  const attempt = (i: number): void => {
    const node = order[i]!
    node.dialled++
    const reader = new Reader()
    const { host, port } = node
    const onread = secure === undefined ? reader.onread : undefined
    const raw = connect({ host, port, allowHalfOpen: true, noDelay: true, onread })
    socket = raw
    let connected = false
    let over = false
    const fail = (error: NodeJS.ErrnoException): void => {
      if (over) return
      over = true
      cancelTimer()
      discard(raw)
      if (settled) return
      node.failed++
      if (i + 1 < order.length && clock.now() < until) return attempt(i + 1)
      settled = true
      done({ error, connected })
    }
    const succeed = (socket: Socket, reader: Pick<Reader, 'into'>): void => {
      over = true
      cancelTimer()
      raw.removeListener('error', fail)
      settled = true
      done({ socket, raw, node, reader })
    }
    cancelTimer = clock.after(Math.max(1, (until - clock.now()) / (order.length - i)), () => {
      fail(Object.assign(new Error(`connect ETIMEDOUT ${host}:${port}`), { code: 'ETIMEDOUT' }))
    })
    raw.once('error', fail)
    raw.once('connect', () => {
      connected = true
      if (secure === undefined) return succeed(raw, reader)
      // What goes wrong from here on, TLS says.
      raw.on('error', () => {})
      secure(raw, node, (error, socket) => {
        if (socket === null) return fail(error!)
        if (over || settled) return void socket.destroy()
        succeed(socket, { into: (take) => { socket.on('data', take) } })
      })
    })
  }

  attempt(0)
  return () => {
    if (settled) return
    settled = true
    cancelTimer()
    discard(socket)
  }
}

function discard (socket: Socket): void {
  socket.removeAllListeners('error')
  socket.removeAllListeners('connect')
  socket.on('error', () => {})
  socket.destroy()
}
