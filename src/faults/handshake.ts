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
