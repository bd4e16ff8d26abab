import { Strict } from '../../kernel/schema.ts'
import { defineTlsFault } from '../fault.ts'

/** The server never answers the ClientHello. */
export const stall = defineTlsFault({
  type: 'tls/stall',
  needs: 'peek',
  params: Strict({}),
  doc: {
    summary: 'Never answers the ClientHello: the connection is open and silent.',
    example: { type: 'tls/stall', share: '10%' },
    seen: { curl: 'nothing, until `--connect-timeout` or `--max-time` ends it with `(28)`', node: 'https waits for ever unless a timeout is set; fetch fails after 10 s with `UND_ERR_CONNECT_TIMEOUT`' },
    limits: 'Connections it holds go on when it is removed. Shaking hands slowly is `tls/slow`.'
  },
  begin: () => ({ handshake: () => ({ do: 'hang' }) })
})
