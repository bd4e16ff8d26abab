import { createHash, timingSafeEqual } from 'node:crypto'
import type { Tokens } from '../config/schema.ts'
import { PremortemError } from '../kernel/errors.ts'

/** The headers that the guard reads, as Node gives them. */
export interface Headers { host?: string | undefined, origin?: string | undefined, authorization?: string | undefined }

/** What the guard looks at. `path` is without query. */
export interface GuardedRequest { method: string, path: string, headers: Headers }

/** Lets a request pass or throws PMT_ERR_FORBIDDEN or PMT_ERR_UNAUTHORIZED. */
export type Guard = (request: GuardedRequest) => void

/** For probes of an orchestrator, which know neither token nor name. */
const OPEN = new Set(['/healthz', '/readyz'])

const READING = new Set(['GET', 'HEAD'])

/** Whether a host means this machine alone. */
export function isLoopback (host: string): boolean {
  const octets = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)
  return octets === null ? ['localhost', '::1'].includes(host.toLowerCase()) : octets.slice(1).every((octet) => Number(octet) <= 255)
}

/**
 * A guard for an API that listens on `host`. Against DNS rebinding, Host must be an address of this API; where it
 * listens beyond loopback nobody knows its names, and the token it needs there stands for that. Against requests that a
 * web page forges, Origin must be this address when there is one.
 */
export function createGuard ({ host, tokens }: { host: string, tokens: Tokens }): Guard {
  const operator = digest(tokens.operator)
  const readOnly = digest(tokens.readOnly)
  const local = isLoopback(host)
  const needed = operator !== undefined || readOnly !== undefined || !local

  return ({ method, path, headers }) => {
    if (OPEN.has(path) && READING.has(method)) return
    const named = hostnameOf(headers.host)
    if (named === undefined || (local && !isLoopback(named))) {
      throw new PremortemError('PMT_ERR_FORBIDDEN', {
        message: 'the Host header is not an address of this API', found: headers.host ?? 'nothing', wanted: `${host}, localhost or a loopback address`
      })
    }
    checkOrigin(headers)
    if (!needed) return
    const given = digest(/^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1])
    if (same(given, operator)) return
    if (!same(given, readOnly)) throw new PremortemError('PMT_ERR_UNAUTHORIZED')
    if (!READING.has(method)) {
      throw new PremortemError('PMT_ERR_FORBIDDEN', { message: 'a read-only token cannot change anything', found: method, wanted: 'GET, or the operator\'s token' })
    }
  }
}

function checkOrigin (headers: Headers): void {
  const origin = headers.origin
  if (origin === undefined) return
  if (URL.canParse(origin) && new URL(origin).host === new URL(`http://${headers.host}`).host) return
  throw new PremortemError('PMT_ERR_FORBIDDEN', { message: 'the Origin header is not the address of this API', found: origin, wanted: `http://${headers.host}, or no Origin` })
}

function hostnameOf (host: string | undefined): string | undefined {
  if (host === undefined || !/^[^\s/@?#\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1')
}

// Digests have one length, so that comparing them tells nothing about the token's.
function digest (token: string | undefined): Buffer | undefined {
  return token === undefined ? undefined : createHash('sha256').update(token).digest()
}

function same (given: Buffer | undefined, wanted: Buffer | undefined): boolean {
  return given !== undefined && wanted !== undefined && timingSafeEqual(given, wanted)
}
