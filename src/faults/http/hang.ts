import { Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'

/** Requests are taken and never answered. */
export const hang = defineHttpFault({
  type: 'hang',
  params: Strict({}),
  doc: {
    summary: 'Takes the request and never answers; the upstream is not called. Waiting requests go on when the fault goes.',
    example: { type: 'hang', match: { path: '/reports/**' } },
    seen: { curl: 'waits until `--max-time`: `(28) Operation timed out`', node: 'undici `UND_ERR_HEADERS_TIMEOUT`' },
    limits: 'Hangs one request, not the connection\'s TCP: keep-alive probes of the kernel are still answered.'
  },
  begin: () => ({ request: () => ({ do: 'hang' }) })
})
