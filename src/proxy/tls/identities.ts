import { X509Certificate, createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { CertificateFlaw } from '../../faults/certificate.ts'
import type { Clock } from '../../kernel/clock.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { SKEW, createAuthority } from './authority.ts'
import type { Authority } from './authority.ts'
import { boundsOf, namesWithin } from './bounds.ts'
import type { Bounds } from './bounds.ts'
import { buildCertificate, distinguishedName, toPem } from './certificate.ts'
import { childrenOf, contentOf, malformed, oidOf, parseDer } from './der.ts'
import type { Asn1 } from './der.ts'
import {
  EXTENSION, authorityKeyIdentifier, basicConstraintsLeaf, extKeyUsage, keyIdentifier, keyUsage, subjectAltName,
  subjectKeyIdentifier, withoutCaUses
} from './extensions.ts'
import { canonicalHost, hostOf } from './hosts.ts'
import { SharedKeys, kindLike, spkiOf } from './keys.ts'
import type { KeyPair } from './keys.ts'
import { partsOf, valueOf } from './parts.ts'

/** A certificate to show, with its key and the chain that is sent with it, in PEM. */
export interface Identity {
  key: string
  cert: string
  subject: string
  /** The names and addresses in it. */
  names: string[]
  notBefore: Date
  notAfter: Date
  /** SHA-256 of the leaf, as OpenSSL prints it. */
  fingerprint256: string
  flaw: CertificateFlaw['flaw'] | null
}

/** What is asked for. */
export interface IdentityRequest {
  /** The name or address that the certificate is for. */
  host: string
  /** The chain to copy, in DER, leaf first; a certificate is minted where there is none. */
  original?: readonly Buffer[]
  flaw?: CertificateFlaw
  /** The moment that the flaw's times count from. What is minted is valid from there, or from a later half day. */
  since: Date
  /** What it is for; `server` if left out. */
  purpose?: 'server' | 'client'
}

/** How long a minted certificate lives, in milliseconds. */
const LIFE = 86_400_000

/** How many are kept. */
const KEPT = 100

/** These point to who issued the original: its logs, its lists of the revoked, its answers about them. */
const OF_THE_ISSUER: readonly string[] = [
  EXTENSION.sctList, EXTENSION.ctPoison, EXTENSION.authorityInfoAccess, EXTENSION.crlDistributionPoints, EXTENSION.freshestCrl
]

/** Flaws that say when a certificate is valid. */
const DATED: readonly unknown[] = ['expired', 'not-yet-valid', 'expiring']

/** Flaws of certificates that our CA has not signed. */
const UNRELATED: readonly unknown[] = ['self-signed', 'untrusted-root']

/** How many days a CA lives that nobody trusts: it is never the reason why something is refused. */
const STRANGER_DAYS = 3650

/** What a leaf is made of, before a flaw. */
interface Draft { subject: Buffer, extensions: Asn1[], keys: KeyPair, notBefore: Date, notAfter: Date }

/** Certificates by one CA: minted, or copied from an original, and with one thing wrong where that is asked for. */
export class Identities {
  readonly authority: Authority
  readonly #clock: Pick<Clock, 'wall'>
  readonly #keys = new SharedKeys()
  readonly #made = new Map<string, Promise<Identity>>()
  readonly #end: Date
  readonly #bounds: readonly Bounds[]
  #stranger: Promise<Authority> | undefined

  constructor (authority: Authority, clock: Pick<Clock, 'wall'>) {
    this.authority = authority
    this.#clock = clock
    this.#end = authority.notAfter
    this.#bounds = [authority.root, authority.intermediate.cert].map(boundsOf)
  }

  /** What clients are to trust, in PEM. */
  get rootPem (): string { return toPem(this.authority.root) }

  /**
   * The same request gives the same certificate, for as long as that is good. Throws PMT_ERR_CERTIFICATE for an original
   * that cannot be copied, for a host that is neither name nor address, and once the CA has ended.
   */
  async identity (request: IdentityRequest): Promise<Identity> {
    const { original, ...rest } = request
    const hash = original?.[0] === undefined ? '' : createHash('sha256').update(original[0]).digest('base64')
    const from = this.#from(request)
    const name = JSON.stringify([rest.host, rest.flaw, rest.since, rest.purpose, hash, from])
    const known = this.#made.get(name)
    const made = known ?? this.#make(request, from)
    this.#made.delete(name)
    this.#made.set(name, made)
    if (known !== undefined) return await made
    if (this.#made.size > KEPT) this.#made.delete(this.#made.keys().next().value!)
    made.catch(() => { if (this.#made.get(name) === made) this.#made.delete(name) })
    return await made
  }

  // A fault may stay longer than a minted certificate lives: halfway, the next one takes over. Copies keep the dates they have.
  #from ({ original, since, flaw }: IdentityRequest): number {
    const at = since.getTime()
    if (original !== undefined || DATED.includes(flaw?.flaw)) return at
    return at + Math.max(0, Math.floor((this.#clock.wall() - at) / (LIFE / 2))) * (LIFE / 2)
  }

  async #make (request: IdentityRequest, from: number): Promise<Identity> {
    const { flaw, since, host, original } = request
    const ours = !UNRELATED.includes(flaw?.flaw)
    if (ours && this.#clock.wall() >= this.#end.getTime()) throw ended(this.#end)
    const bounds = ours ? this.#bounds : []
    const draft = await (original === undefined ? this.#minted(request, from) : this.#copied(original[0], bounds))
    const at = since.getTime()
    const length = draft.notAfter.getTime() - draft.notBefore.getTime()
    const valid = (from: number, to: number): void => {
      draft.notBefore = within(from)
      draft.notAfter = within(to)
    }
    let issuer = this.authority
    let chain: Buffer[] | undefined
    switch (flaw?.flaw) {
      case 'expired':
        valid(at - flaw.ago - length, at - flaw.ago)
        break
      case 'not-yet-valid':
        valid(at + flaw.in, at + flaw.in + length)
        break
      case 'expiring':
        valid(Math.min(draft.notBefore.getTime(), at - SKEW), at + flaw.in)
        break
      case 'wrong-host':
        replace(draft, subjectAltName([otherThan(host)]))
        break
      case 'wrong-eku':
        replace(draft, extKeyUsage(request.purpose === 'client' ? 'server' : 'client'))
        break
      case 'self-signed': return this.#selfSigned(draft, flaw.flaw)
      case 'untrusted-root':
        this.#stranger ??= createAuthority({ hosts: [], clock: this.#clock, constrained: false, days: STRANGER_DAYS })
        issuer = await this.#stranger
        chain = [issuer.intermediate.cert, ...flaw.sendRoot ? [issuer.root] : []]
        break
      case 'incomplete-chain':
        chain = []
        break
      case 'expired-intermediate': {
        const ended = issuer.endedIntermediate(new Date(at - flaw.ago))
        if (ended === undefined) {
          throw new PremortemError('PMT_ERR_CERTIFICATE', { message: 'an expired intermediate must be signed by the root, whose key is not here', found: 'no root.key', wanted: 'a CA made by premortem ca init' })
        }
        chain = [ended]
        break
      }
    }
    const { cert, key } = issuer.intermediate
    const leaf = buildCertificate({
      ...draft,
      issuer: partsOf(cert).subject,
      spki: spkiOf(draft.keys.publicKey),
      extensions: replaced(draft.extensions, authorityKeyIdentifier(identifierOf(cert)))
    }, key)
    return identityOf(leaf, chain ?? [cert], draft.keys, flaw?.flaw ?? null)
  }

  async #minted ({ host: written, flaw, purpose = 'server' }: IdentityRequest, from: number): Promise<Draft> {
    const host = hostOf(written)
    const keys = await this.#keys.get('p-256')
    const end = UNRELATED.includes(flaw?.flaw) ? Infinity : this.#end.getTime()
    return {
      subject: distinguishedName({ organization: 'premortem', commonName: host.length <= 64 && isIP(host) === 0 ? host : 'premortem' }),
      keys,
      notBefore: new Date(from - SKEW),
      notAfter: new Date(Math.min(from + LIFE, end)),
      extensions: [
        basicConstraintsLeaf(), keyUsage('digitalSignature'), extKeyUsage(purpose), subjectAltName([host]),
        subjectKeyIdentifier(keyIdentifier(keys.publicKey))
      ]
    }
  }

  // Everything stays as it was, byte for byte, but for what belongs to the key or the issuer, and names that the CA may not
  // vouch for.
  async #copied (original: Buffer | undefined, bounds: readonly Bounds[]): Promise<Draft> {
    if (original === undefined) throw malformed('an empty chain', 'a chain, leaf first')
    const { subject, extensions, publicKey, notBefore, notAfter, isCa } = partsOf(original)
    const keys = await this.#keys.get(kindLike(publicKey))
    const identifier = subjectKeyIdentifier(keyIdentifier(keys.publicKey))
    const kept = extensions.flatMap(({ id, value }) => {
      if (OF_THE_ISSUER.includes(id)) return []
      if (id === EXTENSION.subjectKeyIdentifier) return identifier
      // Whatever a node shows, the copy is no CA below ours: many made by hand say that they are one.
      if (id === EXTENSION.basicConstraints) return isCa ? basicConstraintsLeaf() : value
      if (id === EXTENSION.subjectAltName) return namesWithin(bounds, value)
      return withoutCaUses(id, value) ?? []
    })
    return { subject, keys, notBefore, notAfter, extensions: kept }
  }

  #selfSigned (draft: Draft, flaw: CertificateFlaw['flaw']): Identity {
    const { keys, subject } = draft
    const extensions = replaced(draft.extensions, authorityKeyIdentifier(keyIdentifier(keys.publicKey)))
    const leaf = buildCertificate({ ...draft, extensions, issuer: subject, spki: spkiOf(keys.publicKey) }, keys.privateKey)
    return identityOf(leaf, [], keys, flaw)
  }
}

// A name below the host is one that the CA may vouch for too, so that nothing else is wrong.
function otherThan (written: string): string {
  const host = canonicalHost(written)
  const name = host === null || isIP(host) !== 0 ? 'wrong-host.localhost' : `wrong-host.${host.replace(/^\*\./, '')}`
  return canonicalHost(name) ?? 'wrong-host.localhost'
}

const ended = (end: Date): PremortemError => new PremortemError('PMT_ERR_CERTIFICATE', {
  message: 'the CA has ended, so nobody would take its certificates', found: end.toISOString(), wanted: 'a CA that is valid',
  hint: 'make another with premortem ca init --force, or restart if it lives in memory, and hand its root out'
})

// What a certificate can say. One without an end says 9999 (RFC 5280, 4.1.2.5), which makes its length thousands of years.
const FIRST = Date.UTC(1950, 0, 1)
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59)
const within = (moment: number): Date => new Date(Math.min(Math.max(moment, FIRST), LAST))

function replace (draft: Draft, by: Asn1): void { draft.extensions = replaced(draft.extensions, by) }

// In the place of the extension of its kind, or behind all others.
function replaced (extensions: readonly Asn1[], by: Asn1): Asn1[] {
  const place = extensions.findIndex((extension) => oidOf(childrenOf(extension)[0]) === oidOf(childrenOf(by)[0]))
  return place === -1 ? [...extensions, by] : extensions.with(place, by)
}

// Strict validators compare it with the issuer's own, whatever that was made from.
function identifierOf (cert: Buffer): Buffer {
  const { extensions, publicKey } = partsOf(cert)
  const own = extensions.find(({ id }) => id === EXTENSION.subjectKeyIdentifier)
  return own === undefined ? keyIdentifier(publicKey) : contentOf(parseDer(valueOf(own)))
}

function read (leaf: Buffer): X509Certificate {
  try {
    return new X509Certificate(leaf)
  } catch (error) {
    throw malformed('what OpenSSL does not take for a certificate', 'an original that can be copied', error)
  }
}

function identityOf (leaf: Buffer, chain: readonly Buffer[], keys: KeyPair, flaw: Identity['flaw']): Identity {
  const { subject, subjectAltName, validFrom, validTo, fingerprint256 } = read(leaf)
  return {
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: [leaf, ...chain].map(toPem).join(''),
    subject: (subject ?? '').replaceAll('\n', ', '),
    // null also for what OpenSSL cannot make names of, whatever the types say; an original may have that.
    names: subjectAltName ? subjectAltName.split(', ') : [],
    notBefore: new Date(validFrom),
    notAfter: new Date(validTo),
    fingerprint256,
    flaw
  }
}
