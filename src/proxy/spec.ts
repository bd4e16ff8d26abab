import { Type } from 'typebox'
import type { Static } from 'typebox'
import { decodeFault } from '../faults/envelope.ts'
import type { Fault } from '../faults/envelope.ts'
import type { TlsFaultType } from '../faults/fault.ts'
import { PremortemError } from '../kernel/errors.ts'
import { Duration, OneOf, Strict, decode } from '../kernel/schema.ts'
import { NeverSchema, TaggedSchema, decodeProtection, isProtected } from './protection.ts'
import type { Protected } from './protection.ts'
import { TlsSchema, decodeTls } from './tls/settings.ts'
import type { TlsSettings } from './tls/settings.ts'

const NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'

/** Schema of a proxy as written in the config file and over REST. */
export const ProxySchema = Strict({
  name: Type.String({ pattern: NAME, wanted: 'a name of letters, digits, dot, dash and underscore', description: 'what everything else calls it' }),
  listen: Type.String({ pattern: ':\\d{1,5}$', wanted: 'host:port, such as 127.0.0.1:8080; port 0 takes a free one', description: 'where clients connect' }),
  protocol: Type.Optional(OneOf(['tcp', 'http', 'auto'], { default: 'auto', description: '`http` refuses what is not http/1.1; `auto` relays it untouched' })),
  upstream: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
    wanted: 'host:port or name=host:port, or a list of them', description: 'the node or nodes it stands in front of'
  }),
  balance: Type.Optional(OneOf(['round-robin', 'least-connections'], { default: 'round-robin', description: 'which node the next connection goes to' })),
  'connect-timeout': Duration({ default: '5s', description: 'how long dialling may take, all nodes together' }),
  tls: Type.Optional(TlsSchema),
  never: Type.Optional(NeverSchema),
  tagged: Type.Optional(TaggedSchema),
  explain: Type.Optional(Type.Boolean({ default: false, description: 'test mode: responses say which decision was made about them, and which faults hit' })),
  enabled: Type.Optional(Type.Boolean({ default: true, description: 'whether it listens; a disabled proxy refuses connections and keeps its settings and faults' })),
  faults: Type.Optional(Type.Array(Type.Unknown(), { default: [], description: 'faults that are there from the start, without `on`', wanted: 'a list of faults' }))
})

/** A proxy as it is written. */
export type ProxySpec = Static<typeof ProxySchema>

/** One host:port of an upstream. */
export interface UpstreamNode { name: string, host: string, port: number }

/** A proxy's settings, decoded. */
export interface ProxySettings extends Protected {
  name: string
  host: string
  port: number
  protocol: 'tcp' | 'http' | 'auto'
  nodes: UpstreamNode[]
  balance: 'round-robin' | 'least-connections'
  /** Milliseconds. */
  connectTimeout: number
  tls: TlsSettings
  /** Whether responses carry what was decided about them. */
  explain: boolean
  /** Whether it listens when it starts. */
  enabled: boolean
  faults: Fault[]
}

/**
 * A proxy from what a person wrote; `defaults` is the protection that the config gives to every proxy which sees requests.
 * Throws PMT_ERR_INVALID and decodeFault's errors, each with its path.
 */
export function decodeProxy (written: unknown, base = '', defaults?: Protected): ProxySettings {
  const spec = decode(ProxySchema, written, base)
  const join = (key: string): string => base === '' ? key : `${base}.${key}`
  const nodes = [spec.upstream].flat().map((text, i) => {
    const path = Array.isArray(spec.upstream) ? join(`upstream.${i}`) : join('upstream')
    const [, name, address] = /^(?:([^=]+)=)?(.*)$/s.exec(text)!
    return { name: name ?? address!, ...parseAddress(address!, path, 1) }
  })
  const names = new Set(nodes.map((node) => node.name))
  if (names.size < nodes.length) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'two nodes have one name', path: join('upstream'), found: nodes.map((node) => node.name).join(', '), wanted: 'a name for each, as in payments-1=127.0.0.1:4001' })
  }
  const faults = (spec.faults ?? []).map((fault, i) => decodeFault(fault, join(`faults.${i}`)))
  const protocol = spec.protocol ?? 'auto'
  if (spec.explain === true && protocol === 'tcp') {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'a tcp proxy has no responses to explain', path: join('explain'), found: true, wanted: 'a proxy with protocol http or auto' })
  }
  const settings: ProxySettings = {
    name: spec.name,
    ...parseAddress(spec.listen, join('listen'), 0),
    protocol,
    nodes,
    balance: spec.balance ?? 'round-robin',
    connectTimeout: spec['connect-timeout'],
    tls: decodeTls(spec.tls, protocol, join),
    ...decodeProtection(spec, protocol, join, defaults),
    explain: spec.explain ?? false,
    enabled: spec.enabled ?? true,
    faults
  }
  faults.forEach((fault, i) => checkFault(settings, fault, join(`faults.${i}`)))
  return settings
}

/** What `checkFault` needs to know of a proxy. */
export type Carrier = Pick<ProxySettings, 'name' | 'protocol' | 'never' | 'tagged' | 'tls'> & { nodes: readonly { name: string }[] }

/** Throws PMT_ERR_FAULT_LAYER or PMT_ERR_NODE_NOT_FOUND if a proxy cannot carry a fault. */
export function checkFault (settings: Carrier, fault: Fault, base = ''): void {
  const join = (key: string): string => base === '' ? key : `${base}.${key}`
  if (fault.type.layer === 'http' && settings.protocol === 'tcp') {
    throw new PremortemError('PMT_ERR_FAULT_LAYER', {
      message: `${fault.type.type} is an http fault and ${settings.name} is a tcp proxy`, path: join('type'), found: fault.type.type, wanted: 'a stream fault, or a proxy with protocol http or auto'
    })
  }
  if (fault.type.layer === 'tls') checkTls(settings, fault.type, join('type'))
  if (fault.type.layer !== 'http' && isProtected(settings)) {
    throw new PremortemError('PMT_ERR_FAULT_LAYER', {
      message: `${fault.type.type} acts on whole connections and cannot spare requests, which ${settings.name} protects by \`${settings.never.length > 0 ? 'never' : 'tagged'}\``,
      path: join('type'),
      found: fault.type.type,
      wanted: 'an http fault',
      hint: 'or set it on a proxy of protocol tcp, which no protection of the config is for'
    })
  }
  if (fault.node !== undefined && !settings.nodes.some((node) => node.name === fault.node)) {
    throw new PremortemError('PMT_ERR_NODE_NOT_FOUND', {
      message: `${settings.name} has no node ${fault.node}`, path: join('node'), found: fault.node, wanted: `one of ${settings.nodes.map((node) => node.name).join(', ')}`
    })
  }
}

// A fault on handshakes needs one that it can act on.
function checkTls ({ name, tls }: Carrier, { type, needs }: TlsFaultType, path: string): void {
  const refuse = (message: string, wanted: string): never => {
    throw new PremortemError('PMT_ERR_FAULT_LAYER', { message, path, found: type, wanted, hint: 'docs/tls.md shows what goes with what' })
  }
  if (needs === 'present' && tls.originate?.files === undefined) {
    refuse(`${type} is about our own client certificate, and ${name} has none`, 'a proxy with `tls.originate.certificate` and `key`')
  }
  if (needs === 'peek' && tls.accept === 'none') {
    refuse(`${type} acts on TLS handshakes, and ${name} sees none`, 'a proxy with `tls: passthrough` or `tls.terminate`')
  }
  if (needs === 'terminate' && tls.accept !== 'terminate') {
    refuse(`${type} needs the server's end of TLS, which ${name} does not hold`, 'a proxy with `tls.terminate`')
  }
}

/** An address as people write it; IPv6 in brackets. */
export function formatAddress (host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Host and port of `127.0.0.1:8080`, `[::1]:8080` or `:8080` (all interfaces). Throws PMT_ERR_INVALID. */
export function parseAddress (text: string, path: string, lowest: 0 | 1): { host: string, port: number } {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s=/]*)):(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  if (found === null || port > 65535 || port < lowest || (lowest === 1 && !(found[1] ?? found[2]))) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not an address', path, found: text, wanted: `host:port with a port from ${lowest} to 65535; IPv6 in brackets, [::1]:8080` })
  }
  return { host: found[1] ?? found[2] ?? '', port }
}
