import { createHash, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { PremortemError } from '../../kernel/errors.ts'
import { NULL, bits, integer, oid, parseDer, sequence, set, tagged, time, toDer, utf8 } from './der.ts'
import type { Asn1 } from './der.ts'

/** What a certificate says (RFC 5280, 4.1.2). Names and key are DER. */
export interface CertificateParts {
  issuer: Buffer
  subject: Buffer
  notBefore: Date
  notAfter: Date
  /** SubjectPublicKeyInfo. */
  spki: Buffer
  extensions: readonly Asn1[]
}

const VERSION_3 = 2
const ATTRIBUTE = { organization: '2.5.4.10', commonName: '2.5.4.3' } as const

/** A name of an organization and a common name, in DER. */
export function distinguishedName (attributes: Partial<Record<keyof typeof ATTRIBUTE, string>>): Buffer {
  return toDer(sequence(...Object.entries(attributes).map(([key, value]) =>
    set(sequence(oid(ATTRIBUTE[key as keyof typeof ATTRIBUTE]), utf8(value!))))))
}

/**
 * A certificate in DER, signed with a key. Its serial number is a hash of what it says and who signs it, so that two that
 * differ never share one, and one that is made twice is the same. Throws PMT_ERR_CERTIFICATE for a key that cannot sign.
 */
export function buildCertificate (parts: CertificateParts, signer: KeyObject): Buffer {
  const algorithm = algorithmOf(signer)
  const body = [
    parseDer(algorithm.identifier),
    parseDer(parts.issuer),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    parseDer(parts.subject),
    parseDer(parts.spki),
    tagged(3, [sequence(...parts.extensions)])
  ]
  const said = createHash('sha256').update(toDer(sequence(...body))).update(signer.export({ type: 'pkcs8', format: 'der' })).digest()
  const serial = said.subarray(0, 16)
  serial[0]! &= 0x7f
  serial[0]! |= 0x40
  const tbs = toDer(sequence(tagged(0, [integer(Buffer.of(VERSION_3))]), integer(serial), ...body))
  return toDer(sequence(parseDer(tbs), parseDer(algorithm.identifier), bits(sign(algorithm.digest, tbs, signer))))
}

/** DER as PEM. */
export function toPem (der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}

// RFC 3279, 2.2; RFC 5758, 3.2; RFC 8410, 3.
function algorithmOf ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): { identifier: Buffer, digest: string | null } {
  if (asymmetricKeyType === 'rsa') return { identifier: toDer(sequence(oid('1.2.840.113549.1.1.11'), NULL)), digest: 'sha256' }
  if (asymmetricKeyType === 'ed25519') return { identifier: toDer(sequence(oid('1.3.101.112'))), digest: null }
  if (asymmetricKeyType === 'ec') {
    const curve = asymmetricKeyDetails?.namedCurve
    const [id, digest] = curve === 'secp384r1' ? ['3', 'sha384'] : curve === 'secp521r1' ? ['4', 'sha512'] : ['2', 'sha256']
    return { identifier: toDer(sequence(oid(`1.2.840.10045.4.3.${id}`))), digest }
  }
  throw new PremortemError('PMT_ERR_CERTIFICATE', { message: 'a CA with such a key cannot sign here', found: asymmetricKeyType ?? 'unknown', wanted: 'an RSA, EC or Ed25519 key' })
}
