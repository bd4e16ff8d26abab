import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { CertificateFlaw } from '../../faults/certificate.ts'
import type { Fault } from '../../faults/envelope.ts'
import type { TlsAction } from '../../faults/fault.ts'
import type { Handshake, Hello, TlsVersion } from '../../faults/handshake.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { PremortemError } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/log.ts'
import { createRandom } from '../../kernel/random.ts'
import type { ProxySettings } from '../spec.ts'
import type { IdentitySource } from './authority-source.ts'
import { Contexts } from './contexts.ts'
import { readPair, readPem } from './files.ts'
import type { FilePair } from './files.ts'
import { fetchOriginal } from './original.ts'
import type { Original } from './original.ts'
import type { TlsSettings } from './settings.ts'

/** How often files are looked at for a change, in milliseconds. */
const LOOK = 1000

/** How long a copied certificate is copied from before it is asked for again, in milliseconds. */
const FRESH = 600_000

/** How many names' certificates are remembered. */
const KEPT = 100

/** What one client is to be shown. `since` in milliseconds of wall time: what the flaw's times count from. */
export interface Show {
  hello: Hello
  /** The address that the client has reached us at. */
  address: string
  flaw?: CertificateFlaw | undefined
  since?: number | undefined
  /** Sessions of before the fault may be resumed. */
  resume?: boolean | undefined
  only?: TlsVersion | undefined
  /** A client certificate is asked for. */
  asks?: boolean | undefined
}

/** What the TLS of a proxy needs from outside. `identities` makes premortem's own CA when it is first asked for. */
export interface TlsSideDeps { clock: Clock, log: Logger, identities: IdentitySource }

/** The settings of a proxy that matter here. */
type Settings = Pick<ProxySettings, 'name' | 'protocol' | 'nodes' | 'connectTimeout' | 'tls'>

/** A certificate with its key, and what names it. */
interface Shown { name: string, pair: { cert: string, key: string } }

/** What a proxy knows of TLS: its certificates and files, and those of its nodes. */
export class TlsSide {
  readonly settings: TlsSettings
  readonly #proxy: Settings
  readonly #deps: TlsSideDeps
  readonly #contexts = new Contexts()
  readonly #originals = new Map<string, { at: number, original: Promise<Original> }>()
  #server: FilePair | null = null
  #client: FilePair | null = null
  #ca: string | undefined
  #cancel: Cancel = () => {}

  constructor (proxy: Settings, deps: TlsSideDeps) {
    this.settings = proxy.tls
    this.#proxy = proxy
    this.#deps = deps
  }

  get protocol (): ProxySettings['protocol'] { return this.#proxy.protocol }

  /** PEM of the CAs that nodes are checked against; Node's own if undefined. */
  get ca (): string | undefined { return this.#ca }

  /** Our own client certificate, if there is one. */
  get client (): FilePair | null { return this.#client }

  /**
   * Reads the files, and makes what the first client will be shown. Throws PMT_ERR_CERTIFICATE, PMT_ERR_KEY_EXPOSED and what
   * the CA throws.
   */
  async start (): Promise<void> {
    this.#read()
    if (this.settings.certificate === 'ca' && this.settings.accept === 'terminate') await this.#identity(this.#names[0] ?? 'localhost', undefined, undefined, 0)
    if (this.#files.length > 0) this.#cancel = this.#lookLater()
  }

  stop (): void { this.#cancel() }

  /**
   * Makes ready for a fault, so that its first handshake does not wait. Throws PMT_ERR_UPSTREAM_CERTIFICATE if the certificate
   * to be copied cannot be had or is itself no good: the fault would show nothing.
   */
  async prepare (fault: Fault): Promise<void> {
    const action = sampleOf(fault)
    if (action?.do !== 'serve') return
    const hello = { sni: this.#names[0], alpn: [], versions: [], resumes: false }
    if (this.#copies) await this.#check(hello.sni)
    await this.show({ hello, address: '127.0.0.1', flaw: action.flaw, since: this.#deps.clock.wall() })
  }

  /** The server's end of TLS for one client. Rejects with what the CA throws. */
  async show (show: Show): Promise<SecureContext> {
    const { flaw, resume, only, asks } = show
    const shown = await this.#shown(show, flaw)
    const sessionsOf = flaw !== undefined && resume === true && this.settings.accept === 'terminate'
      ? (await this.#shown(show, undefined)).name
      : undefined
    return this.#contexts.get({ certificate: shown.name, sessionsOf, only, asks }, shown.pair)
  }

  /** Our own client certificate with a flaw; null if we have none. */
  async present (flaw: CertificateFlaw, since: number): Promise<{ cert: string, key: string } | null> {
    if (this.#client === null) return null
    const identities = await this.#deps.identities()
    return await identities.identity({ host: 'client', original: this.#client.chain, flaw, since: new Date(since), purpose: 'client' })
  }

  /** SHA-256 fingerprint of the certificate that a node showed for a name, where one was copied. */
  async copied (sni: string | undefined): Promise<string> {
    return new X509Certificate((await this.#original(sni)).chain[0]!).fingerprint256
  }

  // Whether what is shown with a flaw is a copy of the nodes' certificate.
  get #copies (): boolean { return this.settings.accept === 'passthrough' || this.settings.certificate === 'clone' }

  /** What clients may call this proxy. */
  get #names (): readonly string[] {
    return [...this.settings.names, ...this.#proxy.nodes.map(({ host }) => host.toLowerCase()).filter((host) => isIP(host) === 0)]
  }

  async #shown ({ hello, address, since = 0 }: Show, flaw: CertificateFlaw | undefined): Promise<Shown> {
    const { certificate } = this.settings
    if (flaw === undefined && typeof certificate === 'object') {
      const { cert, key, fingerprint256: name } = this.#server!
      return { name, pair: { cert, key } }
    }
    const host = hello.sni ?? this.settings.names[0] ?? address
    if (this.#copies) return await this.#identity(host, await this.#chain(hello.sni), flaw, since)
    return await this.#identity(host, this.#server?.chain, flaw, since)
  }

  async #identity (
    host: string, original: Buffer[] | undefined, flaw: CertificateFlaw | undefined, since: number
  ): Promise<Shown> {
    // What has no flaw has no beginning either: it is the same whatever fault is on, and renewed by the CA.
    const identity = await (await this.#deps.identities()).identity({
      host,
      since: new Date(flaw === undefined ? 0 : since),
      ...(original === undefined ? {} : { original }),
      ...(flaw === undefined ? {} : { flaw })
    })
    return { name: identity.fingerprint256, pair: identity }
  }

  // --- nodes ---

  // Without the node's certificate a minted one must do: the client is to see the fault all the same.
  async #chain (sni: string | undefined): Promise<Buffer[] | undefined> {
    try {
      return (await this.#original(sni)).chain
    } catch (error) {
      this.#deps.log.warn({ proxy: this.#proxy.name, sni, code: (error as NodeJS.ErrnoException).code }, 'no certificate of a node to copy; one is minted')
      return undefined
    }
  }

  #original (sni: string | undefined): Promise<Original> {
    const name = sni ?? ''
    const now = this.#deps.clock.now()
    const known = this.#originals.get(name)
    if (known !== undefined && now - known.at < FRESH) return known.original
    const original = this.#fetch(sni)
    this.#originals.delete(name)
    this.#originals.set(name, { at: now, original })
    if (this.#originals.size > KEPT) this.#originals.delete(this.#originals.keys().next().value!)
    original.catch(() => { if (this.#originals.get(name)?.original === original) this.#originals.delete(name) })
    return original
  }

  async #fetch (sni: string | undefined): Promise<Original> {
    const { nodes, connectTimeout } = this.#proxy
    let last: unknown
    for (const { host, port } of nodes) {
      try {
        const name = this.settings.originate?.serverName ?? sni ?? host
        return await fetchOriginal({ host, port, name, ca: this.#ca, deadline: connectTimeout / nodes.length }, this.#deps.clock)
      } catch (error) {
        last = error
      }
    }
    throw last
  }

  async #check (sni: string | undefined): Promise<void> {
    this.#originals.delete(sni ?? '')
    const nodes = this.#proxy.nodes.map(({ host, port }) => `${host}:${port}`).join(', ')
    const refuse = (found: string, cause?: unknown): never => {
      throw new PremortemError('PMT_ERR_UPSTREAM_CERTIFICATE', { message: 'there is no good certificate of a node to copy', found, wanted: `a valid certificate from ${nodes}`, cause })
    }
    let original: Original
    try {
      original = await this.#original(sni)
    } catch (error) {
      return refuse(`${nodes}: ${(error as Error).message}`, error)
    }
    const leaf = new X509Certificate(original.chain[0]!)
    const now = this.#deps.clock.wall()
    if (Date.parse(leaf.validTo) <= now) refuse(`${leaf.subject.replaceAll('\n', ', ')}, expired on ${leaf.validTo}`)
    if (Date.parse(leaf.validFrom) > now) refuse(`${leaf.subject.replaceAll('\n', ', ')}, not valid before ${leaf.validFrom}`)
    if (original.wrong !== null && this.settings.originate?.verify === true) refuse(`${leaf.subject.replaceAll('\n', ', ')}: ${original.wrong}`)
  }

  // --- files ---

  get #files (): string[] {
    const { certificate, originate } = this.settings
    const pairs = [typeof certificate === 'object' ? certificate : undefined, originate?.files]
    const files = pairs.flatMap((pair) => pair === undefined ? [] : [pair.certificate, pair.key])
    return originate?.ca === undefined ? files : [...files, originate.ca]
  }

  #read (): void {
    const { certificate, originate } = this.settings
    const server = typeof certificate === 'object' ? readPair(certificate) : null
    const client = originate?.files === undefined ? null : readPair(originate.files)
    this.#ca = originate?.ca === undefined ? undefined : readPem(originate.ca)
    this.#server = server
    this.#client = client
  }

  // Files in a Kubernetes volume are replaced by way of links, which no watch on the file itself would see.
  #lookLater (): Cancel {
    const seen = this.#contents()
    return this.#deps.clock.after(LOOK, () => {
      if (this.#contents() !== seen) this.#reload()
      this.#cancel = this.#lookLater()
    })
  }

  #reload (): void {
    const { log } = this.#deps
    const { name } = this.#proxy
    try {
      this.#read()
      log.info({ proxy: name, files: this.#files }, 'certificate files were read again')
    } catch (error) {
      log.warn({ proxy: name, files: this.#files, reason: (error as Error).message }, 'certificate files have changed and are no good; the old ones stay')
    }
  }

  #contents (): string {
    return this.#files.map((file) => {
      try {
        return readPem(file)
      } catch {
        return ''
      }
    }).join('\0')
  }
}

const SAMPLE: Handshake = {
  hello: { sni: 'localhost', alpn: ['http/1.1'], versions: ['TLSv1.2', 'TLSv1.3'], resumes: false }, client: '127.0.0.1', terminated: true
}

/** What a tls fault does to a usual handshake; undefined for other faults. */
function sampleOf ({ type, params }: Fault): TlsAction | undefined {
  if (type.layer !== 'tls') return undefined
  return type.begin(params as never).handshake(SAMPLE, { random: createRandom(1), elapsed: 0 })
}
