import { Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'
import type { TlsAction } from '../fault.ts'

/** The server does not know the name that the client asks for. */
export const unrecognizedName = defineTlsFault({
  type: 'tls/unrecognized-name',
  needs: 'peek',
  params: Strict({}),
  doc: {
    summary: 'Refuses as a server that does not know the name that the client asks for (SNI): with the alert unrecognized_name (RFC 6066, 3).',
    example: { type: 'tls/unrecognized-name', match: { sni: 'old.internal' } },
    seen: { curl: '`(35) tlsv1 unrecognized name`', node: '`EPROTO`; fetch `ERR_SSL_TLSV1_UNRECOGNIZED_NAME`' },
    limits: 'RFC 6066 has this alert for a name that was sent, so a client that sends none, as all do that connect by address, is unfit. A server that insists on a name answers these with `missing_extension` (RFC 8446, 9.2): see `tls/alert`.'
  },
  begin: () => ({
    handshake: ({ hello }): TlsAction => hello.sni === undefined
      ? { do: 'unfit', why: 'the client asks for no name (SNI)' }
      : { do: 'alert', alert: 'unrecognized_name' }
  })
})
