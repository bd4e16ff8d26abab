import { Duration, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** The upstream is dialled late. */
export const connectDelay = defineStreamFault({
  type: 'connect-delay',
  direction: 'both',
  // What is open has been dialled.
  existing: 'ignore',
  params: Strict({
    delay: Duration({ description: 'how much later the upstream is dialled; counts against the proxy\'s connect timeout' })
  }),
  doc: {
    summary: 'Dials the upstream later, as if its handshake were slow: longer than the connect timeout, and it cannot be reached.',
    example: { type: 'connect-delay', delay: '2s' },
    seen: {
      curl: 'connects at once, and its answer comes later; beyond the connect timeout `(56) Recv failure: Connection reset by peer`',
      node: 'connects at once, and its answer comes later; beyond the connect timeout `ECONNRESET`'
    },
    limits: 'Delays the dial of the proxy, not the client\'s own connect. Connections that are open already are dialled, and so not affected.'
  },
  begin: ({ delay }) => ({ dial: () => ({ do: 'delay', ms: delay }) })
})
