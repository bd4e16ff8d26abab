import { Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'
import type { TlsAction } from '../fault.ts'

/** Client and server have no application protocol in common. */
export const alpnMismatch = defineTlsFault({
  type: 'tls/alpn-mismatch',
  needs: 'peek',
  params: Strict({}),
  doc: {
    summary: 'Refuses as a server that speaks none of the protocols that the client offers (ALPN): with the alert no_application_protocol (RFC 7301, 3.2).',
    example: { type: 'tls/alpn-mismatch' },
    seen: { curl: '`(35) tlsv1 alert no application protocol`', node: 'fetch `ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL`; https nothing, where it offers no protocol' },
    limits: 'A client that offers no protocol cannot miss one and is unfit: `https` of Node, Python\'s http.client.'
  },
  begin: () => ({
    handshake: ({ hello }): TlsAction => hello.alpn.length === 0
      ? { do: 'unfit', why: 'the client offers no protocols (ALPN)' }
      : { do: 'alert', alert: 'no_application_protocol' }
  })
})
