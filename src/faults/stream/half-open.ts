import { Default, Duration, OneOf, Strict } from '../../kernel/schema.ts'
import { PASS, defineStreamFault } from '../fault.ts'

/** One end is gone, and the other is never told. */
export const halfOpen = defineStreamFault({
  type: 'half-open',
  direction: 'both',
  params: Strict({
    after: Duration({ description: 'how long until then: from the connection\'s opening, or from the fault\'s beginning if it was open', default: 0 }),
    keep: Default(OneOf(['client', 'node'], { description: 'the end that is not told: the other one is reset' }), 'client')
  }),
  doc: {
    summary: 'Resets one end of a connection and leaves the other open, as after a crash or a firewall that forgot it.',
    example: { type: 'half-open', after: '10s' },
    seen: {
      curl: 'waits until `--max-time`: `(28) Operation timed out`; `(56) Recv failure: Connection reset by peer` when the fault goes',
      node: 'writes succeed and nothing comes back, until its own timeout or TCP keep-alive gives up; `ECONNRESET` when the fault goes'
    },
    limits: 'The kernel still acknowledges what the kept end sends, so TCP keep-alive finds nothing wrong. When the fault goes, the kept end is reset too.'
  },
  begin: ({ after, keep }) => {
    let cut = Infinity
    return {
      open (_, elapsed) {
        cut = elapsed + after
        return { do: 'abandon', keep, ms: after }
      },
      gone: (elapsed) => elapsed < cut ? PASS : { do: 'reset', ms: 0 }
    }
  }
})
