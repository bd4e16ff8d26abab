import { Type } from 'typebox'
import { Duration, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'
import type { StreamAction } from '../fault.ts'
import { WAIT, checkWait, compileWait } from '../wait.ts'

/** Bytes arrive later, in order. */
export const latency = defineStreamFault({
  type: 'latency',
  direction: 'downstream',
  params: Strict({
    latency: Type.Optional(Duration({ description: 'how much later bytes arrive; or `percentiles`, or `recorded`' })),
    ...WAIT
  }),
  doc: {
    summary: 'Delivers bytes, and the end of the stream, later than they arrived; a bulk transfer is shifted, not slowed.',
    example: { type: 'latency', latency: '100ms', jitter: '10ms' },
    seen: { curl: 'the answer comes later; `--max-time` ends in `(28) Operation timed out`', node: 'the data comes later; a client\'s own timeout fires' },
    limits: 'Acts on bytes, not on the TCP handshake: connecting is as fast as ever (`connect-delay` delays the dial). Bytes never overtake each other, so those behind a long wait wait too. At most 16 MiB a direction wait at a time; beyond that the sender is slowed.',
    like: [
      { tool: 'Toxiproxy', what: '`latency` (latency, jitter)', as: { type: 'latency', latency: '1s', jitter: '100ms' } },
      { tool: 'Toxiproxy', what: '`toxicity` 0.1, for any toxic', as: { type: 'latency', latency: '1s', share: 0.1 } },
      { tool: 'netem and comcast', what: '`delay 100ms 20ms distribution normal`', as: { type: 'latency', latency: '100ms', jitter: '20ms', distribution: 'normal', direction: 'both' } },
      { tool: 'netem and comcast', what: '`delay 100ms 20ms distribution pareto`', as: { type: 'latency', latency: '100ms', jitter: '20ms', distribution: 'pareto', direction: 'both' } },
      { tool: 'speedbump', what: '`--latency=100ms --sine-amplitude=100ms --sine-period=1m`', as: { type: 'latency', latency: '200ms', shape: 'sine', period: '1m' } }
    ]
  },
  toxic: {
    type: 'latency',
    attributes: { latency: {}, jitter: {} },
    toParams: ({ latency, jitter }) => ({ latency, jitter }),
    toAttributes: ({ latency, jitter }) => ({ latency: latency!, jitter })
  },
  check: (params, at) => checkWait('latency', params.latency, params, at),
  begin: (params, random) => {
    const wait = compileWait(params.latency, params)
    const delay = (elapsed: number): StreamAction => ({ do: 'delay', ms: wait(random, elapsed) })
    return { chunk: (_, elapsed) => delay(elapsed), end: delay }
  }
})
