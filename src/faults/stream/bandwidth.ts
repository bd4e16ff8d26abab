import { ByteRate, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** Bytes flow at most at a rate. */
export const bandwidth = defineStreamFault({
  type: 'bandwidth',
  direction: 'downstream',
  params: Strict({
    rate: ByteRate({ description: 'bytes a second, for each connection and direction; 0 lets nothing through' })
  }),
  doc: {
    summary: 'Limits how many bytes a second a connection carries.',
    example: { type: 'bandwidth', rate: '64KB/s' },
    seen: { curl: 'a slow transfer; `--speed-limit` ends in `(28) Operation too slow`', node: 'data arrives in small pieces at the rate' },
    limits: 'Limits each connection on its own. What the kernels\' buffers already hold is not slowed.'
  },
  begin: (params) => ({
    chunk: () => params.rate === 0 ? { do: 'hold', ms: Infinity } : { do: 'pace', rate: params.rate, shared: false }
  })
})
