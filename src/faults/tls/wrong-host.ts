import { certificateParams, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The certificate is for another name. */
export const wrongHost = defineTlsFault({
  type: 'tls/wrong-host',
  needs: 'peek',
  aliases: { 'tls/wrong.host': {} },
  params: certificateParams({}),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a certificate that is for another name than the client asked for.',
    example: { type: 'tls/wrong-host', match: { sni: 'api.internal' } },
    seen: { curl: '`(60) SSL: no alternative certificate subject name matches target host name`', node: '`ERR_TLS_CERT_ALTNAME_INVALID`' },
    limits: 'Where clients do not trust premortem\'s CA, all of them name the unknown issuer instead. Clients that verify the chain and not the name accept it.'
  },
  begin: (params) => serving(params, { flaw: 'wrong-host' })
})
