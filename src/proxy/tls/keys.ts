import { generateKeyPair } from 'node:crypto'
import type { KeyObject, KeyPairKeyObjectResult } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** The kinds of keys that premortem makes. */
export type KeyKind = 'rsa-2048' | 'p-256' | 'p-384'

/** A key pair. */
export type KeyPair = KeyPairKeyObjectResult

/** A fresh key pair. RSA takes up to half a second, of another thread. */
export function freshKey (kind: KeyKind): Promise<KeyPair> {
  return kind === 'rsa-2048'
    ? generate('rsa', { modulusLength: 2048 })
    : generate('ec', { namedCurve: kind === 'p-256' ? 'prime256v1' : 'secp384r1' })
}

/** SubjectPublicKeyInfo in DER (RFC 5280, 4.1.2.7). */
export const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

/** The kind of key that is most like another, so that the same ciphers are agreed on. */
export function kindLike ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyKind {
  if (asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss') return 'rsa-2048'
  const curve = asymmetricKeyDetails?.namedCurve
  return curve === 'secp384r1' || curve === 'secp521r1' ? 'p-384' : 'p-256'
}

/** One key of each kind, made when it is first asked for and shared by all that ask: they are for tests, and it is quick. */
export class SharedKeys {
  readonly #keys = new Map<KeyKind, Promise<KeyPair>>()

  get (kind: KeyKind): Promise<KeyPair> {
    let key = this.#keys.get(kind)
    if (key !== undefined) return key
    this.#keys.set(kind, key = freshKey(kind))
    key.catch(() => { this.#keys.delete(kind) })
    return key
  }
}
