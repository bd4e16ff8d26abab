import { Type } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'
import { Default, OneOf, Size, Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'
import type { TlsAction } from '../fault.ts'
import { cuttingAfter, cuttingAfterHello } from '../record-cuts.ts'

/** The connection is reset in the handshake, or behind it. */
export const reset = defineTlsFault({
  type: 'tls/reset',
  needs: 'peek',
  params: Strict({
    when: Default(OneOf(['hello', 'server-hello', 'data'], {
      description: '`hello`: instead of an answer to the ClientHello; `server-hello`: after the server\'s first record; `data`: after so much application data'
    }), 'hello'),
    after: Type.Optional(Size({ description: 'with `when: data`: how much application data goes to the client first, to the end of the record it ends in; 0 if left out' }))
  }),
  doc: {
    summary: 'Resets the connection (RST) in the middle of the handshake, or of what comes after it.',
    example: { type: 'tls/reset', when: 'server-hello', share: '10%' },
    seen: { curl: '`(35) Recv failure: Connection reset by peer`; with `data` `(56)`', node: '`ECONNRESET`' },
    limits: 'Application data is counted as it is encrypted; session tickets of TLS 1.3 look the same and count, with OpenSSL some 500 bytes. The last bytes may be lost on the way, as with any RST.'
  },
  check ({ when, after }, at) {
    if (when === 'data' || after === undefined) return
    throw new PremortemError('PMT_ERR_INVALID', { message: '`after` goes with `when: data`', path: at('after'), found: after, wanted: '`when: data` beside it, or none' })
  },
  begin: ({ when, after = 0 }) => ({
    handshake (): TlsAction {
      if (when === 'hello') return { do: 'end', how: 'reset' }
      return { do: 'records', behaviour: when === 'data' ? cuttingAfter(after, 'reset') : cuttingAfterHello('reset') }
    }
  })
})
