import { Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'
import type { TlsAction } from '../fault.ts'

/** No handshake without a client certificate. */
export const clientCertificateRequired = defineTlsFault({
  type: 'tls/client-certificate-required',
  needs: 'terminate',
  aliases: { 'tls/client': {}, 'tls/client-cert-missing': {} },
  params: Strict({}),
  doc: {
    summary: 'Asks clients for a certificate, and refuses those that show none.',
    example: { type: 'tls/client-certificate-required' },
    seen: { curl: 'TLS 1.2: `(35) sslv3 alert handshake failure`; TLS 1.3: `(56) tlsv13 alert certificate required`', node: 'TLS 1.2: `EPROTO`; TLS 1.3: `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`; fetch `UND_ERR_SOCKET`' },
    limits: 'Takes any certificate that is shown, of whatever issuer; `tls/client-certificate-rejected` takes none. In TLS 1.3 clients learn of it with their first read, after they have sent a request. badssl.com\'s hosts of this kind shake hands and then answer with HTTP 400 instead.'
  },
  begin: () => ({
    handshake: ({ terminated }): TlsAction => terminated
      ? { do: 'client-certificate', how: 'require', alert: 'certificate_required' }
      : { do: 'unfit', why: 'bytes pass unread here: TLS ends at the server behind' }
  })
})
