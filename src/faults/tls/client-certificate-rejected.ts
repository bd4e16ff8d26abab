import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import type { AlertName } from '../alerts.ts'
import { defineTlsFault } from '../fault.ts'
import type { TlsAction } from '../fault.ts'

/** What a server may have against a certificate (RFC 8446, 6.2). */
const OBJECTIONS = [
  'bad_certificate', 'unsupported_certificate', 'certificate_revoked', 'certificate_expired', 'certificate_unknown', 'unknown_ca', 'access_denied'
] as const satisfies AlertName[]

/** The client's certificate is not good enough. */
export const clientCertificateRejected = defineTlsFault({
  type: 'tls/client-certificate-rejected',
  needs: 'terminate',
  params: Strict({
    alert: Default(OneOf(OBJECTIONS, { description: 'what the server says about it, where it can: in TLS 1.2' }), 'bad_certificate')
  }),
  doc: {
    summary: 'Asks clients for a certificate, and refuses whichever they show.',
    example: { type: 'tls/client-certificate-rejected', alert: 'certificate_expired' },
    seen: { curl: 'TLS 1.2: `(35)` with the alert\'s name, `certificate_expired` `(60)`; TLS 1.3: `(52)` or `(56)`', node: 'TLS 1.2: `ERR_SSL_…_ALERT_…` with the alert\'s name; TLS 1.3: `ECONNRESET`' },
    limits: 'In TLS 1.3 alerts are encrypted and the connection just ends, without one, after the client takes the handshake to be done. A client that shows no certificate is refused as by `tls/client-certificate-required`.'
  },
  begin: ({ alert }) => ({
    handshake: ({ terminated }): TlsAction => terminated
      ? { do: 'client-certificate', how: 'reject', alert }
      : { do: 'unfit', why: 'bytes pass unread here: TLS ends at the server behind' }
  })
})
