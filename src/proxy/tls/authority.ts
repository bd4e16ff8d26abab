import { X509Certificate, createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../../kernel/clock.ts'
import { buildCertificate, distinguishedName } from './certificate.ts'
import type { Asn1 } from './der.ts'
import { authorityKeyIdentifier, basicConstraintsCa, keyIdentifier, keyUsage, nameConstraints, subjectKeyIdentifier } from './extensions.ts'
import { freshKey, spkiOf } from './keys.ts'
import { partsOf } from './parts.ts'

/** How long a CA lives when nobody says, in days. */
export const DAYS = 7

const DAY = 86_400_000

/** How far back validity begins, for clocks that are behind; in milliseconds. */
export const SKEW = 3_600_000

/** One tier of a CA. */
export interface Tier {
  /** DER. */
  cert: Buffer
  key: KeyObject
}

/** What a CA is made for. `hosts` are the only names (with those below them) and addresses it can vouch for. */
export interface AuthorityOptions { hosts: readonly string[], clock: Pick<Clock, 'wall'>, days?: number, constrained?: boolean }

/** A CA of two tiers: the root is what clients trust, the intermediate signs. */
export class Authority {
  readonly root: Buffer
  readonly intermediate: Tier
  /** Absent where the root is not ours. */
  readonly rootKey: KeyObject | undefined

  constructor (root: Buffer, intermediate: Tier, rootKey?: KeyObject) {
    this.root = root
    this.intermediate = intermediate
    this.rootKey = rootKey
  }

  /** When its first tier ends. */
  get notAfter (): Date {
    return new Date(Math.min(...[this.root, this.intermediate.cert].map((der) => Date.parse(new X509Certificate(der).validTo))))
  }

  /** The intermediate as it would be, had it ended at a time; undefined where the root's key is not here. */
  endedIntermediate (notAfter: Date): Buffer | undefined {
    if (this.rootKey === undefined) return undefined
    const { subject, extensions, publicKey } = partsOf(this.intermediate.cert)
    return buildCertificate({
      issuer: partsOf(this.root).subject,
      subject,
      notBefore: new Date(notAfter.getTime() - DAYS * DAY),
      notAfter,
      spki: spkiOf(publicKey),
      // One that was brought here names itself and its issuer in ways of its own; leaves and strict validators rely on both.
      extensions: extensions.map(({ value }) => value)
    }, this.rootKey)
  }
}

/** A fresh CA, in memory. */
export async function createAuthority ({ hosts, clock, days = DAYS, constrained = true }: AuthorityOptions): Promise<Authority> {
  const [rootKey, key] = await Promise.all([freshKey('p-256'), freshKey('p-256')])
  const notBefore = new Date(clock.wall() - SKEW)
  const notAfter = new Date(clock.wall() + days * DAY)
  const mark = createHash('sha256').update(spkiOf(rootKey.publicKey)).digest('hex').slice(0, 8)
  // 64 characters at most (RFC 5280, appendix A.1).
  const named = (what: string): Buffer =>
    distinguishedName({ organization: 'premortem', commonName: `premortem TEST ${what} ${hostname().slice(0, 10)} ${mark} DO NOT TRUST` })
  const subject = named('CA')
  const identifier = keyIdentifier(rootKey.publicKey)
  const extensions: Asn1[] = [
    basicConstraintsCa(1), keyUsage('keyCertSign', 'cRLSign'), subjectKeyIdentifier(identifier), authorityKeyIdentifier(identifier),
    ...constrained ? [nameConstraints([...hosts, 'localhost'])] : []
  ]
  const spki = spkiOf(rootKey.publicKey)
  const root = buildCertificate({ issuer: subject, subject, notBefore, notAfter, spki, extensions }, rootKey.privateKey)
  const cert = intermediate(root, rootKey.privateKey, key.privateKey, named('intermediate CA'), notBefore, notAfter)
  return new Authority(root, { cert, key: key.privateKey }, rootKey.privateKey)
}

// Below the root; its public key is that of `key`.
function intermediate (
  root: Buffer, rootKey: KeyObject, key: KeyObject, subject: Buffer, notBefore: Date, notAfter: Date
): Buffer {
  const publicKey = createPublicKey(key)
  return buildCertificate({
    issuer: partsOf(root).subject,
    subject,
    notBefore,
    notAfter,
    spki: spkiOf(publicKey),
    extensions: [
      basicConstraintsCa(0), keyUsage('keyCertSign', 'cRLSign', 'digitalSignature'), subjectKeyIdentifier(keyIdentifier(publicKey)),
      authorityKeyIdentifier(keyIdentifier(createPublicKey(rootKey)))
    ]
  }, rootKey)
}
