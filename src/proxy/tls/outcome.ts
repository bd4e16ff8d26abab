import { ALERT_NAMES } from '../../faults/alerts.ts'
import type { AlertName } from '../../faults/alerts.ts'
import type { Hello } from '../../faults/handshake.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import type { Traits } from '../../measure/arms.ts'
import { NO_FAULTS } from '../../measure/observation.ts'
import type { HandshakeResult, Observer, Outcome } from '../../measure/observation.ts'

/** How long a client that says nothing after a handshake may do so and count as content, in milliseconds; at least. */
const CONTENT = 100

/** The same as a multiple of how long the handshake took. */
const PATIENCE = 10

/** Which alert OpenSSL sends for what it finds wrong itself. */
const SENT: readonly [error: string, alert: AlertName][] = [
  ['NO_SHARED_CIPHER', 'handshake_failure'],
  ['UNSUPPORTED_PROTOCOL', 'protocol_version'],
  ['NO_APPLICATION_PROTOCOL', 'no_application_protocol'],
  ['PEER_DID_NOT_RETURN_A_CERTIFICATE', 'certificate_required'],
  ['INAPPROPRIATE_FALLBACK', 'inappropriate_fallback']
]

/** The alert that an error code of OpenSSL, of any version of it, says was received. */
export function receivedAlert (code: string | undefined): AlertName | undefined {
  if (code === undefined || !code.startsWith('ERR_SSL_')) return undefined
  const name = code.toLowerCase()
  // Of 112 alone the name stands without `ALERT`; and 1.3's own come with a protocol before it.
  return ALERT_NAMES.find((alert) => name.endsWith(`_alert_${alert}`) || (alert === 'unrecognized_name' && name.endsWith(`_${alert}`)))
}

/** What a failed handshake came to, by the error it failed with. */
export function failureOf (code: string | undefined): HandshakeResult {
  const received = receivedAlert(code)
  if (received !== undefined) return `alert:${received}`
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset'
  const sent = SENT.find(([error]) => code?.endsWith(error) === true)
  return sent === undefined ? 'failed' : `sent-alert:${sent[1]}`
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  established: 'complete', reset: 'reset', closed: 'truncated', 'closed-without-data': 'truncated', timeout: 'timeout', 'not-tls': 'malformed', failed: 'reset'
}

/** Whose handshake it is. `failed` is called once if nothing comes of it. */
export interface About extends Traits { at: string, node: () => string, failed: () => void }

/** One handshake from its ClientHello until it is plain what came of it; emits one observation. */
export class HandshakeRecord {
  /** Monotonic milliseconds. */
  readonly startedAt: number
  version = ''
  resumed = false
  /** Ids of the faults that had their say about it. */
  faults = NO_FAULTS
  /** Nothing more can come of it. */
  settled = false
  readonly #clock: Clock
  readonly #observer: Observer
  readonly #about: About
  readonly #sni: string
  #finished = false
  #cancel: Cancel = () => {}

  constructor (hello: Hello | null, clock: Clock, observer: Observer, about: About) {
    this.startedAt = clock.now()
    this.#clock = clock
    this.#observer = observer
    this.#about = about
    this.#sni = hello?.sni ?? ''
  }

  /** Both sides have what they need, as far as can be seen; a client may still think better of it and leave. */
  finished (version: string, resumed: boolean): void {
    if (this.settled || this.#finished) return
    this.#finished = true
    this.version = version
    this.resumed = resumed
    const wait = Math.max(CONTENT, PATIENCE * (this.#clock.now() - this.startedAt))
    this.#cancel = this.#clock.after(wait, () => { this.settle('established') })
  }

  /** The client uses the connection. */
  used (): void { this.settle('established') }

  /** The connection is over. */
  closed (how: 'reset' | 'closed'): void {
    this.settle(this.#finished ? 'closed-without-data' : how)
  }

  settle (result: HandshakeResult): void {
    if (this.settled) return
    this.settled = true
    this.#cancel()
    const { at, node, failed } = this.#about
    const { version, resumed, faults } = this
    this.#observer.observe({
      at, kind: 'handshake', node: node(), startedAt: this.startedAt, endedAt: this.#clock.now(), outcome: OUTCOMES[result] ?? 'refused',
      method: '', path: '', status: 0, bytesIn: 0, bytesOut: 0, faults, traits: this.#about, handshake: { result, version, resumed, sni: this.#sni }
    })
    if (result !== 'established') failed()
  }
}
