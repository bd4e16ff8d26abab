import { childrenOf, contentOf, isTagged, octets, parseDer, sequence, toDer } from './der.ts'
import type { Asn1 } from './der.ts'
import { EXTENSION } from './extensions.ts'
import { partsOf, valueOf } from './parts.ts'

/**
 * The names that one certificate of a CA may vouch for (RFC 5280, 4.2.1.10): domains, and networks (an address, then a
 * mask). null is any.
 */
export interface Bounds { domains: string[] | null, networks: Buffer[] | null }

/** The tags of a DNS name and of an address among general names. */
const DNS = 2
const ADDRESS = 7

/** The general names that a CA's certificate permits (RFC 5280, 4.2.1.10); null for any. Throws PMT_ERR_CERTIFICATE. */
export function permittedNames (der: Buffer): (Asn1 | undefined)[] | null {
  const found = partsOf(der).extensions.find(({ id }) => id === EXTENSION.nameConstraints)
  const permitted = found && childrenOf(parseDer(valueOf(found))).find((node) => isTagged(node, 0))
  return permitted === undefined ? null : childrenOf(permitted).map((subtree) => childrenOf(subtree)[0])
}

/** The bounds that a CA's certificate sets; excluded subtrees are not looked at. Throws PMT_ERR_CERTIFICATE. */
export function boundsOf (der: Buffer): Bounds {
  const bases = permittedNames(der)
  if (bases === null) return { domains: null, networks: null }
  const of = (tag: number): Buffer[] => bases.filter((base) => isTagged(base, tag)).map(contentOf)
  const [domains, networks] = [of(DNS).map((base) => base.toString('latin1').toLowerCase()), of(ADDRESS)]
  return { domains: domains.length === 0 ? null : domains, networks: networks.length === 0 ? null : networks }
}

/**
 * Alternative names without those that a CA may not vouch for: one of them, and clients refuse the certificate whole. Takes
 * and gives the extension; the same one if all may stay, or none may. Throws PMT_ERR_CERTIFICATE.
 */
export function namesWithin (bounds: readonly Bounds[], extension: Asn1): Asn1 {
  const parts = childrenOf(extension)
  const names = childrenOf(parseDer(contentOf(parts.at(-1))))
  const kept = names.filter((name) => bounds.every((one) => isWithin(one, name)))
  if (kept.length === names.length || kept.length === 0) return extension
  return sequence(...parts.slice(0, -1), octets(toDer(sequence(...kept))))
}

function isWithin ({ domains, networks }: Bounds, name: Asn1): boolean {
  if (isTagged(name, DNS) && domains !== null) {
    const host = contentOf(name).toString('latin1').toLowerCase()
    return domains.some((domain) => domain === '' || host === domain || host.endsWith(`.${domain.replace(/^\./, '')}`))
  }
  if (isTagged(name, ADDRESS) && networks !== null) {
    const address = contentOf(name)
    return networks.some((network) => network.length === 2 * address.length &&
      address.every((byte, i) => (byte & network[address.length + i]!) === (network[i]! & network[address.length + i]!)))
  }
  return true
}
