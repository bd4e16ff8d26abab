import { LongDuration } from '../../kernel/schema.ts'
import { certificateParams, checkSpan, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The intermediate has expired. */
export const expiredIntermediate = defineTlsFault({
  type: 'tls/expired-intermediate',
  needs: 'peek',
  params: certificateParams({ ago: LongDuration({ description: 'how long ago, counted from when the fault begins', default: '1h' }) }),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a valid certificate below an intermediate that has expired.',
    example: { type: 'tls/expired-intermediate', ago: '2d' },
    seen: { curl: '`(60) SSL certificate problem: certificate has expired`', node: '`CERT_HAS_EXPIRED`' },
    limits: 'Where clients do not trust premortem\'s CA, all of them name the unknown issuer instead. Clients accept it that hold a newer intermediate of the same key, and those that do not verify. Monitors that look at the leaf alone see nothing of it.'
  },
  check: (params, at) => checkSpan(params.ago, at('ago')),
  begin: ({ ago, ...params }) => serving(params, { flaw: 'expired-intermediate', ago })
})
