import { Type } from 'typebox'
import { OF, onBodies } from '../bodies.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { ByteRate, Duration, Size, Strict } from '../../kernel/schema.ts'
import { PASS, defineHttpFault } from '../fault.ts'
import type { StreamBehaviour } from '../fault.ts'
import { atLeastOne } from '../sizes.ts'
import { slice } from '../slices.ts'

/** A body trickles. */
export const slowBody = defineHttpFault({
  type: 'slow-body',
  params: Strict({
    rate: Type.Optional(ByteRate({ description: 'bytes a second; 0 lets nothing through' })),
    size: Type.Optional(Size({ description: 'in place of `rate`: how large the pieces are' })),
    gap: Type.Optional(Duration({ description: 'with `size`: how long each piece waits for the one before' })),
    of: OF
  }),
  doc: {
    summary: 'Delivers the head at once and the body slowly: at a rate, or in pieces with gaps between them.',
    example: { type: 'slow-body', size: '1KB', gap: '200ms' },
    seen: { curl: 'a slow transfer; `--speed-limit` and `--max-time` end in `(28)`', node: 'a response at once, its body slowly; undici `UND_ERR_BODY_TIMEOUT` if a gap is longer than it waits' },
    limits: 'Acts on each body alone; for a connection or all of them there is `bandwidth`. A chunk (one read, up to 64 KiB) is cut into 4096 pieces at most: smaller ones become as much larger. Pieces of a chunked body may still come in one chunk of it.',
    like: [
      { tool: 'Envoy', what: '`response_rate_limit` (`fixed_limit`, `limit_kbps` in KiB/s)', as: { type: 'slow-body', rate: '64KiB/s' } },
      { tool: 'WireMock', what: '`chunkedDribbleDelay` (numberOfChunks, totalDuration)', as: { type: 'slow-body', size: '1KB', gap: '200ms' } },
      { tool: 'MockServer', what: '`slowResponseChunkSize`, `slowResponseChunkDelay`', as: { type: 'slow-body', size: '512B', gap: '100ms' } }
    ]
  },
  check ({ rate, size, gap }, at) {
    const refuse = (key: string, message: string, found: unknown, wanted: string): never => {
      throw new PremortemError('PMT_ERR_INVALID', { message, path: at(key), found, wanted })
    }
    const both = 'either `rate`, or `size` and `gap`'
    if (rate !== undefined && (size ?? gap) !== undefined) refuse('rate', '`rate` stands in place of `size` and `gap`', rate, both)
    if (rate !== undefined) return
    if (size === undefined) refuse(gap === undefined ? 'rate' : 'size', 'nothing says how slow', 'nothing', both)
    if (gap === undefined) refuse('gap', '`gap` is missing', 'nothing', 'a duration such as 200ms')
    atLeastOne(size!, at('size'))
  },
  begin: ({ rate, size, gap, of }) => {
    const behaviour: StreamBehaviour = rate === undefined ? pieces(size!, gap!) : paced(rate)
    return onBodies(of, () => ({ do: 'body', behaviour }))
  }
})

const paced = (rate: number): StreamBehaviour =>
  ({ chunk: () => rate === 0 ? { do: 'hold', ms: Infinity } : { do: 'pace', rate, shared: false } })

const pieces = (size: number, gap: number): StreamBehaviour =>
  ({ chunk: ({ length }) => length === 0 ? PASS : { do: 'split', sizes: slice(length, size), gap } })
