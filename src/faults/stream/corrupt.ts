import { Size, Strict } from '../../kernel/schema.ts'
import { createCorrupter } from '../corruption.ts'
import { PASS, defineStreamFault } from '../fault.ts'
import { atLeastOne } from '../sizes.ts'

/** Bits flip. */
export const corrupt = defineStreamFault({
  type: 'corrupt',
  direction: 'downstream',
  params: Strict({
    'one-in': Size({ description: 'one byte in so many, on average, has one bit flipped', default: '1KB' })
  }),
  doc: {
    summary: 'Flips single bits of what a connection carries, so that the reader gets other bytes than were sent.',
    example: { type: 'corrupt', 'one-in': '10KB', direction: 'both' },
    seen: { curl: 'other bytes; in a head, `(8) Header without colon` or `(1) Received HTTP/0.9 when not allowed`', node: 'other bytes; in a head, an `HTTPParserError` such as `HPE_INVALID_CONSTANT`' },
    limits: 'Corrupts the stream, which TCP has found sound: no checksum is wrong, and no packet is lost. Under TLS the record does not verify and the connection ends. For bodies alone there is `corrupt-body`.',
    like: [{ tool: 'netem and comcast', what: '`corrupt 0.1%`, but seen by the reader instead of dropped by its kernel', as: { type: 'corrupt', 'one-in': '1KB', direction: 'both' } }]
  },
  check: (params, at) => atLeastOne(params['one-in'], at('one-in')),
  begin: (params, random) => {
    const corruptChunk = createCorrupter(params['one-in'], random)
    return {
      chunk (chunk) {
        const bytes = corruptChunk(chunk)
        return bytes === null ? PASS : { do: 'replace', bytes }
      }
    }
  }
})
