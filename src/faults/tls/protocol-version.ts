import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'
import type { TlsAction } from '../fault.ts'
import { TLS_VERSIONS } from '../handshake.ts'

/** The server speaks one version of TLS only. */
export const protocolVersion = defineTlsFault({
  type: 'tls/protocol-version',
  needs: 'peek',
  aliases: { 'tls/tls-v1-0': { only: 'TLSv1' }, 'tls/tls-v1-1': { only: 'TLSv1.1' }, 'tls/tls-v1-2': { only: 'TLSv1.2' } },
  params: Strict({
    only: Default(OneOf(TLS_VERSIONS, { description: 'the version that the server speaks' }), 'TLSv1.2')
  }),
  doc: {
    summary: 'Speaks one version of TLS only; who does not offer it gets the alert protocol_version.',
    example: { type: 'tls/protocol-version', only: 'TLSv1.3' },
    seen: { curl: '`(35) tlsv1 alert protocol version`, if it does not offer the version; else nothing', node: '`EPROTO`; fetch `ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION`, if it does not offer the version; else nothing' },
    limits: 'A client that offers the version is unfit where bytes pass unread, since the server chooses there. Most clients offer neither TLSv1 nor TLSv1.1, or offer them and then refuse their ciphers.'
  },
  begin: ({ only }) => ({
    handshake ({ hello, terminated }): TlsAction {
      if (!hello.versions.includes(only)) return { do: 'alert', alert: 'protocol_version' }
      if (terminated) return { do: 'version', only }
      return { do: 'unfit', why: `the client offers ${only}, and the server behind chooses the version` }
    }
  })
})
