import { certificateParams, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The certificate is not for servers. */
export const wrongEku = defineTlsFault({
  type: 'tls/wrong-eku',
  needs: 'peek',
  params: certificateParams({}),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a certificate that is for clients and not for servers (extended key usage, RFC 5280, 4.2.1.12).',
    example: { type: 'tls/wrong-eku' },
    seen: { curl: '`(60) SSL certificate problem: unsuitable certificate purpose`', node: '`INVALID_PURPOSE`' },
    limits: 'Where clients do not trust premortem\'s CA, curl, OpenSSL and Python name the unknown issuer instead; Node names the purpose all the same. Clients that do not verify accept it.'
  },
  begin: (params) => serving(params, { flaw: 'wrong-eku' })
})
