import { Type } from 'typebox'
import type { TProperties } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { Default, OneOf, Strict } from '../kernel/schema.ts'
import type { CertificateFlaw } from './certificate.ts'
import type { Existing, TlsBehaviour } from './fault.ts'

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

// A certificate's times are whole seconds (RFC 5280, 4.1.2.5), and nobody issues one for longer than this.
const SHORTEST = 1000
const LONGEST = 3650 * 86_400_000

/** Refuses a time that no certificate can show, in milliseconds. Throws PMT_ERR_INVALID. */
export function checkSpan (ms: number, path: string): void {
  if (ms >= SHORTEST && ms <= LONGEST) return
  throw new PremortemError('PMT_ERR_INVALID', { message: 'not a time that a certificate can show', path, found: ms, wanted: 'a duration from 1s to 3650d' })
}

/** The behaviour of such a fault. */
export function serving ({ realism, resumption }: CertificateParams, flaw: CertificateFlaw): TlsBehaviour {
  const resume = (resumption ?? (realism === 'natural' ? 'keep' : 'invalidate')) === 'keep'
  return { handshake: () => ({ do: 'serve', flaw, resume }) }
}
