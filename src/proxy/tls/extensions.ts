import { createHash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { TRUE, bits, childrenOf, contentOf, integer, octets, oid, parseDer, sequence, tagged, toDer } from './der.ts'
import type { Asn1 } from './der.ts'

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
export const subjectAltName = (names: readonly string[]): Asn1 =>
  extension(EXTENSION.subjectAltName, false, sequence(...names.map((name) =>
    isIP(name) === 0 ? tagged(2, Buffer.from(name)) : tagged(7, addressBytes(name)))))

/** SHA-1 of the public key's bits, as RFC 5280, 4.2.1.2 proposes. */
export function keyIdentifier (key: KeyObject): Buffer {
  const [, subjectPublicKey] = childrenOf(parseDer(key.export({ type: 'spki', format: 'der' })))
  return createHash('sha1').update(contentOf(subjectPublicKey).subarray(1)).digest()
}

/** Of the certificate's own key. */
export const subjectKeyIdentifier = (identifier: Buffer): Asn1 =>
  extension(EXTENSION.subjectKeyIdentifier, false, octets(identifier))

/** Of the issuer's key. */
export const authorityKeyIdentifier = (identifier: Buffer): Asn1 =>
  extension(EXTENSION.authorityKeyIdentifier, false, sequence(tagged(0, identifier)))

/**
 * Only for these names and what is below them, and these addresses and loopback (RFC 5280, 4.2.1.10). Both kinds have to
 * stand in it: constraints on names alone leave addresses free.
 */
export function nameConstraints (hosts: readonly string[]): Asn1 {
  const networks = hosts.filter((host) => isIP(host) !== 0 && !LOOPBACK.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6'))
  const permitted = [
    ...hosts.filter((host) => isIP(host) === 0).map((host) => tagged(2, Buffer.from(host))),
    tagged(7, Buffer.of(127, 0, 0, 0, 255, 0, 0, 0)),
    tagged(7, Buffer.concat([addressBytes('::1'), Buffer.alloc(16, 255)])),
    ...networks.map((host) => tagged(7, Buffer.concat([addressBytes(host), Buffer.alloc(isIP(host) === 4 ? 4 : 16, 255)])))
  ]
  return extension(EXTENSION.nameConstraints, true, sequence(tagged(0, permitted.map((name) => sequence(name)))))
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

function addressBytes (address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = dotted(address.replace(/%.*$/, '')).split('::')
  const groups = (text: string): number[] => text === '' ? [] : text.split(':').map((group) => parseInt(group, 16))
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]))
}

// The last 32 bits of an IPv6 address may be written as IPv4 is.
function dotted (address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`)
}
