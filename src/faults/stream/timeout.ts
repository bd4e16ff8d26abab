import { Default, Duration, OneOf, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'
import type { StreamAction } from '../fault.ts'

/** A black hole: nothing arrives, nothing ends. */
export const timeout = defineStreamFault({
  type: 'timeout',
  direction: 'both',
  params: Strict({
    timeout: Duration({ description: 'end the connection when it has been stuck this long; 0 leaves it stuck', default: 0 }),
    bytes: Default(OneOf(['keep', 'lose'], {
      description: '`keep`: bytes flow when the fault goes, and a connection stuck too long is reset; `lose`: they are lost, and the connection is closed when the fault goes, or when nothing came for so long'
    }), 'keep')
  }),
  doc: {
    summary: 'Lets nothing through, like a host that is gone without a word: connections stay open and silent.',
    example: { type: 'timeout', node: 'payments-2' },
    seen: { curl: 'waits until `--max-time`: `(28) Operation timed out`', node: 'waits until its own timeout: undici `UND_ERR_HEADERS_TIMEOUT`' },
    limits: 'The TCP handshake still succeeds. With `keep`, what does not fit the buffers stays with its sender, which then cannot write. With `lose`, a sender that never pauses is never closed.',
    like: [
      { tool: 'Toxiproxy', what: '`timeout` (timeout); 0 drops data until it is removed', as: { type: 'timeout', timeout: '1s', bytes: 'lose', direction: 'downstream' } },
      { tool: 'netem and comcast', what: '`loss 100%`, a black hole', as: { type: 'timeout' } }
    ]
  },
  toxic: {
    type: 'timeout',
    attributes: { timeout: {} },
    toParams: ({ timeout }) => ({ timeout, bytes: 'lose' }),
    toAttributes: ({ timeout }) => ({ timeout })
  },
  begin: ({ timeout, bytes }) => {
    const action: StreamAction = { do: bytes === 'keep' ? 'hold' : 'drop', ms: timeout === 0 ? Infinity : timeout }
    const swallow = (): StreamAction => action
    const events = { open: swallow, chunk: swallow, end: swallow }
    return bytes === 'keep' ? events : { ...events, gone: () => ({ do: 'close', ms: 0 }) }
  }
})
