import { LongDuration } from '../../kernel/schema.ts'
import { certificateParams, checkSpan, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The certificate will expire soon. */
export const expiring = defineTlsFault({
  type: 'tls/expiring',
  needs: 'peek',
  params: certificateParams({ in: LongDuration({ description: 'how long it is still valid, counted from when the fault begins', default: '6d' }) }),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a certificate that is valid, and will not be for long: what monitoring should warn of.',
    example: { type: 'tls/expiring', in: '13d' },
    seen: { curl: 'nothing', node: 'nothing' },
    limits: 'Where clients do not trust premortem\'s CA, all clients refuse it for its issuer (curl `(60)`, Node `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`). Where they do, every client accepts it: it is there for what watches certificates on the wire. What watches files or secrets sees nothing of it. Clients that pin the key reject it.'
  },
  check: (params, at) => checkSpan(params.in, at('in')),
  begin: ({ in: left, ...params }) => serving(params, { flaw: 'expiring', in: left })
})
