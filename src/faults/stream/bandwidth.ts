import { ByteRate, Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'
import type { StreamAction } from '../fault.ts'

/** Bytes flow at most at a rate. */
export const bandwidth = defineStreamFault({
  type: 'bandwidth',
  direction: 'downstream',
  params: Strict({
    rate: ByteRate({ description: 'bytes a second; 0 lets nothing through' }),
    scope: Default(OneOf(['connection', 'proxy'], {
      description: '`connection`: each connection and direction has the rate for itself; `proxy`: all that the fault hits share it'
    }), 'connection')
  }),
  doc: {
    summary: 'Limits how many bytes a second a connection carries, or all connections together.',
    example: { type: 'bandwidth', rate: '64KB/s' },
    seen: { curl: 'a slow transfer; `--speed-limit` ends in `(28) Operation too slow`', node: 'data arrives in small pieces at the rate' },
    limits: 'What the kernels\' buffers already hold is not slowed, and a sender may fill them before it notices. Bytes are counted without the headers of TCP and IP.',
    like: [
      { tool: 'Toxiproxy', what: '`bandwidth` (rate in KB/s)', as: { type: 'bandwidth', rate: '64KB/s' } },
      { tool: 'Toxiproxy', what: '`bandwidth` with rate 0, Testcontainers\' way to cut a connection', as: { type: 'bandwidth', rate: 0 } },
      { tool: 'netem and comcast', what: '`rate 1mbit`, `--target-bw=1000`', as: { type: 'bandwidth', rate: '125KB/s', scope: 'proxy', direction: 'both' } }
    ]
  },
  toxic: {
    type: 'bandwidth',
    attributes: { rate: {} },
    toParams: ({ rate }) => ({ rate: rate! * 1000 }),
    toAttributes: ({ rate }) => ({ rate: rate / 1000 })
  },
  begin: ({ rate, scope }) => {
    const action: StreamAction = rate === 0 ? { do: 'hold', ms: Infinity } : { do: 'pace', rate, shared: scope === 'proxy' }
    return { chunk: () => action }
  }
})
