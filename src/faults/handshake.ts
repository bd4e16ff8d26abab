import type { Random } from '../kernel/random.ts'
import type { AlertName } from './alerts.ts'
import type { CertificateFlaw } from './certificate.ts'
import type { StreamBehaviour } from './fault.ts'

/** Versions of TLS, oldest first, as Node and OpenSSL spell them. */
export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

/** A version of TLS. */
export type TlsVersion = (typeof TLS_VERSIONS)[number]

/** A ClientHello as a fault sees it (RFC 8446, 4.1.2). */
export interface Hello {
  /** The name that the client asks for (RFC 6066, 3), lower case; undefined if it asks for none. */
  readonly sni: string | undefined
  /** The protocols it offers (RFC 7301), in its order. */
  readonly alpn: readonly string[]
  /** The versions it offers. */
  readonly versions: readonly TlsVersion[]
  /** It offers to resume an earlier session: by ticket, by session id, or by PSK. */
  readonly resumes: boolean
}

/** A handshake as a fault sees it. */
export interface Handshake {
  readonly hello: Hello
  /** The client's IP address. */
  readonly client: string
  /** premortem holds the server's end of TLS; otherwise the node does, and bytes pass unread. */
  readonly terminated: boolean
}

/** What a tls fault may ask for. Times are milliseconds. */
export type TlsAction =
  | { do: 'pass' }
  /** Of those hit, one the fault can do nothing to; counted, and explained by `why`. */
  | { do: 'unfit', why: string }
  /**
   * Show a certificate with this flaw. `resume`: whether sessions of before the fault may be taken up again, which skips the
   * certificate. Where bytes pass unread, the connection is terminated for this.
   */
  | { do: 'serve', flaw: CertificateFlaw, resume: boolean }
  /** Agree on this version and no other. */
  | { do: 'version', only: TlsVersion }
  /**
   * Ask for a client certificate. `require`: no handshake without one. `reject`: none that is shown is good enough, and
   * where the protocol lets it (TLS 1.2) this alert says so.
   */
  | { do: 'client-certificate', how: 'require' | 'reject', alert: AlertName }
  /** Answer the ClientHello with this fatal alert, then FIN. */
  | { do: 'alert', alert: AlertName }
  /** Answer it with these bytes in the clear, then FIN. */
  | { do: 'reply', bytes: Uint8Array }
  /** Never answer it. Goes on when the fault is removed. */
  | { do: 'hang' }
  /** End the connection instead of answering, by RST or FIN. */
  | { do: 'end', how: 'reset' | 'close' }
  /** Let a stream behaviour act on the bytes of TLS that go to the client: on records, from the server's first one on. */
  | { do: 'records', behaviour: StreamBehaviour }
  /** Towards the node, show our own client certificate with this flaw, or none. */
  | { do: 'present', flaw: CertificateFlaw | null }

/** What a tls fault gets beside the handshake. */
export interface TlsContext {
  /** Belongs to this handshake and fault alone. */
  readonly random: Random
  /** Milliseconds since the fault began on its proxy. */
  readonly elapsed: number
}

/** A tls fault at work. */
export interface TlsBehaviour {
  /** A ClientHello arrived, of a new connection; nothing has been answered. */
  handshake (handshake: Handshake, context: TlsContext): TlsAction
}
