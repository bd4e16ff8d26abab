import { Duration, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** A black hole: nothing arrives, nothing ends. */
export const timeout = defineStreamFault({
  type: 'timeout',
  direction: 'both',
  params: Strict({
    timeout: Duration({ description: 'reset the connection when it has been stuck this long; 0 leaves it stuck', default: 0 })
  }),
  doc: {
    summary: 'Lets nothing through, like a host that is gone without a word: connections stay open and silent.',
    example: { type: 'timeout', node: 'payments-2' },
    seen: { curl: 'waits until `--max-time`: `(28) Operation timed out`', node: 'waits until its own timeout: undici `UND_ERR_HEADERS_TIMEOUT`' },
    limits: 'The TCP handshake still succeeds. Bytes are kept, not lost: they flow when the fault goes, as after a network partition.'
  },
  begin: (params) => {
    const hold = { do: 'hold', ms: params.timeout === 0 ? Infinity : params.timeout } as const
    return { open: () => hold, chunk: () => hold }
  }
})
