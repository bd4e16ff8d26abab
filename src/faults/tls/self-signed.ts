import { certificateParams, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The certificate is signed by its own key. */
export const selfSigned = defineTlsFault({
  type: 'tls/self-signed',
  needs: 'peek',
  params: certificateParams({}),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a certificate that is signed by its own key.',
    example: { type: 'tls/self-signed' },
    seen: { curl: '`(60) SSL certificate problem: self-signed certificate`', node: '`DEPTH_ZERO_SELF_SIGNED_CERT`' },
    limits: 'Whether clients trust premortem\'s CA makes no difference. Clients that do not verify accept it.',
    like: [{ tool: 'badssl.com', what: '`self-signed`', as: { type: 'tls/self-signed' } }]
  },
  begin: (params) => serving(params, { flaw: 'self-signed' })
})
