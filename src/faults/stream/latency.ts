import { Duration, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** Bytes arrive later, in order. */
export const latency = defineStreamFault({
  type: 'latency',
  direction: 'downstream',
  params: Strict({
    latency: Duration({ description: 'how much later bytes arrive' }),
    jitter: Duration({ description: 'each chunk\'s latency varies evenly by this much, more or less', default: 0 })
  }),
  doc: {
    summary: 'Delivers bytes later than they arrived; a bulk transfer is shifted, not slowed.',
    example: { type: 'latency', latency: '100ms', jitter: '10ms' },
    seen: { curl: 'the answer comes later; `--max-time` ends in `(28) Operation timed out`', node: 'the data comes later; a client\'s own timeout fires' },
    limits: 'Acts on bytes, not on the TCP handshake: connecting is as fast as ever. At most 16 MiB a direction wait at a time; beyond that the sender is slowed.'
  },
  begin: (params, random) => ({
    chunk: () => ({ do: 'delay', ms: Math.max(0, params.latency + random.spread(params.jitter)) })
  })
})
