import { Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'

/** Connections are not kept alive. */
export const connectionClose = defineHttpFault({
  type: 'connection-close',
  params: Strict({}),
  doc: {
    summary: 'Answers as usual, says `connection: close` and ends the connection, so that clients must connect anew.',
    example: { type: 'connection-close', share: '20%' },
    seen: { curl: 'a whole response with `connection: close`; with `-v`, `Closing connection`', node: 'a whole response; the agent opens a new connection for the next request' },
    limits: 'The client learns of it in the head, so no request is lost, other than with `abort` or `limit-time`. Pipelined requests behind it are not answered.',
    like: [{ tool: 'Envoy', what: '`max_requests_per_connection: 1`', as: { type: 'connection-close' } }]
  },
  begin: () => ({ response: () => ({ do: 'last' }) })
})
