import { Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** New connections are turned away before the upstream is dialled. */
export const refuse = defineStreamFault({
  type: 'refuse',
  direction: 'both',
  // A node that is gone takes its open connections with it.
  existing: 'reset',
  params: Strict({}),
  doc: {
    summary: 'Turns new connections away and never dials the upstream; open ones are reset. With `node`, that node is lost.',
    example: { type: 'refuse', node: 'payments-2' },
    seen: { curl: '`(56) Recv failure: Connection reset by peer`', node: '`ECONNRESET`; undici `UND_ERR_SOCKET`' },
    limits: 'The kernel has accepted the connection by then, so a client sees a reset instead of `ECONNREFUSED`. A closed listener could not count whom it turned away.',
    like: [{ tool: 'Toxiproxy', what: '`enabled: false`, which clients call `down`; `premortem proxy disable` closes the port itself', as: { type: 'refuse' } }]
  },
  begin: () => ({ open: () => ({ do: 'reset', ms: 0 }) })
})
