import { join } from 'node:path'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { Strict, decode } from '../kernel/schema.ts'
import { WindowsSchema, decodeWindows } from '../experiment/windows.ts'
import type { Window } from '../experiment/windows.ts'
import type { Fault } from '../faults/envelope.ts'
import { NeverSchema, TaggedSchema, decodeProtection } from '../proxy/protection.ts'
import type { Protected } from '../proxy/protection.ts'
import { decodeProxy, parseAddress } from '../proxy/spec.ts'
import type { ProxySettings } from '../proxy/spec.ts'
import type { ScheduledExperiment } from '../experiment/schedule.ts'
import type { AuthoritySettings } from '../proxy/tls/authority-source.ts'
import { ScheduleSchema, decodeSchedule } from './schedule.ts'

/** Where the control API listens when nobody says. */
export const DEFAULT_CONTROL = '127.0.0.1:8474'

/** Where runs are kept when nobody says, relative to the working directory. */
export const DEFAULT_DATA = 'premortem.data'

const tokenFile = (whose: string) => Type.Optional(Type.String({ minLength: 1, description: `a file that holds ${whose}` }))

/** Schema of the config file, as written. Each proxy is checked against its own schema after this. */
export const ConfigSchema = Strict({
  control: Type.Optional(Strict({
    listen: Type.Optional(Type.String({ minLength: 1, default: DEFAULT_CONTROL, description: 'where the control API listens' })),
    'token-file': tokenFile('the token that may change things; needed beyond loopback'),
    'read-only-token-file': tokenFile('a token that may only look')
  }, { default: {}, description: 'the control API' })),
  data: Type.Optional(Type.String({ minLength: 1, default: DEFAULT_DATA, description: 'folder for runs and their journals' })),
  'halt-file': Type.Optional(Type.String({ minLength: 1, description: 'the panic lever as a file: halted while it is there; HALT in the data folder if left out' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff, description: 'seed of every random choice; a fresh one at each start if left out' })),
  ca: Type.Optional(Strict({
    folder: Type.Optional(Type.String({ minLength: 1, description: 'where `premortem ca init` has written it, such as certs; without it a fresh one is made at each start, in memory' })),
    names: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'names and addresses that it may vouch for, beside those of the proxies' }))
  }, { default: {}, description: 'the CA of certificates that premortem makes' })),
  never: Type.Optional(NeverSchema),
  tagged: Type.Optional(TaggedSchema),
  proxies: Type.Array(Type.Unknown(), { description: 'the listeners and what they stand in front of', wanted: 'a list of proxies' }),
  windows: Type.Optional(WindowsSchema),
  sidecars: Type.Optional(Type.Array(Strict({
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$', wanted: 'a name of letters, digits, dot, dash and underscore', description: 'how it is called here, as in `on: name/proxy`' }),
    url: Type.String({ minLength: 1, wanted: 'an http:// or https:// address such as http://10.0.0.7:8474', description: 'its control API' }),
    'token-file': tokenFile('the token it asks for')
  }), { default: [], description: 'other sidecars to drive from here', wanted: 'a list of sidecars' })),
  schedule: Type.Optional(Type.With(ScheduleSchema, { default: [], description: 'experiments that `serve` runs again and again' }))
})

/** The config file as it is written. */
export type ConfigDocument = Static<typeof ConfigSchema>

/** Another sidecar. `url` has no slash at its end. */
export interface Sidecar { name: string, url: string, token: string | undefined }

/** The tokens the control API takes. */
export interface Tokens { operator?: string, readOnly?: string }

/** A configuration, decoded. Paths are as written: relative to the working directory. */
export interface Config {
  control: { host: string, port: number, tokens: Tokens }
  data: string
  /** The panic lever as a file; HALT in the data folder if undefined. */
  haltFile?: string | undefined
  seed: number | undefined
  /** Where the CA of premortem's own certificates comes from. */
  ca: AuthoritySettings
  /** What every proxy that sees requests protects, also those made later over REST. */
  protection: Protected
  proxies: ProxySettings[]
  /** Proxies of a config file of Toxiproxy, with their toxics. */
  toxiproxy: { settings: ProxySettings, toxics: Fault[] }[]
  sidecars: Sidecar[]
  /** What `serve` runs again and again. */
  schedule: ScheduledExperiment[]
  /** When runs may take place; none means at any time. */
  windows?: readonly Window[] | undefined
  /** The file it came from; undefined if it came from none. */
  file: string | undefined
}

/**
 * A configuration from what a person wrote; `readToken` gives the token in a file.
 * Throws PMT_ERR_INVALID and the errors of proxies and faults, each with its path.
 */
export function decodeConfig (written: unknown, readToken: (file: string, path: string) => string, file?: string): Config {
  const document = decode(ConfigSchema, written)
  const tokenAt = (name: string | undefined, path: string): string | undefined =>
    name === undefined ? undefined : readToken(name, path)
  const control = parseAddress(document.control?.listen ?? DEFAULT_CONTROL, 'control.listen', 0)
  const protection = decodeProtection(document, 'http', (key) => key)
  const proxies = document.proxies.map((proxy, i) => decodeProxy(proxy, `proxies.${i}`, protection))
  checkNames(proxies, 'proxies', 'proxies')
  checkAddresses(control, proxies)
  const sidecars = (document.sidecars ?? []).map((sidecar, i) => ({
    name: sidecar.name,
    url: controlUrl(sidecar.url, `sidecars.${i}.url`),
    token: tokenAt(sidecar['token-file'], `sidecars.${i}.token-file`)
  }))
  checkNames(sidecars, 'sidecars', 'sidecars')
  const schedule = decodeSchedule(document.schedule ?? [], file)
  checkNames(schedule, 'schedule', 'scheduled experiments')
  return {
    control: {
      ...control,
      tokens: {
        operator: tokenAt(document.control?.['token-file'], 'control.token-file'),
        readOnly: tokenAt(document.control?.['read-only-token-file'], 'control.read-only-token-file')
      }
    },
    data: document.data ?? DEFAULT_DATA,
    haltFile: document['halt-file'],
    seed: document.seed,
    ca: { folder: document.ca?.folder, names: document.ca?.names ?? [] },
    protection,
    proxies,
    toxiproxy: [],
    sidecars,
    schedule,
    windows: decodeWindows(document.windows ?? []),
    file
  }
}

/** Where a configuration has the panic lever as a file. */
export function haltFileOf ({ data, haltFile }: Pick<Config, 'data' | 'haltFile'>): string {
  return haltFile ?? join(data, 'HALT')
}

/** The address of a control API, without a slash at its end. Throws PMT_ERR_INVALID, naming `path`. */
export function controlUrl (text: string, path: string): string {
  const refuse = (hint?: string): never => {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not the address of a control API', path, found: text, wanted: 'scheme, host and port, such as http://10.0.0.7:8474', hint })
  }
  const url = URL.canParse(text) ? new URL(text) : refuse()
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('it starts with http:// or https://')
  if (url.username !== '' || url.password !== '') return refuse('a token goes into a file')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return refuse('leave out what follows the port')
  return url.origin
}

function checkNames (entries: readonly { name: string }[], list: string, what: string): void {
  entries.forEach(({ name }, i) => {
    const first = entries.findIndex((entry) => entry.name === name)
    if (first < i) {
      throw new PremortemError('PMT_ERR_INVALID', { message: `two ${what} have one name`, path: `${list}.${i}.name`, found: name, wanted: `a name other than that of ${list}.${first}` })
    }
  })
}

/**
 * Throws PMT_ERR_INVALID if two listeners want one address. The error names the proxy's, by `pathOf`, or `controlPath` when
 * it is the control API's that was chosen last.
 */
export function checkAddresses (
  control: Address, proxies: readonly ProxySettings[],
  { controlPath, pathOf = (i) => `proxies.${i}.listen` }: { controlPath?: string | undefined, pathOf?: (i: number) => string } = {}
): void {
  proxies.forEach((proxy, i) => {
    const withControl = collide(proxy, control)
    const taken = withControl ? 'the control API' : proxies.slice(0, i).find((other) => collide(proxy, other))?.name
    if (taken === undefined) return
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'two listeners have one address',
      path: withControl && controlPath !== undefined ? controlPath : pathOf(i),
      found: `${proxy.host}:${proxy.port}`,
      wanted: `an address other than that of ${withControl && controlPath !== undefined ? proxy.name : taken}`,
      hint: 'choose another port, or 0 for a free one'
    })
  })
}

interface Address { host: string, port: number }

const ANY = ['', '0.0.0.0', '::']

const hostOf = ({ host }: Address): string => host.toLowerCase() === 'localhost' ? '127.0.0.1' : host.toLowerCase()

// Whoever listens on every interface takes the port from all of them.
function collide (a: Address, b: Address): boolean {
  if (a.port === 0 || a.port !== b.port) return false
  return hostOf(a) === hostOf(b) || ANY.includes(a.host) || ANY.includes(b.host)
}
