import { Type } from 'typebox'
import { Default } from '../../kernel/schema.ts'
import { certificateParams, existingByRealism, serving } from '../certificate-params.ts'
import { defineTlsFault } from '../fault.ts'

/** The root of the chain is one that nobody trusts. */
export const untrustedRoot = defineTlsFault({
  type: 'tls/untrusted-root',
  needs: 'peek',
  aliases: { 'tls/superfish': {}, 'tls/edellroot': {}, 'tls/dsdtestprovider': {} },
  params: certificateParams({ 'send-root': Default(Type.Boolean({ description: 'whether the chain ends with that root' }), false) }),
  existing: existingByRealism,
  doc: {
    summary: 'Shows a certificate below a root that nobody trusts.',
    example: { type: 'tls/untrusted-root', share: '50%' },
    seen: { curl: '`(60) SSL certificate problem: unable to get local issuer certificate`; with `send-root` `self-signed certificate in certificate chain`', node: '`UNABLE_TO_GET_ISSUER_CERT_LOCALLY`; with `send-root` `SELF_SIGNED_CERT_IN_CHAIN`' },
    limits: 'Whether clients trust premortem\'s CA makes no difference: the root is another one. Clients that do not verify accept it.',
    like: [{ tool: 'badssl.com', what: '`untrusted-root`', as: { type: 'tls/untrusted-root' } }]
  },
  begin: ({ 'send-root': sendRoot, ...params }) => serving(params, { flaw: 'untrusted-root', sendRoot })
})
