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

/** What came of dialling: a socket, its node and what it is read through, or why the last node could not be reached. */
export type Dialled = { socket: Socket, node: NodeState, reader: Reader } | { error: NodeJS.ErrnoException }

/**
 * Connects to the first node that answers. Names are resolved anew every time. The deadline (ms) is shared out
 * among the nodes still to try, so that one that swallows packets does not use up the others' time.
 */
export function dial (order: readonly NodeState[], deadline: number, clock: Clock, done: (dialled: Dialled) => void): Cancel {
  const until = clock.now() + deadline
  let socket: Socket
  let cancelTimer: Cancel = () => {}
  let settled = false

  const attempt = (i: number): void => {
    const node = order[i]!
    node.dialled++
    const reader = new Reader()
    socket = connect({ host: node.host, port: node.port, allowHalfOpen: true, noDelay: true, onread: reader.onread })
    const fail = (error: NodeJS.ErrnoException): void => {
      cancelTimer()
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      if (settled) return
      node.failed++
      if (i + 1 < order.length && clock.now() < until) return attempt(i + 1)
      settled = true
      done({ error })
    }
    cancelTimer = clock.after(Math.max(1, (until - clock.now()) / (order.length - i)), () => {
      fail(Object.assign(new Error(`connect ETIMEDOUT ${node.host}:${node.port}`), { code: 'ETIMEDOUT' }))
    })
    socket.once('error', fail)
    socket.once('connect', () => {
      cancelTimer()
      socket.removeListener('error', fail)
      settled = true
      done({ socket, node, reader })
    })
  }

  attempt(0)
  return () => {
    if (settled) return
    settled = true
    cancelTimer()
    socket.removeAllListeners()
    socket.on('error', () => {})
    socket.destroy()
  }
}
