import { writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import { createAuthority } from '../../src/proxy/tls/authority.ts'
import { Identities } from '../../src/proxy/tls/identities.ts'
import type { TlsSpec } from '../../src/proxy/tls/settings.ts'
import type { FaultView } from '../../src/proxy/view.ts'
import { startProxy } from './proxy.ts'
import type { TestProxy } from './proxy.ts'

/** What every answer of a secure upstream has for a body, but those of its own handler. */
export const BODY = 'x'.repeat(65_536)

/** An https server on loopback, which is called `localhost`, with a certificate of a CA of its own. */
export interface SecureUpstream {
  port: number
  /** PEM. */
  ca: string
  identities: Identities
  /** Every socket it ever accepted. */
  sockets: Socket[]
  /** How many answers to `/gate` wait. */
  readonly waiting: number
  /** Lets the answers to `/gate` end. */
  open (): void
}

/**
 * Answers with `BODY`; to `/close` as the last on its connection; to `/gate` with half of it, and the rest when it is opened.
 */
export async function startSecureUpstream (
  t: Test, options: ServerOptions = {}, listener?: RequestListener
): Promise<SecureUpstream> {
  const clock = createSystemClock()
  const identities = new Identities(await createAuthority({ hosts: [], clock, constrained: false }), clock)
  const { cert, key } = await identities.identity({ host: 'localhost', since: new Date() })
  let gates: (() => void)[] = []
  const answer: RequestListener = (request, response) => {
    const last = request.url?.includes('close') === true
    response.writeHead(200, { 'content-length': BODY.length, ...last ? { connection: 'close' } : {} })
    if (request.url?.includes('gate') !== true) return response.end(BODY)
    response.write(BODY.slice(0, BODY.length / 2))
    gates.push(() => { response.end(BODY.slice(BODY.length / 2)) })
  }
  const server = createServer({ cert, key, ca: identities.rootPem, keepAliveTimeout: 60_000, ...options }, listener ?? answer)
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(async () => {
    const closed = new Promise<void>((resolve) => { server.close(() => { resolve() }) })
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return {
    port: (server.address() as AddressInfo).port,
    ca: identities.rootPem,
    identities,
    sockets,
    get waiting () { return gates.length },
    open () {
      for (const gate of gates) gate()
      gates = []
    }
  }
}

/** Where TLS ends: at premortem, whose CA clients trust; or at the node, whose CA they trust, until a fault shows otherwise. */
export type Mode = 'own CA' | 'passthrough'

/** Both modes. */
export const MODES: readonly Mode[] = ['own CA', 'passthrough']

/** A proxy before a secure upstream, and what clients of it are to trust. */
export interface Scene extends TestProxy {
  upstream: SecureUpstream
  mode: Mode
  /** PEM, and the same in a file. */
  trust: { ca: string, file: string }
  /** A certificate that clients can show, in PEM and in files. */
  own: { cert: string, key: string, certFile: string, keyFile: string }
  /** Sets a fault as the API does: what it needs is there before it begins. */
  begin (spec: FaultSpec): Promise<FaultView>
}

/** Starts both. With `mutual` the proxy holds a client certificate, which the upstream demands; only with a CA of our own. */
export async function startScene (t: Test, mode: Mode, { mutual = false, tls = {}, seed, node = {} }: {
  mutual?: boolean, tls?: Exclude<TlsSpec, string>, seed?: number, node?: ServerOptions
} = {}): Promise<Scene> {
  const folder = t.testdir({})
  const upstream = await startSecureUpstream(t, { ...mutual ? { requestCert: true, rejectUnauthorized: true } : {}, ...node })
  const file = (name: string, text: string): string => {
    const path = join(folder, `${name}-${upstream.port}.pem`)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const { cert, key } = await upstream.identities.identity({ host: 'client', since: new Date(), purpose: 'client' })
  const own = { cert, key, certFile: file('own', cert), keyFile: file('own-key', key) }
  const originate = { ca: file('node', upstream.ca), ...mutual ? { certificate: own.certFile, key: own.keyFile } : {} }
  const proxy = await startProxy(t, {
    upstream: `localhost:${upstream.port}`,
    ...mode === 'own CA' ? { protocol: 'http', tls: { terminate: 'ca', originate, ...tls } } : { protocol: 'auto', tls: { passthrough: true, ...tls } }
  }, seed)
  const ca = mode === 'own CA' ? await proxy.ca() : upstream.ca
  return {
    ...proxy,
    upstream,
    mode,
    trust: { ca, file: file('trust', ca) },
    own,
    async begin (spec) {
      const fault = decodeFault(spec)
      await proxy.proxy.prepareFault(fault)
      return proxy.proxy.addFault(fault, { source: 'api' })
    }
  }
}
