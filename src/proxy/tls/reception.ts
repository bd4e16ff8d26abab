import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { AlertName } from '../../faults/alerts.ts'
import type { CertificateFlaw } from '../../faults/certificate.ts'
import type { TlsAction } from '../../faults/fault.ts'
import type { Handshake, Hello, TlsVersion } from '../../faults/handshake.ts'
import type { ActiveFault, Plan } from '../../faults/plan.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import type { HandshakeResult } from '../../measure/observation.ts'
import type { Stage } from '../stage.ts'
import { alertRecord } from './answer.ts'
import { ClientCertificateWatch } from './client-auth.ts'
import { Middlebox } from './middlebox.ts'
import { failureOf } from './outcome.ts'
import type { HandshakeRecord } from './outcome.ts'
import { peek } from './peek.ts'
import type { TlsSide } from './side.ts'

/** How long a client may take over a handshake after its ClientHello, in milliseconds. */
export const HANDSHAKE_TIMEOUT = 10_000

/** What a tls fault wants of one handshake. `stage` is for the records that go to the client. */
export interface Order { active: ActiveFault, action: TlsAction, stage: Stage | null }

/** What was agreed on with a client. */
export interface Agreed {
  socket: TLSSocket
  alpn: string | undefined
  /** Stands between the client's socket and TLS, if a fault acts on records. */
  middlebox: Middlebox | null
  /** The certificate was shown with a flaw. */
  flawed: boolean
}

/** A connection, as what receives its client sees it. */
export interface ReceptionHost {
  readonly clock: Clock
  /** The client's own socket, which carries TLS. */
  readonly client: Socket
  /** The client's IP address. */
  readonly address: string
  /** Monotonic time of a fault's beginning as wall time. */
  wallOf (monotonic: number): number
  /** What the faults want of this handshake. */
  handshake (handshake: Handshake): Order[]
  record (hello: Hello | null): HandshakeRecord
  /** Pass everything on unread, these bytes first. */
  relay (bytes: Buffer, record: HandshakeRecord | null): void
  agreed (agreed: Agreed): void
  /** A fault on records has ended the connection below TLS. */
  cutBelow (how: 'close' | 'reset'): void
  /** The connection is over without a handshake; whatever was to be sent has been written. */
  dismissed (how: 'close' | 'reset'): void
  failed (error: Error): void
}

/** Receives one client: reads its ClientHello, asks the faults, and shakes hands, answers, or passes it on. */
export class Reception {
  readonly #host: ReceptionHost
  readonly #side: TlsSide
  readonly #cancel: Cancel
  #cancelTimer: Cancel = () => {}
  #hung: { active: ActiveFault, goOn: () => void } | null = null
  #over = false
  #record: HandshakeRecord | null = null
  /** What it means if the handshake ends without a word: of a refusal for want of a certificate Node makes no error. */
  #refusal: HandshakeResult | null = null

  constructor (host: ReceptionHost, side: TlsSide) {
    this.#host = host
    this.#side = side
    this.#cancel = peek(host.client, host.clock, (peeked) => {
      if (peeked.is === 'hello') return this.#hello(peeked.hello, peeked.bytes)
      // Who only looks whether the port is open has not tried to shake hands.
      if (peeked.bytes.length > 0) host.record(null).settle(peeked.is)
      if (side.settings.accept === 'passthrough') return host.relay(peeked.bytes, null)
      host.dismissed('close')
    })
  }

  /** A handshake that a fault holds goes on when the fault is gone. */
  planChanged (plan: Plan): void {
    if (this.#hung === null || plan.faults.includes(this.#hung.active)) return
    const { goOn } = this.#hung
    this.#hung = null
    goOn()
  }

  /** The connection is over. */
  closed (how: 'reset' | 'closed'): void {
    this.#over = true
    this.#cancel()
    this.#cancelTimer()
    this.#hung = null
    if (how === 'closed' && this.#refusal !== null) this.#record?.settle(this.#refusal)
    else this.#record?.closed(how)
  }

  #hello (hello: Hello, bytes: Buffer): void {
    const host = this.#host
    this.#record = host.record(hello)
    const terminated = this.#side.settings.accept === 'terminate'
    const orders = host.handshake({ hello, client: host.address, terminated })
    if (!this.#over) this.#obey(orders, hello, bytes)
  }

  // The first order that ends the matter is obeyed; of a kind of the others, too.
  #obey (orders: Order[], hello: Hello, bytes: Buffer): void {
    const host = this.#host
    for (const [i, { active, action }] of orders.entries()) {
      switch (action.do) {
        case 'hang': {
          this.#cancelTimer = host.clock.after(HANDSHAKE_TIMEOUT, () => { this.#record?.settle('timeout') })
          this.#hung = { active, goOn: () => { this.#obey(orders.slice(i + 1), hello, bytes) } }
          return
        }
        case 'alert': return this.#dismiss(alertRecord(action.alert), `sent-alert:${action.alert}`)
        case 'reply': return this.#dismiss(Buffer.from(action.bytes), 'closed')
        case 'end': {
          this.#record?.settle(action.how === 'reset' ? 'reset' : 'closed')
          return host.dismissed(action.how)
        }
      }
    }
    this.#cancelTimer()
    const wanted = gather(orders)
    const unread = this.#side.settings.accept === 'passthrough' && (wanted.serve === null || (wanted.serve.resume && hello.resumes))
    if (unread) return host.relay(bytes, this.#record)
    host.client.unshift(bytes)
    this.#side.show({
      hello,
      address: host.client.localAddress ?? '',
      flaw: wanted.serve?.flaw,
      since: wanted.serve === null ? 0 : host.wallOf(wanted.serve.beganAt),
      resume: wanted.serve?.resume,
      only: wanted.only,
      asks: wanted.auth !== null
    }).then((context) => { if (!this.#over) this.#shake(context, hello, wanted) }, (error: Error) => {
      this.#record?.settle('failed')
      if (!this.#over) host.failed(error)
    })
  }

  #dismiss (bytes: Buffer, result: HandshakeResult): void {
    this.#record?.settle(result)
    this.#host.client.write(bytes)
    this.#host.dismissed('close')
  }

  #shake (context: SecureContext, hello: Hello, { serve, stages, auth }: Wanted): void {
    const host = this.#host
    const alpn = chooseProtocol(this.#side.protocol, hello.alpn)
    const watch = auth?.how === 'reject' ? new ClientCertificateWatch() : null
    const middlebox = stages.length === 0 && watch === null
      ? null
      : new Middlebox(host.client, host.clock, stages, {
        cut: (how) => { host.cutBelow(how) },
        fromClient: (chunk) => {
          if (watch?.push(chunk) !== true) return true
          this.#dismiss(alertRecord(auth!.alert), `sent-alert:${auth!.alert}`)
          return false
        }
      })
    const socket = new TLSSocket(middlebox ?? host.client, {
      isServer: true,
      secureContext: context,
      ALPNProtocols: hello.alpn.length === 0 ? undefined : [alpn ?? 'http/1.1'],
      requestCert: auth !== null,
      // Without a certificate OpenSSL refuses. One that is shown nobody looks at but us.
      rejectUnauthorized: auth !== null
    })
    this.#cancelTimer = host.clock.after(HANDSHAKE_TIMEOUT, () => {
      this.#record?.settle('timeout')
      socket.destroy()
      host.dismissed('reset')
    })
    if (auth !== null) this.#refusal = `sent-alert:${lacking(hello)}`
    socket.once('error', ({ code }: NodeJS.ErrnoException) => { this.#record?.settle(failureOf(code)) })
    // Who turns a certificate down may do so by half a goodbye.
    socket.once('end', () => {
      this.#refusal = null
      socket.destroy()
    })
    socket.once('close', () => {
      if (this.#over) return
      host.dismissed('close')
    })
    socket.once('secure', () => {
      this.#cancelTimer()
      this.#refusal = null
      socket.removeAllListeners('close')
      socket.removeAllListeners('end')
      socket.removeAllListeners('error')
      // Node makes errors of what goes wrong after this, such as an alert, only for sockets of a server of its own.
      socket.on('_tlsError', (error: Error) => { socket.destroy(error) })
      if (auth?.how === 'reject' && socket.getPeerX509Certificate() !== undefined) {
        this.#record?.settle('closed')
        socket.on('error', () => {})
        socket.destroy()
        return host.dismissed('close')
      }
      const resumed = socket.isSessionReused()
      this.#record?.finished(socket.getProtocol() ?? '', resumed)
      // Who takes up a session of before has not been shown the certificate.
      const flawed = serve !== null && !(serve.resume && resumed)
      host.agreed({ socket, alpn: socket.alpnProtocol || undefined, middlebox, flawed })
    })
  }
}

/** How a client without a certificate is refused (RFC 8446, 6.2; RFC 5246, 7.4.6). */
const lacking = ({ versions }: Hello): AlertName => versions.includes('TLSv1.3') ? 'certificate_required' : 'handshake_failure'

interface Wanted {
  serve: { flaw: CertificateFlaw, resume: boolean, beganAt: number } | null
  only: TlsVersion | undefined
  auth: Extract<TlsAction, { do: 'client-certificate' }> | null
  stages: Stage[]
}

// Of two that want the same thing differently, the first has it.
function gather (orders: readonly Order[]): Wanted {
  const wanted: Wanted = { serve: null, only: undefined, auth: null, stages: [] }
  for (const { active, action, stage } of orders) {
    if (action.do === 'serve') wanted.serve ??= { flaw: action.flaw, resume: action.resume, beganAt: active.beganAt }
    else if (action.do === 'version') wanted.only ??= action.only
    else if (action.do === 'client-certificate') wanted.auth ??= action
    else if (stage !== null) wanted.stages.push(stage)
  }
  return wanted
}

/** The protocol to agree on; undefined if the client offers none that will do, or none at all. */
function chooseProtocol (protocol: 'tcp' | 'http' | 'auto', offered: readonly string[]): string | undefined {
  if (protocol !== 'tcp' && offered.includes('http/1.1')) return 'http/1.1'
  return protocol === 'http' ? undefined : offered[0]
}
