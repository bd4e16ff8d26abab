import { certificateParams, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The chain lacks its intermediate. */
export const incompleteChain = defineTlsFault({
  type: 'tls/incomplete-chain',
  needs: 'peek',
  params: certificateParams({}),
  existing: existingByRealism,
  doc: {
    summary: 'Shows the certificate alone, without the intermediate that signed it.',
    example: { type: 'tls/incomplete-chain' },
    seen: { curl: '`(60) SSL certificate problem: unable to get local issuer certificate`', node: '`UNABLE_TO_VERIFY_LEAF_SIGNATURE`' },
    limits: 'Whether clients trust premortem\'s CA makes no difference to what they report. Clients accept it that hold the intermediate already, or do not verify; the certificate names no address to fetch it from.',
    like: [{ tool: 'badssl.com', what: '`incomplete-chain`', as: { type: 'tls/incomplete-chain' } }]
  },
  begin: (params) => serving(params, { flaw: 'incomplete-chain' })
})
