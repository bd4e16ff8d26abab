import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { ALERT_NAMES } from '../alerts.ts'
import { defineTlsFault } from '../fault.ts'

/** The server refuses with an alert. */
export const alert = defineTlsFault({
  type: 'tls/alert',
  needs: 'peek',
  aliases: { 'tls/ssl-v2': { alert: 'protocol_version' }, 'tls/ssl-v3': { alert: 'protocol_version' } },
  params: Strict({
    alert: Default(OneOf(ALERT_NAMES, { description: 'which one, by its name in RFC 8446, 6' }), 'internal_error')
  }),
  doc: {
    summary: 'Answers the ClientHello with a fatal alert (RFC 8446, 6.2), then closes.',
    example: { type: 'tls/alert', alert: 'internal_error', share: '5%' },
    seen: { curl: '`(35)` with the alert\'s name; `certificate_expired` `(60)`, `certificate_required` `(98)`', node: '`EPROTO`; fetch `ERR_SSL_…_ALERT_…` with its name, which OpenSSL 3.5 spells otherwise than 3.0' },
    limits: 'Comes in the clear and before the server\'s certificate, whatever the alert: in TLS 1.3 a real server sends alerts about the client\'s certificate later, encrypted. Clients report an alert they do not know, such as `ech_required` to OpenSSL 3.0, as a connection that was lost. Of SSL 2 and 3 only the refusal is to be had.'
  },
  begin: ({ alert: name }) => ({ handshake: () => ({ do: 'alert', alert: name }) })
})
