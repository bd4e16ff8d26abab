import { Duration, Strict } from '../../kernel/schema.ts'
import { defineStreamFault } from '../fault.ts'

/** The end of the stream arrives later. */
export const slowClose = defineStreamFault({
  type: 'slow-close',
  direction: 'downstream',
  params: Strict({
    delay: Duration({ description: 'how much later the end of the stream (FIN) arrives' })
  }),
  doc: {
    summary: 'Passes bytes at once and the end of the stream late, so that a connection outlives its last byte.',
    example: { type: 'slow-close', delay: '5s' },
    seen: { curl: 'a response without a length ends late; others as ever', node: '`end` and `close` of the socket come late' },
    limits: 'Delays FIN, not RST. A client that closes the connection itself does not wait for it.',
    like: [{ tool: 'Toxiproxy', what: '`slow_close` (delay)', as: { type: 'slow-close', delay: '1s' } }]
  },
  toxic: {
    type: 'slow_close',
    attributes: { delay: {} },
    toParams: ({ delay }) => ({ delay }),
    toAttributes: ({ delay }) => ({ delay })
  },
  begin: ({ delay }) => ({ end: () => ({ do: 'delay', ms: delay }) })
})
