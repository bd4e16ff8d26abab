import { LongDuration } from '../../kernel/schema.ts'
import { certificateParams, checkSpan, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The validity of the certificate has not begun. */
export const notYetValid = defineTlsFault({
  type: 'tls/not-yet-valid',
  needs: 'peek',
  params: certificateParams({ in: LongDuration({ description: 'how much later it will be valid, counted from when the fault begins', default: '1d' }) }),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a certificate that is not valid yet, as when clocks differ.',
    example: { type: 'tls/not-yet-valid', in: '1h' },
    seen: { curl: '`(60) SSL certificate problem: certificate is not yet valid`', node: '`CERT_NOT_YET_VALID`' },
    limits: 'Where clients do not trust premortem\'s CA, curl, OpenSSL and Python name the unknown issuer instead; Node names the date all the same. The client\'s clock decides: one that is ahead by more than `in` accepts it, and so does one that does not verify.'
  },
  check: (params, at) => checkSpan(params.in, at('in')),
  begin: ({ in: ahead, ...params }) => serving(params, { flaw: 'not-yet-valid', in: ahead })
})
