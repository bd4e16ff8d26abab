import { randomBytes } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { TlsVersion } from '../../faults/handshake.ts'

/** How many contexts are kept. */
const KEPT = 100

/** What a client is to see. `certificate` names it: one name, one certificate and key. */
export interface Appearance {
  readonly certificate: string
  /** Sessions of before go on: they are those of this other certificate. */
  readonly sessionsOf?: string | undefined
  readonly only?: TlsVersion | undefined
  /** A client certificate is asked for, which a resumed session would not show. */
  readonly asks?: boolean | undefined
}

/**
 * The server's ends of TLS, one for each thing that clients may see. Each has ticket keys of its own, so that a session begun
 * under one certificate cannot be resumed under another: it would never be seen.
 */
export class Contexts {
  readonly #contexts = new Map<string, SecureContext>()
  readonly #ticketKeys = new Map<string, Buffer>()

  /** The context for an appearance; `pair`, in PEM, is for when there is none yet. */
  get (appearance: Appearance, pair: { cert: string, key: string }): SecureContext {
    const { certificate, sessionsOf, only, asks } = appearance
    const name = JSON.stringify([certificate, sessionsOf, only, asks])
    const context = this.#contexts.get(name) ?? createSecureContext({
      ...pair,
      minVersion: only ?? 'TLSv1.2',
      ...(only === undefined ? {} : { maxVersion: only }),
      // What OpenSSL takes for weak is what was asked for.
      ...(only === 'TLSv1' || only === 'TLSv1.1' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
      ticketKeys: this.#keysOf(sessionsOf ?? (only === undefined && asks !== true ? certificate : name)),
      sessionIdContext: 'premortem'
    })
    touch(this.#contexts, name, context)
    return context
  }

  #keysOf (family: string): Buffer {
    const keys = this.#ticketKeys.get(family) ?? randomBytes(48)
    touch(this.#ticketKeys, family, keys)
    return keys
  }
}

function touch<T> (map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > KEPT) map.delete(map.keys().next().value!)
}
