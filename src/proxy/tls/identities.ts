import { X509Certificate, createHash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import type { CertificateFlaw } from '../../faults/certificate.ts'
import type { Clock } from '../../kernel/clock.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { SKEW, createAuthority } from './authority.ts'
import type { Authority } from './authority.ts'
import { buildCertificate, distinguishedName, toPem } from './certificate.ts'
import { childrenOf, contentOf, oidOf, parseDer } from './der.ts'
import type { Asn1 } from './der.ts'
import {
  EXTENSION, authorityKeyIdentifier, basicConstraintsLeaf, extKeyUsage, keyIdentifier, keyUsage, subjectAltName,
  subjectKeyIdentifier
} from './extensions.ts'
import { SharedKeys, kindLike } from './keys.ts'
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
  /** The moment that the flaw's times count from, and that validity begins around. */
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

/** What a leaf is made of, before a flaw. */
interface Draft { subject: Buffer, extensions: Asn1[], keys: KeyPair, notBefore: Date, notAfter: Date }

/** Certificates by one CA: minted, or copied from an original, and with one thing wrong where that is asked for. */
export class Identities {
  readonly authority: Authority
  readonly #clock: Pick<Clock, 'wall'>
  readonly #keys = new SharedKeys()
  readonly #made = new Map<string, Promise<Identity>>()
  #stranger: Promise<Authority> | undefined

  constructor (authority: Authority, clock: Pick<Clock, 'wall'>) {
    this.authority = authority
    this.#clock = clock
  }

  /** What clients are to trust, in PEM. */
  get rootPem (): string { return toPem(this.authority.root) }

  /** The same request gives the same certificate. Throws PMT_ERR_CERTIFICATE for an original that cannot be copied. */
  identity (request: IdentityRequest): Promise<Identity> {
    const { original, ...rest } = request
    const hash = original?.[0] === undefined ? '' : createHash('sha256').update(original[0]).digest('base64')
    const name = JSON.stringify([rest.host, rest.flaw, rest.since, rest.purpose, hash])
    let made = this.#made.get(name)
    this.#made.delete(name)
    this.#made.set(name, made ??= this.#make(request))
    if (this.#made.size > KEPT) this.#made.delete(this.#made.keys().next().value!)
    made.catch(() => { this.#made.delete(name) })
    return made
  }

  async #make (request: IdentityRequest): Promise<Identity> {
    const { flaw, since, host } = request
    const draft = request.original === undefined ? await this.#minted(request) : await this.#copied(request.original[0]!)
    const at = since.getTime()
    const length = draft.notAfter.getTime() - draft.notBefore.getTime()
    const valid = (from: number, to: number): void => {
      draft.notBefore = new Date(from)
      draft.notAfter = new Date(to)
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
        replace(draft, subjectAltName([`wrong-host.${isIP(host) === 0 ? host : 'localhost'}`]))
        break
      case 'wrong-eku':
        replace(draft, extKeyUsage(request.purpose === 'client' ? 'server' : 'client'))
        break
      case 'self-signed': return this.#selfSigned(draft, flaw.flaw)
      case 'untrusted-root':
        this.#stranger ??= createAuthority({ hosts: [], clock: this.#clock, constrained: false })
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

  async #minted ({ host, since, purpose = 'server' }: IdentityRequest): Promise<Draft> {
    const keys = await this.#keys.get('p-256')
    const notBefore = new Date(since.getTime() - SKEW)
    return {
      subject: distinguishedName({ organization: 'premortem', commonName: host.length <= 64 && isIP(host) === 0 ? host : 'premortem' }),
      keys,
      notBefore,
      notAfter: new Date(Math.min(since.getTime() + LIFE, this.authority.notAfter.getTime())),
      extensions: [
        basicConstraintsLeaf(), keyUsage('digitalSignature'), extKeyUsage(purpose), subjectAltName([host]),
        subjectKeyIdentifier(keyIdentifier(keys.publicKey))
      ]
    }
  }

  // Everything stays as it was, byte for byte, but for what belongs to the key or the issuer.
  async #copied (original: Buffer): Promise<Draft> {
    const { subject, extensions, publicKey, notBefore, notAfter } = partsOf(original)
    const keys = await this.#keys.get(kindLike(publicKey))
    const identifier = subjectKeyIdentifier(keyIdentifier(keys.publicKey))
    const kept = extensions
      .filter(({ id }) => !OF_THE_ISSUER.includes(id))
      .map(({ id, value }) => id === EXTENSION.subjectKeyIdentifier ? identifier : value)
    return { subject, keys, notBefore, notAfter, extensions: kept }
  }

  #selfSigned (draft: Draft, flaw: CertificateFlaw['flaw']): Identity {
    const { keys, subject } = draft
    const extensions = replaced(draft.extensions, authorityKeyIdentifier(keyIdentifier(keys.publicKey)))
    const leaf = buildCertificate({ ...draft, extensions, issuer: subject, spki: spkiOf(keys.publicKey) }, keys.privateKey)
    return identityOf(leaf, [], keys, flaw)
  }
}

function replace (draft: Draft, by: Asn1): void { draft.extensions = replaced(draft.extensions, by) }

// In the place of the extension of its kind, or behind all others.
function replaced (extensions: readonly Asn1[], by: Asn1): Asn1[] {
  const place = extensions.findIndex((extension) => oidOf(childrenOf(extension)[0]) === oidOf(childrenOf(by)[0]))
  return place === -1 ? [...extensions, by] : extensions.with(place, by)
}

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

// Strict validators compare it with the issuer's own, whatever that was made from.
function identifierOf (cert: Buffer): Buffer {
  const { extensions, publicKey } = partsOf(cert)
  const own = extensions.find(({ id }) => id === EXTENSION.subjectKeyIdentifier)
  return own === undefined ? keyIdentifier(publicKey) : contentOf(parseDer(valueOf(own)))
}

function identityOf (leaf: Buffer, chain: readonly Buffer[], keys: KeyPair, flaw: Identity['flaw']): Identity {
  const { subject, subjectAltName: names = '', validFrom, validTo, fingerprint256 } = new X509Certificate(leaf)
  return {
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: [leaf, ...chain].map(toPem).join(''),
    subject: (subject ?? '').replaceAll('\n', ', '),
    names: names === '' ? [] : names.split(', '),
    notBefore: new Date(validFrom),
    notAfter: new Date(validTo),
    fingerprint256,
    flaw
  }
}
