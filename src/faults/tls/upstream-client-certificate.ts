import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import type { CertificateFlaw } from '../certificate.ts'
import { defineTlsFault } from '../fault.ts'
import type { TlsAction } from '../fault.ts'

const FLAWS = {
  missing: null,
  expired: { flaw: 'expired', ago: 3_600_000 },
  untrusted: { flaw: 'untrusted-root', sendRoot: false },
  'wrong-eku': { flaw: 'wrong-eku' }
} as const satisfies Record<string, CertificateFlaw | null>

/** The client certificate that the node gets to see is not good enough. */
export const upstreamClientCertificate = defineTlsFault({
  type: 'tls/upstream-client-certificate',
  needs: 'present',
  params: Strict({
    shows: Default(OneOf(Object.keys(FLAWS) as (keyof typeof FLAWS)[], {
      description: 'what the node is shown: no certificate (`missing`), or one that has expired an hour ago, is of an unknown issuer, or is for servers only'
    }), 'missing')
  }),
  doc: {
    summary: 'Shows the node no client certificate, or one that it must refuse: what happens when ours is not renewed.',
    example: { type: 'tls/upstream-client-certificate', shows: 'expired' },
    seen: { curl: '`502` on an http proxy; else a connection that ends', node: '`502` on an http proxy; else `ECONNRESET`' },
    limits: 'It is premortem that is refused, and the client sees what a gateway makes of that. A node that asks for no certificate takes everything. In TLS 1.3 a node refuses after the handshake, with what it sends first.'
  },
  begin: ({ shows }) => ({
    handshake: ({ terminated }): TlsAction => terminated
      ? { do: 'present', flaw: FLAWS[shows] }
      : { do: 'unfit', why: 'bytes pass unread here: the certificate shown is the client\'s own' }
  })
})
