import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { PremortemError } from '../../kernel/errors.ts'

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/** A host as certificates write it: lower case, ASCII, without brackets, zone or final dot; null if it is none. */
export function canonicalHost (written: string): string | null {
  if (written.length > 1024) return null
  const bare = written.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  const address = addressBytes(bare)
  if (address !== null) return formatAddressBytes(isMapped(address) ? address.subarray(12) : address)
  const wild = bare.startsWith('*.') ? '*.' : ''
  const rest = bare.slice(wild.length)
  // What else may stand in a URL's host ends the name there, or is decoded.
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(rest)) return null
  const name = domainToASCII(rest).replace(/\.$/, '')
  return name !== '' && name.length <= 253 && name.split('.').every((label) => LABEL.test(label)) ? wild + name : null
}

// An IPv4 client of a socket for both versions (RFC 4291, 2.5.5.2).
const isMapped = (address: Buffer): boolean => address.length === 16 && address.subarray(0, 12).equals(MAPPED)

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

/** The same. Throws PMT_ERR_CERTIFICATE. */
export function hostOf (written: string): string {
  const host = canonicalHost(written)
  if (host !== null) return host
  throw new PremortemError('PMT_ERR_CERTIFICATE', {
    message: 'no certificate can be made for this host', found: written, wanted: 'a DNS name or an IP address'
  })
}

/** The 4 or 16 bytes of an IP address; null if it is none. */
export function addressBytes (text: string): Buffer | null {
  const version = isIP(text)
  if (version === 4) return Buffer.from(text.split('.').map(Number))
  if (version !== 6) return null
  // An IPv4 address at the end stands for the last two groups.
  const groups = text.replace(/%.*$/, '').replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const [a, b, c, d] = tail.split('.').map(Number)
    return `${(a! << 8 | b!).toString(16)}:${(c! << 8 | d!).toString(16)}`
  })
  const [before, after] = groups.split('::').map((half) => half.split(':').filter(Boolean))
  const zeros = Array<string>(8 - before!.length - (after?.length ?? 0)).fill('0')
  const bytes = Buffer.alloc(16)
  ;[...before!, ...zeros, ...after ?? []].forEach((group, i) => bytes.writeUInt16BE(parseInt(group, 16), i * 2))
  return bytes
}

/** An IP address from its bytes: `10.0.0.1`, or IPv6 in the shortest form (RFC 5952); hexadecimal if it has neither length. */
export function formatAddressBytes (bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const hex = Buffer.from(bytes).toString('hex')
  if (bytes.length !== 16) return hex
  const groups = hex.match(/.{4}/g)!.map((group) => parseInt(group, 16).toString(16))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at === -1) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}
