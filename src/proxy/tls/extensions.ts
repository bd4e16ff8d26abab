import { createHash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { TRUE, bits, childrenOf, contentOf, integer, octets, oid, parseDer, sequence, tagged, toDer } from './der.ts'
import type { Asn1 } from './der.ts'
import { addressBytes, canonicalHost } from './hosts.ts'
import { spkiOf } from './keys.ts'

/** Object identifiers of extensions (RFC 5280, 4.2; RFC 6962, 3). */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  sctList: '1.3.6.1.4.1.11129.2.4.2',
  ctPoison: '1.3.6.1.4.1.11129.2.4.3'
} as const

const PURPOSE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

const KEY_USAGE = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 } as const

const extension = (id: string, critical: boolean, value: Asn1): Asn1 =>
  sequence(oid(id), ...critical ? [TRUE] : [], octets(toDer(value)))

/** A CA below which `pathLength` CAs may stand. */
export const basicConstraintsCa = (pathLength: number): Asn1 =>
  extension(EXTENSION.basicConstraints, true, sequence(TRUE, integer(Buffer.from([pathLength]))))

/** No CA. */
export const basicConstraintsLeaf = (): Asn1 => extension(EXTENSION.basicConstraints, true, sequence())

/** What the key may be used for. */
export function keyUsage (...uses: (keyof typeof KEY_USAGE)[]): Asn1 {
  const positions: number[] = uses.map((use) => KEY_USAGE[use])
  const byte = positions.reduce((sum, position) => sum | (0x80 >> position), 0)
  return extension(EXTENSION.keyUsage, true, bits(Buffer.from([byte]), 7 - Math.max(...positions)))
}

/** What the certificate is for. */
export const extKeyUsage = (purpose: keyof typeof PURPOSE): Asn1 =>
  extension(EXTENSION.extKeyUsage, false, sequence(oid(PURPOSE[purpose])))

/** The names, or addresses, that it stands for. */
export function subjectAltName (names: readonly string[]): Asn1 {
  return extension(EXTENSION.subjectAltName, false, sequence(...names.map((name) => {
    const address = addressBytes(name)
    return address === null ? tagged(2, Buffer.from(name)) : tagged(7, address)
  })))
}

/** SHA-1 of the public key's bits, as RFC 5280, 4.2.1.2 proposes. */
export function keyIdentifier (key: KeyObject): Buffer {
  const [, subjectPublicKey] = childrenOf(parseDer(spkiOf(key)))
  return createHash('sha1').update(contentOf(subjectPublicKey).subarray(1)).digest()
}

/** Of the certificate's own key. */
export const subjectKeyIdentifier = (identifier: Buffer): Asn1 =>
  extension(EXTENSION.subjectKeyIdentifier, false, octets(identifier))

/** Of the issuer's key. */
export const authorityKeyIdentifier = (identifier: Buffer): Asn1 =>
  extension(EXTENSION.authorityKeyIdentifier, false, sequence(tagged(0, identifier)))

/**
 * Only for these names (of a wildcard, its domain) and what is below them, and these addresses and loopback (RFC 5280,
 * 4.2.1.10). Both kinds have to stand in it: constraints on names alone leave addresses free.
 */
export function nameConstraints (hosts: readonly string[]): Asn1 {
  const known = [...new Set([...hosts, '127.0.0.1'].map(canonicalHost))].filter((host) => host !== null)
  const addresses = known.map(addressBytes).filter((bytes) => bytes !== null)
  // A common name such as 10.0.0.1 is a DNS name to OpenSSL, so an IPv4 address is permitted as one too.
  const names = known.filter((host) => isIP(host) !== 6).map((host) => host.replace(/^\*\./, ''))
  const permitted = [
    ...[...new Set(names)].map((name) => tagged(2, Buffer.from(name))),
    ...LOOPBACK.map((network) => tagged(7, network)),
    ...addresses.filter((bytes) => bytes.length === 16 || bytes[0] !== 127)
      .map((bytes) => tagged(7, Buffer.concat([bytes, Buffer.alloc(bytes.length, 255)])))
  ]
  return extension(EXTENSION.nameConstraints, true, sequence(tagged(0, permitted.map((name) => sequence(name)))))
}

/** An address, then a mask. */
const LOOPBACK = [Buffer.of(127, 0, 0, 0, 255, 0, 0, 0), Buffer.concat([Buffer.alloc(15), Buffer.of(1), Buffer.alloc(16, 255)])]

/** The bits of lists that make a CA, by the extension: keyCertSign and cRLSign; the three CAs of Netscape's certificate type. */
const CA_BITS: Readonly<Record<string, number>> = {
  [EXTENSION.keyUsage]: 0x80 >> KEY_USAGE.keyCertSign | 0x80 >> KEY_USAGE.cRLSign,
  '2.16.840.1.113730.1.1': 0x07
}

/** An extension as it is, but for bits that say it is of a CA; undefined if nothing is left. Throws PMT_ERR_CERTIFICATE. */
export function withoutCaUses (id: string, whole: Asn1): Asn1 | undefined {
  const mask = CA_BITS[id] ?? 0
  if (mask === 0) return whole
  const parts = childrenOf(whole)
  const [, first = 0, ...others] = contentOf(parseDer(contentOf(parts.at(-1))))
  if ((first & mask) === 0) return whole
  const bytes = [first & ~mask, ...others]
  while (bytes.at(-1) === 0) bytes.pop()
  const last = bytes.at(-1)
  // Zeros at the end of a list of named bits do not count (X.690, 11.2.2).
  if (last === undefined) return undefined
  return sequence(...parts.slice(0, -1), octets(toDer(bits(Buffer.from(bytes), 31 - Math.clz32(last & -last)))))
}
