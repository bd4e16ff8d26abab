import { Type } from 'typebox'
import { onBodies } from '../bodies.ts'
import { Default, OneOf, Share, Size, Strict } from '../../kernel/schema.ts'
import { PASS, defineHttpFault } from '../fault.ts'
import type { StreamBehaviour } from '../fault.ts'

/** The response's body ends too early. */
export const truncate = defineHttpFault({
  type: 'truncate',
  params: Strict({
    keep: Type.Optional(Size({ description: 'how much of the body is delivered; in place of `fraction`' })),
    fraction: Share({ description: 'the same as a part of `content-length`; without one, of the first piece that arrives', default: '50%' }),
    how: Default(OneOf(['close', 'reset', 'stall'], { description: '`close` sends FIN, `reset` sends RST, `stall` never goes on' }), 'close')
  }),
  doc: {
    summary: 'Delivers the head and the beginning of a response\'s body, and never the rest.',
    example: { type: 'truncate', fraction: '25%', match: { path: '/reports/**' } },
    seen: {
      curl: 'close: `(18) transfer closed with … bytes remaining to read`, chunked: `(18) transfer closed with outstanding read data remaining`; reset: `(56) Recv failure: Connection reset by peer`; stall: `(28) Operation timed out`',
      node: 'close: undici `UND_ERR_SOCKET` other side closed, fetch `terminated`; reset: `ECONNRESET`; stall: `UND_ERR_BODY_TIMEOUT`'
    },
    limits: 'A body without length and chunks (http/1.0) looks whole to its reader when it is closed. A body no longer than `keep` is whole.',
    like: [{ tool: 'MockServer', what: '`truncateBodyAtFraction`', as: { type: 'truncate', fraction: 0.3 } }]
  },
  begin: ({ keep, fraction, how }) => onBodies('response', (length) => {
    const limit = keep ?? (length === undefined ? undefined : length * fraction)
    if (length !== undefined && limit! >= length) return { do: 'unfit', why: 'the body is no longer than what is kept of it' }
    return { do: 'body', behaviour: cutAt(limit, fraction, how) }
  })
})

function cutAt (limit: number | undefined, fraction: number, how: 'close' | 'reset' | 'stall'): StreamBehaviour {
  let left = limit === undefined ? undefined : Math.floor(limit)
  return {
    chunk ({ length }) {
      left ??= Math.floor(length * fraction)
      const before = left
      left = Math.max(0, left - length)
      if (before > length) return PASS
      if (how !== 'stall') return { do: 'cut', bytes: before, how }
      if (before === length) return PASS
      // A gap without end: the second piece never comes.
      return before === 0 ? { do: 'hold', ms: Infinity } : { do: 'split', sizes: [before, length - before], gap: Infinity }
    }
  }
}
