import { Size, Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'
import { cuttingAfter } from '../record-cuts.ts'

/** The connection ends without a word of TLS. */
export const truncatedClose = defineTlsFault({
  type: 'tls/truncated-close',
  needs: 'peek',
  params: Strict({
    after: Size({ description: 'how much application data goes to the client first, to the end of the record it ends in', default: '1KB' })
  }),
  doc: {
    summary: 'Closes the connection (FIN) behind a record of application data, without close_notify (RFC 8446, 6.1): a truncation that TLS is there to tell.',
    example: { type: 'tls/truncated-close', after: '16KB' },
    seen: {
      curl: '`(18) transfer closed with … bytes remaining to read`; nothing, if the response has no length',
      node: '`ECONNRESET` aborted, fetch `terminated`; nothing, if the response has no length: it is short and taken for whole'
    },
    limits: 'Application data is counted as it is encrypted; session tickets of TLS 1.3 look the same and count, with OpenSSL some 500 bytes. A record holds up to 16 KiB, so more than `after` may arrive. Who has sent less when the connection ends in order is spared.'
  },
  begin: ({ after }) => ({ handshake: () => ({ do: 'records', behaviour: cuttingAfter(after, 'close') }) })
})
