import { Default, Duration, OneOf, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'
import type { StreamAction } from '../fault.ts'

/** Connections are reset some time after they open, or after their first bytes. */
export const resetPeer = defineStreamFault({
  type: 'reset-peer',
  direction: 'both',
  params: Strict({
    after: Duration({ description: 'how long until the reset', default: 0 }),
    since: Default(OneOf(['open', 'data'], {
      description: 'counted from `open`: the connection\'s opening, or the fault\'s beginning if it was open; `data`: the first bytes, or FIN'
    }), 'open')
  }),
  doc: {
    summary: 'Ends connections with a TCP reset (RST) on both ends, new ones and open ones alike.',
    example: { type: 'reset-peer', after: '2s' },
    seen: { curl: '`(56) Recv failure: Connection reset by peer`', node: '`ECONNRESET`' },
    limits: 'Bytes still in flight when the reset comes are lost, as with any RST; with `since: data`, so are those that came since the first.',
    like: [{ tool: 'Toxiproxy', what: '`reset_peer` (timeout)', as: { type: 'reset-peer', after: '1s', since: 'data', direction: 'downstream' } }]
  },
  toxic: {
    type: 'reset_peer',
    attributes: { timeout: {} },
    toParams: ({ timeout }) => ({ after: timeout, since: 'data' }),
    toAttributes: ({ after }) => ({ timeout: after })
  },
  begin: ({ after, since }) => {
    if (since === 'open') return { open: () => ({ do: 'reset', ms: after }) }
    let due: number | undefined
    const reset = (elapsed: number): StreamAction => {
      due ??= elapsed + after
      return { do: 'reset', ms: Math.max(0, due - elapsed) }
    }
    return { chunk: (_, elapsed) => reset(elapsed), end: reset }
  }
})
