import type { TProperties } from 'typebox'
import { Default, OneOf, Strict } from '../kernel/schema.ts'
import type { CertificateFlaw } from './certificate.ts'
import type { Existing } from './fault.ts'
import { Type } from 'typebox'
import type { TlsBehaviour } from './handshake.ts'

/** What every fault that shows another certificate has beside its own parameters. */
export const CERTIFICATE_PARAMS = {
  realism: Default(OneOf(['incident', 'natural'], {
    description: '`incident`: everybody must shake hands anew, as after a restart; `natural`: open connections and earlier sessions go on, as when a certificate lapses'
  }), 'incident'),
  resumption: Type.Optional(OneOf(['invalidate', 'keep'], {
    description: 'whether sessions of before the fault may be resumed, which skips the certificate; `keep` with `realism: natural`, else `invalidate`'
  }))
} satisfies TProperties

/** Those, decoded. */
export interface CertificateParams { realism: 'incident' | 'natural', resumption?: 'invalidate' | 'keep' | undefined }

/** The schema of such a fault's parameters. */
export const certificateParams = <P extends TProperties>(own: P) => Strict({ ...own, ...CERTIFICATE_PARAMS })

/** What `existing` is for such a fault when nobody says. */
export const existingByRealism = ({ realism }: CertificateParams): Existing => realism === 'natural' ? 'ignore' : 'drain'

/** The behaviour of such a fault. */
export function serving ({ realism, resumption }: CertificateParams, flaw: CertificateFlaw): TlsBehaviour {
  const resume = (resumption ?? (realism === 'natural' ? 'keep' : 'invalidate')) === 'keep'
  return { handshake: () => ({ do: 'serve', flaw, resume }) }
}
