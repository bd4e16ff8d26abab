import { isIP } from 'node:net'
import { permittedNames } from './bounds.ts'
import { malformed } from './der.ts'
import type { Asn1 } from './der.ts'
import { formatAddressBytes } from './hosts.ts'

/** Kinds of names by their tags (RFC 5280, 4.2.1.6), as far as they are texts. */
const KIND: Readonly<Record<number, string>> = { 1: 'email:', 2: '', 6: 'uri:' }

/**
 * The names, with those below them, and the networks that a CA may vouch for, as its name constraints say (RFC 5280,
 * 4.2.1.10); null if it has none and may for any. Throws PMT_ERR_CERTIFICATE.
 */
export function permittedBy (cert: Buffer): string[] | null {
  // An address that is permitted as a DNS name too is there for common names; it is said once.
  return permittedNames(cert)?.filter((name) => name === undefined || !isAddressAsName(name)).map(nameOf) ?? null
}

const isAddressAsName = ({ type, value }: Asn1): boolean => (type as number) === 2 && typeof value === 'string' && isIP(value) === 4

function nameOf (name: Asn1 | undefined): string {
  if (name === undefined) throw malformed('a permitted subtree without a name', 'name constraints (RFC 5280, 4.2.1.10)')
  const tag = name.type as number
  if (typeof name.value !== 'string') return `a name of kind ${tag}`
  const bytes = Buffer.from(name.value, 'binary')
  if (tag === 7 && (bytes.length === 8 || bytes.length === 32)) return networkOf(bytes)
  return KIND[tag] === undefined ? `a name of kind ${tag}` : `${KIND[tag]}${name.value}`
}

// An address and a mask of the same length.
function networkOf (bytes: Buffer): string {
  const half = bytes.length / 2
  const length = [...bytes.subarray(half)].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  return `${formatAddressBytes(bytes.subarray(0, half))}${length === half * 8 ? '' : `/${length}`}`
}
