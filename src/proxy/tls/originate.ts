import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { connect, createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { UpstreamNode } from '../spec.ts'
import type { Secure } from '../upstream.ts'
import type { TlsSide } from './side.ts'

/** How many sessions with nodes are remembered. */
const KEPT = 100

/** What one connection wants of TLS towards a node. */
export interface Ask {
  /** The name that the client asked for. */
  sni: string | undefined
  /** The protocol agreed on with the client; undefined for none. */
  alpn: string | undefined
  /** Our client certificate: as configured if undefined, none if null. */
  present?: { cert: string, key: string } | null | undefined
  /** The client takes any certificate. The node must show the one with this fingerprint (SHA-256). */
  pinned?: string | undefined
}

/** One client's end of TLS, and the files it was made of. */
interface Configured { ca: string | undefined, own: Pair | null, context: SecureContext }

interface Pair { cert: string, key: string }

/** Speaks TLS to nodes, and remembers sessions with them as any client would. */
export class Originate {
  readonly #side: TlsSide
  readonly #sessions = new Map<string, Buffer>()
  /** Kept, because parsing CAs and keys again for each connection costs about as much as a handshake. */
  #configured: Configured | null = null

  constructor (side: TlsSide) {
    this.#side = side
  }

  /**
   * Shakes hands over a connected socket; `done` gets the socket to use, or why there is none. Destroying `raw` ends it.
   * In TLS 1.3 a node may still refuse our certificate after this, by an alert on the first read.
   */
  secure (raw: Socket, node: UpstreamNode, { sni, alpn, present, pinned }: Ask, done: Parameters<Secure>[2]): void {
    const { settings: { originate }, ca, client } = this.#side
    const name = originate?.serverName ?? (pinned !== undefined || isIP(node.host) !== 0 ? sni : node.host)
    const servername = name !== undefined && isIP(name) === 0 ? name : ''
    const context = present === undefined ? this.#context(ca, client) : contextOf(ca, present)
    // Whose certificate is broken on purpose must show it, which a resumed session would not.
    const resumable = present === undefined && pinned === undefined
    const key = `${node.name} ${servername}`
    const socket = connect({
      socket: raw,
      host: node.host,
      servername,
      secureContext: context,
      rejectUnauthorized: pinned === undefined && (originate?.verify ?? true),
      ALPNProtocols: alpn === undefined ? undefined : [alpn],
      session: resumable ? this.#sessions.get(key) : undefined
    })
    const fail = (error: NodeJS.ErrnoException): void => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      raw.destroy()
      this.#sessions.delete(key)
      done(error, null)
    }
    const closed = (): void => { fail(Object.assign(new Error('the node closed the connection during the handshake'), { code: 'ECONNRESET' })) }
    socket.once('error', fail)
    socket.once('close', closed)
    socket.once('secureConnect', () => {
      if (pinned !== undefined && socket.getPeerX509Certificate()?.fingerprint256 !== pinned) {
        return fail(Object.assign(new Error('the node shows another certificate than the one that was copied'), { code: 'ERR_TLS_CERT_CHANGED' }))
      }
      socket.removeListener('error', fail)
      socket.removeListener('close', closed)
      if (resumable) socket.on('session', (session: Buffer) => { if (this.#configured?.context === context) this.#remember(key, session) })
      done(null, socket)
    })
  }

  // A session carries on what was proven with other files, so it goes with them.
  #context (ca: string | undefined, own: Pair | null): SecureContext {
    const { ca: oldCa, own: oldOwn, context: old } = this.#configured ?? {}
    if (old !== undefined && oldCa === ca && oldOwn === own) return old
    const context = contextOf(ca, own)
    this.#configured = { ca, own, context }
    this.#sessions.clear()
    return context
  }

  #remember (key: string, session: Buffer): void {
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    if (this.#sessions.size > KEPT) this.#sessions.delete(this.#sessions.keys().next().value!)
  }
}

function contextOf (ca: string | undefined, own: Pair | null): SecureContext {
  return createSecureContext({ ca, ...own === null ? {} : { cert: own.cert, key: own.key } })
}
