import { Duration, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** Connections are reset some time after they open. */
export const resetPeer = defineStreamFault({
  type: 'reset-peer',
  direction: 'both',
  params: Strict({
    after: Duration({ description: 'how long the connection lives: from its opening, or from the fault\'s beginning if it was open', default: 0 })
  }),
  doc: {
    summary: 'Ends connections with a TCP reset (RST) on both ends, new ones and open ones alike.',
    example: { type: 'reset-peer', after: '2s' },
    seen: { curl: '`(56) Recv failure: Connection reset by peer`', node: '`ECONNRESET`' },
    limits: 'Bytes still in flight when the reset comes are lost, as with any RST.'
  },
  begin: (params) => ({ open: () => ({ do: 'reset', ms: params.after }) })
})
