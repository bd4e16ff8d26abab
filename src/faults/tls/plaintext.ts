import { Type } from 'typebox'
import { Default, Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'

const LONGEST_REPLY = 65_536

const PAGE = '<html><head><title>400 Bad Request</title></head><body><h1>400 Bad Request</h1></body></html>\r\n'

/** What a server that speaks HTTP in the clear says to a ClientHello. */
const BAD_REQUEST = `HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\ncontent-length: ${PAGE.length}\r\nconnection: close\r\n\r\n${PAGE}`

/** The answer to the ClientHello is not TLS. */
export const plaintext = defineTlsFault({
  type: 'tls/plaintext',
  needs: 'peek',
  params: Strict({
    reply: Default(Type.String({
      minLength: 1, maxLength: LONGEST_REPLY, description: 'what is sent, as UTF-8', wanted: `text of 1 to ${LONGEST_REPLY} characters`
    }), BAD_REQUEST)
  }),
  doc: {
    summary: 'Answers the ClientHello in the clear, then closes: TLS was switched off behind this address.',
    example: { type: 'tls/plaintext', reply: '-ERR unknown command\r\n' },
    seen: { curl: '`(35) wrong version number`', node: '`EPROTO`; fetch `ERR_SSL_WRONG_VERSION_NUMBER`' },
    limits: 'Only what is answered is in the clear; clients that begin in the clear and upgrade (STARTTLS) never get here.'
  },
  begin ({ reply }) {
    const bytes = Buffer.from(reply)
    return { handshake: () => ({ do: 'reply', bytes }) }
  }
})
