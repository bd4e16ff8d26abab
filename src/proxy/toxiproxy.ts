import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Fault } from '../faults/envelope.ts'
import { checkName, decodeToxic, toxicOf } from '../faults/toxics.ts'
import type { ToxicView } from '../faults/toxics.ts'
import { PremortemError } from '../kernel/errors.ts'
import { LooseMapping } from '../kernel/loose.ts'
import { UNPROTECTED } from './protection.ts'
import type { Proxy } from './proxy.ts'
import { formatAddress, parseAddress } from './spec.ts'
import type { ProxySettings, UpstreamNode } from './spec.ts'
import { NO_TLS } from './tls/settings.ts'

/** A proxy as Toxiproxy's API shows it. */
export interface ToxiproxyView { name: string, listen: string, upstream: string, enabled: boolean, toxics: ToxicView[] }

/** A proxy as Toxiproxy's API asks for it. Where it listens is not looked up yet. */
export interface ToxiproxyRequest {
  name: string
  listen: string
  node: UpstreamNode
  enabled: boolean
  /** undefined if the body did not speak of them. */
  toxics: Fault[] | undefined
  /** The path of `listen`. */
  path: string
}

/** What an update changes. */
export interface ToxiproxyChange { listen: string | undefined, node: UpstreamNode | undefined, enabled: boolean | undefined }

/** Begins what Toxiproxy says when a body lacks something. */
export const MISSING_FIELD = 'missing required field: '

/** How long dialling may take, in milliseconds: Toxiproxy's API cannot say. */
const CONNECT_TIMEOUT = 5000

/**
 * A proxy from a body of Toxiproxy's API; `which` ends the message about a missing field. Throws PMT_ERR_INVALID and
 * decodeToxic's errors.
 */
export function readToxiproxy (written: unknown, base = '', which = ''): ToxiproxyRequest {
  const body = new LooseMapping(written, base)
  const needed = (key: string): string => {
    const value = body.text(key)
    if (value) return value
    throw new PremortemError('PMT_ERR_INVALID', {
      message: `${MISSING_FIELD}${key}${which}`, path: base, found: 'nothing', wanted: `a mapping with ${key}`
    })
  }
  const listen = body.text('listen') ?? ''
  const enabled = body.flag('enabled') ?? true
  const name = checkName(needed('name'), body.path('name'))
  const node = nodeOf(needed('upstream'), body.path('upstream'))
  const toxics = body.list('toxics')?.map((toxic, i) => decodeToxic(toxic, `${body.path('toxics')}.${i}`))
  checkUnique((toxics ?? []).map(({ id }) => id), 'toxics', (i) => `${body.path('toxics')}.${i}`)
  return { name, listen, node, enabled, toxics, path: body.path('listen') }
}

/** Every proxy of a list, as in /populate and in Toxiproxy's config file. Throws what readToxiproxy throws. */
export function readPopulation (written: unknown): ToxiproxyRequest[] {
  if (!Array.isArray(written)) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not a list', path: '', found: written, wanted: 'a list of proxies' })
  }
  return written.map((proxy, i) => readToxiproxy(proxy, String(i), ` at proxy ${i + 1}`))
}

/** Throws PMT_ERR_INVALID if two have one name. */
export function checkUnique (names: readonly (string | undefined)[], what: string, pathOf: (i: number) => string): void {
  const i = names.findIndex((name, at) => names.indexOf(name) < at)
  if (i === -1) return
  throw new PremortemError('PMT_ERR_INVALID', {
    message: `two ${what} have one name`, path: pathOf(i), found: names[i], wanted: 'a name of its own'
  })
}

/** What the body of an update changes; the rest is ignored. Throws PMT_ERR_INVALID. */
export function readChange (written: unknown): ToxiproxyChange {
  const body = new LooseMapping(written)
  const upstream = body.text('upstream')
  return { listen: body.text('listen'), node: upstream === undefined ? undefined : nodeOf(upstream, 'upstream'), enabled: body.flag('enabled') }
}

/** The settings that a request asks for. Throws PMT_ERR_ADDRESS if it cannot be known where it shall listen. */
export async function settingsOf ({ name, listen, node, enabled, path }: ToxiproxyRequest): Promise<ProxySettings> {
  return {
    name,
    ...await resolveListen(listen, path),
    protocol: 'auto',
    nodes: [node],
    balance: 'round-robin',
    connectTimeout: CONNECT_TIMEOUT,
    enabled,
    // Toxics act on whole connections, which protected paths would forbid.
    ...UNPROTECTED,
    tls: NO_TLS,
    explain: false,
    faults: []
  }
}

/** The settings of a proxy after a change; null if it leaves address and upstream as they are. Throws PMT_ERR_ADDRESS. */
export async function settingsAfter (proxy: Proxy, change: ToxiproxyChange): Promise<ProxySettings | null> {
  const address = change.listen === undefined ? undefined : await resolveListen(change.listen, 'listen')
  const moved = address !== undefined && !isAt(proxy, address)
  const redirected = change.node !== undefined && change.node.name !== upstreamOf(proxy.settings)
  if (!moved && !redirected) return null
  return {
    ...proxy.settings,
    ...(moved ? address : { port: proxy.address.port }),
    ...(redirected ? { nodes: [change.node!] } : {}),
    enabled: change.enabled ?? proxy.enabled
  }
}

/** Whether a proxy stands where these settings say, in front of the same upstream. Port 0 is no place to stand. */
export function isSame (proxy: Proxy, settings: ProxySettings): boolean {
  return isAt(proxy, settings) && upstreamOf(proxy.settings) === upstreamOf(settings)
}

/** How a proxy is shown: any proxy, whoever made it. Of its faults only what was set through this API. */
export function toxiproxyOf (proxy: Proxy): ToxiproxyView {
  const { host, port } = proxy.address
  return {
    name: proxy.name,
    listen: formatAddress(host, port),
    upstream: upstreamOf(proxy.settings),
    enabled: proxy.enabled,
    toxics: toxicsOf(proxy)
  }
}

/** The toxics of a proxy: upstream, then downstream, each in the order they were added. */
export function toxicsOf (proxy: Pick<Proxy, 'faultViews' | 'plan'>): ToxicView[] {
  const all = proxy.faultViews().filter(({ source }) => source === 'toxiproxy').map(({ id }) => toxicOf(id, proxy.plan.find(id)!.fault))
  return [...all.filter(({ stream }) => stream === 'upstream'), ...all.filter(({ stream }) => stream === 'downstream')]
}

/** The upstream in one line. */
export function upstreamOf ({ nodes }: Pick<ProxySettings, 'nodes'>): string {
  return nodes.map(({ host, port }) => formatAddress(host, port)).join(',')
}

function isAt (proxy: Proxy, { host, port }: Pick<ProxySettings, 'host' | 'port'>): boolean {
  return port !== 0 && port === proxy.address.port && [proxy.address.host, proxy.settings.host].includes(host)
}

function nodeOf (upstream: string, path: string): UpstreamNode {
  return { name: upstream, ...parseAddress(upstream, path, 1) }
}

// An address that clients can take apart at its colon: IPv4, wherever a name has one.
async function resolveListen (text: string, path: string): Promise<{ host: string, port: number }> {
  if (text === '') return { host: '', port: 0 }
  const { host, port } = parseListen(text, path)
  if (host === '' || isIP(host) !== 0) return { host, port }
  try {
    const { address } = await lookup(host, { family: 4 }).catch(() => lookup(host))
    return { host: address, port }
  } catch (cause) {
    throw new PremortemError('PMT_ERR_ADDRESS', { message: `listen tcp: lookup ${host}: no such host`, path, found: text, cause })
  }
}

function parseListen (text: string, path: string): { host: string, port: number } {
  try {
    return parseAddress(text, path, 0)
  } catch (cause) {
    const why = text.includes(':') ? 'invalid address' : 'missing port in address'
    throw new PremortemError('PMT_ERR_ADDRESS', { message: `listen tcp: address ${text}: ${why}`, path, found: text, wanted: 'host:port', cause })
  }
}
