import { Default, Duration, OneOf, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** Connections end at an age. */
export const limitTime = defineStreamFault({
  type: 'limit-time',
  direction: 'both',
  params: Strict({
    time: Duration({ description: 'how long a connection lives, from its opening' }),
    how: Default(OneOf(['close', 'reset'], { description: '`close` sends FIN, `reset` sends RST' }), 'close')
  }),
  doc: {
    summary: 'Ends a connection at an age, whatever it is doing, like a load balancer or firewall that has had enough of it.',
    example: { type: 'limit-time', time: '30s' },
    seen: {
      curl: 'close: `(18) transfer closed` or `(52) Empty reply from server`; reset: `(56) Recv failure: Connection reset by peer`',
      node: 'close: undici `UND_ERR_SOCKET` other side closed; reset: `ECONNRESET`'
    },
    limits: 'A connection that is older already when the fault begins ends at once. No traffic prolongs it: for silence that does, there is `timeout`.'
  },
  begin: ({ time, how }) => ({ open: (age) => ({ do: how, ms: Math.max(0, time - age) }) })
})
