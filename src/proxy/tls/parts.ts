import { X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { childrenOf, contentOf, isTagged, malformed, oidOf, parseDer, toDer } from './der.ts'
import type { Asn1 } from './der.ts'

/** An extension as it stands in a certificate. */
export interface PartExtension { id: string, value: Asn1 }

/** What is kept of a certificate that is copied. Names are DER. */
export interface Parts {
  subject: Buffer
  extensions: PartExtension[]
  publicKey: KeyObject
  notBefore: Date
  notAfter: Date
  /** Whether it may sign others. */
  isCa: boolean
}

/** Takes a certificate apart (RFC 5280, 4.1). It is untrusted: whatever is wrong with it becomes PMT_ERR_CERTIFICATE. */
export function partsOf (der: Buffer): Parts {
  const [tbs] = childrenOf(parseDer(der))
  const fields = childrenOf(tbs)
  // [0] is the version, which a certificate of version 1 leaves out.
  const first = isTagged(fields[0], 0) ? 1 : 0
  const subject = fields[first + 4]
  if (subject === undefined || !Array.isArray(subject.value)) throw malformed('no subject', 'a certificate (RFC 5280, 4.1)')
  const extensions = fields.slice(first + 6).find((field) => isTagged(field, 3))
  const { publicKey, notBefore, notAfter, isCa } = read(der)
  return {
    subject: toDer(subject),
    extensions: extensions === undefined ? [] : childrenOf(childrenOf(extensions)[0]).map(named),
    publicKey,
    notBefore,
    notAfter,
    isCa
  }
}

/** An extension's value, in DER. */
export function valueOf ({ value }: PartExtension): Buffer { return contentOf(childrenOf(value).at(-1)) }

const named = (value: Asn1): PartExtension => ({ id: oidOf(childrenOf(value)[0]), value })

// What a key or a date means, OpenSSL says.
function read (der: Buffer): Omit<Parts, 'subject' | 'extensions'> {
  try {
    const { publicKey, validFrom, validTo, ca: isCa } = new X509Certificate(der)
    const notBefore = new Date(validFrom)
    const notAfter = new Date(validTo)
    if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) throw new RangeError('no date')
    return { publicKey, notBefore, notAfter, isCa }
  } catch (error) {
    throw malformed('what OpenSSL does not take for a certificate', 'a certificate (RFC 5280, 4.1)', error)
  }
}
