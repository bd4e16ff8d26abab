import { OF, onBodies } from '../bodies.ts'
import { createCorrupter } from '../corruption.ts'
import { Size, Strict } from '../../kernel/schema.ts'
import { PASS, defineHttpFault } from '../fault.ts'
import { atLeastOne } from '../sizes.ts'

/** Bits of a body flip. */
export const corruptBody = defineHttpFault({
  type: 'corrupt-body',
  params: Strict({
    'one-in': Size({ description: 'one byte in so many, on average, has one bit flipped', default: '1KB' }),
    of: OF
  }),
  doc: {
    summary: 'Flips single bits of a body; heads, lengths and the framing of chunks stay sound.',
    example: { type: 'corrupt-body', 'one-in': '100B', match: { path: '/files/**' } },
    seen: { curl: 'other bytes; with `--compressed`, `(61) Error while processing content unencoding` where they were compressed', node: 'other bytes: `JSON.parse` throws a `SyntaxError`, a decompressor `Z_DATA_ERROR`' },
    limits: 'A body may be so short that nothing in it flips. What a checksum protects, such as a compressed body or TLS within the body, is refused by its reader as a whole.',
    like: [{ tool: 'MockServer', what: '`malformedBody`', as: { type: 'corrupt-body', 'one-in': '20B' } }]
  },
  check: (params, at) => atLeastOne(params['one-in'], at('one-in')),
  begin: (params) => onBodies(params.of, (_, { random }) => {
    const corrupt = createCorrupter(params['one-in'], random)
    return {
      do: 'body',
      behaviour: {
        chunk (chunk) {
          const bytes = corrupt(chunk)
          return bytes === null ? PASS : { do: 'replace', bytes }
        }
      }
    }
  })
})
