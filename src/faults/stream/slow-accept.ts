import { Duration, Strict } from '../../kernel/schema.ts'
import { PASS, defineStreamFault } from '../fault.ts'

/** New connections wait before anything is done with them. */
export const slowAccept = defineStreamFault({
  type: 'slow-accept',
  direction: 'both',
  // What is open has been accepted.
  existing: 'ignore',
  params: Strict({
    delay: Duration({ description: 'how long a new connection waits before it is read and the upstream is dialled' })
  }),
  doc: {
    summary: 'Lets new connections wait, unread and with no upstream dialled, like a server whose accept queue is long.',
    example: { type: 'slow-accept', delay: '3s' },
    seen: { curl: 'connects at once, then waits; `--max-time` ends in `(28) Operation timed out`', node: 'connects at once; undici `UND_ERR_HEADERS_TIMEOUT` if it waits less long' },
    limits: 'The kernel completes the TCP handshake by itself, so connecting is as fast as ever and a connect timeout does not fire. With TLS, the handshake waits.',
    like: [{ tool: 'toxy', what: '`slowOpen`', as: { type: 'slow-accept', delay: '500ms' } }]
  },
  begin: ({ delay }) => ({ open: (age) => age > 0 ? PASS : { do: 'delay', ms: delay } })
})
