import { createToxiproxyApi } from '../adapters/chaos-toolkit/toxiproxy.ts'
import type { ToxiproxyApi } from '../adapters/chaos-toolkit/toxiproxy.ts'
import type { ChaosExperiment, Json, JsonObject } from '../adapters/chaos-toolkit/types.ts'
import { createRemotePlane } from '../api/remote-plane.ts'
import { loadConfig, overrideControl, readToken } from '../config/load.ts'
import type { DataPlane } from '../experiment/ports.ts'
import { Premortem } from '../premortem.ts'
import type { Args, Context } from './command.ts'
import { text } from './command.ts'
import { choosePlace, controlIsGiven } from './control.ts'
import { createLogger } from './log.ts'

/**
 * Where an experiment of the Chaos Toolkit acts on proxies: an API of Toxiproxy's kind for chaostoxi, and premortem's data plane
 * for the extension. Each is null if the experiment has no use for it.
 */
export interface ChaosPlace { toxiproxy: ToxiproxyApi | null, plane: DataPlane | null, close: () => Promise<void> }

/** Where nothing is acted on. */
export const NO_PLACE: ChaosPlace = { toxiproxy: null, plane: null, close: async () => {} }

/** What an experiment has a use for. */
export interface Needed { toxiproxy: boolean, plane: boolean }

/** Where Toxiproxy listens when nobody says. */
const TOXIPROXY_PORT = 8474

/** Whether an experiment acts on proxies. */
export function actsOnProxies ({ document }: Pick<ChaosExperiment, 'document'>): boolean {
  const names = (value: Json): boolean => typeof value === 'object' && value !== null && Object.entries(value).some(([key, item]) =>
    key === 'module' ? typeof item === 'string' && item.startsWith('chaostoxi.') : names(item as Json))
  return names(document)
}

/**
 * What the flags or PREMORTEM_CONTROL say, else what the experiment's configuration says (`toxiproxy_url`, or `toxiproxy_host`
 * and `toxiproxy_port`), else where every experiment runs. Throws PMT_ERR_USAGE if there is nothing, and what a start throws.
 */
export async function openChaosPlace (
  args: Args, context: Context, configuration: JsonObject, needed: Needed
): Promise<ChaosPlace> {
  const written = toxiproxyUrl(configuration)
  const said = text(args, 'config') !== undefined || controlIsGiven(args, context)
  const elsewhere = needed.toxiproxy && written !== undefined && !said ? createToxiproxyApi(written) : null
  if (!needed.plane && (elsewhere !== null || !needed.toxiproxy)) return { ...NO_PLACE, toxiproxy: elsewhere }
  const { url, token, close } = await openPremortem(args, context)
  return {
    toxiproxy: elsewhere ?? (needed.toxiproxy ? createToxiproxyApi(url, { token }) : null),
    plane: needed.plane ? createRemotePlane({ name: 'premortem', url, token }) : null,
    close
  }
}

interface Opened { url: string, token: string | undefined, close: () => Promise<void> }

async function openPremortem (args: Args, context: Context): Promise<Opened> {
  const place = await choosePlace(args, context)
  if ('client' in place) {
    const file = text(args, 'token-file')
    return { url: place.client.url, token: file === undefined ? undefined : readToken(file, '--token-file'), close: async () => {} }
  }
  const config = overrideControl(await loadConfig(place.config), { listen: '127.0.0.1:0' })
  const premortem = new Premortem(config, { log: createLogger(context.stderr, 'warn') })
  await premortem.start()
  return { url: premortem.controlUrl!, token: config.control.tokens.operator, close: () => premortem.stop() }
}

function toxiproxyUrl ({ toxiproxy_url: url, toxiproxy_host: host, toxiproxy_port: port }: JsonObject): string | undefined {
  if (typeof url === 'string' && url !== '') return url.replace(/\/$/, '')
  return typeof host === 'string' && host !== '' ? `http://${host}:${String(port ?? TOXIPROXY_PORT)}` : undefined
}
