import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'
import { cuttingAfterHello } from '../record-cuts.ts'

/** The connection is closed in the handshake. */
export const close = defineTlsFault({
  type: 'tls/close',
  needs: 'peek',
  params: Strict({
    when: Default(OneOf(['hello', 'server-hello'], {
      description: '`hello`: instead of an answer to the ClientHello; `server-hello`: after the server\'s first record'
    }), 'hello')
  }),
  doc: {
    summary: 'Closes the connection (FIN) in the middle of the handshake, without an alert.',
    example: { type: 'tls/close', share: '10%' },
    seen: { curl: '`(35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL`', node: '`ECONNRESET`, Client network socket disconnected before secure TLS connection was established' },
    limits: 'Behind the handshake there is `tls/truncated-close`; with an alert, `tls/alert`.'
  },
  begin: ({ when }) => ({
    handshake: () => when === 'hello' ? { do: 'end', how: 'close' } : { do: 'records', behaviour: cuttingAfterHello('close') }
  })
})
