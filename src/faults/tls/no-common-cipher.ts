import { Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'

/** Client and server have no cipher suite in common. */
export const noCommonCipher = defineTlsFault({
  type: 'tls/no-common-cipher',
  needs: 'peek',
  aliases: { 'tls/rc4': {}, 'tls/rc4-md5': {}, 'tls/3des': {}, 'tls/null': {}, 'tls/dh480': {}, 'tls/dh512': {} },
  params: Strict({}),
  doc: {
    summary: 'Refuses as a server that has no cipher suite in common with the client: with the alert handshake_failure (RFC 8446, 4.1.1).',
    example: { type: 'tls/no-common-cipher' },
    seen: { curl: '`(35) sslv3 alert handshake failure`', node: '`EPROTO`; fetch `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE`, with OpenSSL 3.5 `ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE`' },
    limits: 'Refuses everybody, whatever they offer: a client that does offer RC4, 3DES, NULL or a short Diffie-Hellman group is refused as well.'
  },
  begin: () => ({ handshake: () => ({ do: 'alert', alert: 'handshake_failure' }) })
})
