import forge from 'node-forge'
import { PremortemError } from '../../kernel/errors.ts'

const { asn1 } = forge

/** A parsed or built ASN.1 value (X.690). */
export type Asn1 = forge.asn1.Asn1

/** How large a certificate from outside may be, in bytes. */
export const LARGEST = 64 * 1024

const { Class, Type } = asn1

/** What forge makes of DER from outside. Throws PMT_ERR_CERTIFICATE for anything that is not one whole value, or too large. */
export function parseDer (der: Uint8Array): Asn1 {
  if (der.length > LARGEST) throw malformed(`${der.length} bytes`, `at most ${LARGEST} bytes`)
  try {
    return asn1.fromDer(forge.util.createBuffer(Buffer.from(der).toString('binary')), { strict: true, parseAllBytes: true, decodeBitStrings: false } as never)
  } catch (error) {
    throw malformed('no DER', 'a certificate in DER', error)
  }
}

/** The error for a certificate that is not one. */
export function malformed (found: string, wanted: string, cause?: unknown): PremortemError {
  return new PremortemError('PMT_ERR_CERTIFICATE', { message: 'the certificate is malformed', found, wanted, cause })
}

/** The bytes of a value. */
export function toDer (value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'binary')
}

/** The values in a constructed one. Throws PMT_ERR_CERTIFICATE if it is not that. */
export function childrenOf (value: Asn1 | undefined): Asn1[] {
  if (value === undefined || !Array.isArray(value.value)) throw malformed('a value where a sequence belongs', 'a certificate (RFC 5280, 4.1)')
  return value.value
}

/** The content of a primitive value. Throws PMT_ERR_CERTIFICATE if it is not that. */
export function contentOf (value: Asn1 | undefined): Buffer {
  if (value === undefined || typeof value.value !== 'string') throw malformed('a sequence where a value belongs', 'a certificate (RFC 5280, 4.1)')
  return Buffer.from(value.value, 'binary')
}

/** Whether a value has a context-specific tag. */
export const isTagged = (value: Asn1 | undefined, tag: number): value is Asn1 =>
  value !== undefined && (value.tagClass as number) === Class.CONTEXT_SPECIFIC && (value.type as number) === tag

/** The dotted name of an OBJECT IDENTIFIER; its bytes in hex where forge cannot read its numbers. Throws PMT_ERR_CERTIFICATE. */
export function oidOf (value: Asn1 | undefined): string {
  const content = contentOf(value)
  // Each number ends with a byte below 128 (X.690, 8.19.2).
  if (content.length === 0 || content.at(-1)! > 127) throw malformed('a broken object identifier', 'a certificate (RFC 5280, 4.1)')
  try {
    const dotted = asn1.derToOid(content.toString('binary'))
    if (/^\d+(\.\d+)+$/.test(dotted)) return dotted
  } catch { /* the bytes are a name as well */ }
  return content.toString('hex')
}

const primitive = (type: forge.asn1.Type, content: Buffer | string): Asn1 =>
  asn1.create(Class.UNIVERSAL, type, false, typeof content === 'string' ? content : content.toString('binary'))

/** SEQUENCE. */
export const sequence = (...values: Asn1[]): Asn1 => asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, values)

/** SET. */
export const set = (...values: Asn1[]): Asn1 => asn1.create(Class.UNIVERSAL, Type.SET, true, values)

/** INTEGER, positive, of these bytes. */
export const integer = (bytes: Buffer): Asn1 =>
  primitive(Type.INTEGER, bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]))

/** OBJECT IDENTIFIER. */
export const oid = (dotted: string): Asn1 => primitive(Type.OID, asn1.oidToDer(dotted).getBytes())

/** BOOLEAN TRUE. */
export const TRUE: Asn1 = primitive(Type.BOOLEAN, '\xff')

/** NULL. */
export const NULL: Asn1 = primitive(Type.NULL, '')

/** OCTET STRING. */
export const octets = (bytes: Buffer): Asn1 => primitive(Type.OCTETSTRING, bytes)

/** BIT STRING of whole bytes, `unused` bits of the last not among them. */
export const bits = (bytes: Buffer, unused = 0): Asn1 => primitive(Type.BITSTRING, Buffer.concat([Buffer.of(unused), bytes]))

/** UTF8String. */
export const utf8 = (text: string): Asn1 => primitive(Type.UTF8, Buffer.from(text))

/** A context-specific tag around values, or around bytes. */
export const tagged = (tag: number, content: Asn1[] | Buffer): Asn1 =>
  asn1.create(Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, Array.isArray(content), Array.isArray(content) ? content : content.toString('binary'))

/** A moment in whole seconds, as certificates write it (RFC 5280, 4.1.2.5). */
export function time (moment: Date): Asn1 {
  const digits = moment.toISOString().replace(/\.\d+Z$/, 'Z').replace(/[-:T]/g, '')
  const year = moment.getUTCFullYear()
  return year >= 1950 && year < 2050 ? primitive(Type.UTCTIME, digits.slice(2)) : primitive(Type.GENERALIZEDTIME, digits)
}
