import { LongDuration } from '../../kernel/schema.ts'
import { certificateParams, checkSpan, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The certificate has expired. */
export const expired = defineTlsFault({
  type: 'tls/expired',
  needs: 'peek',
  params: certificateParams({ ago: LongDuration({ description: 'how long ago, counted from when the fault begins', default: '1h' }) }),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a certificate that has expired.',
    example: { type: 'tls/expired', ago: '2d', realism: 'natural' },
    seen: { curl: '`(60) SSL certificate problem: certificate has expired`', node: '`CERT_HAS_EXPIRED`' },
    limits: 'Where clients do not trust premortem\'s CA, curl, OpenSSL and Python name the unknown issuer instead; Node names the expiry all the same. Clients that do not verify accept it, and so does everybody who resumes a session or stays on a connection of before.',
    like: [{ tool: 'badssl.com', what: '`expired`', as: { type: 'tls/expired' } }]
  },
  check: (params, at) => checkSpan(params.ago, at('ago')),
  begin: ({ ago, ...params }) => serving(params, { flaw: 'expired', ago })
})
