import { createToxiproxyApi } from '../adapters/chaos-toolkit/toxiproxy.ts'
import type { ToxiproxyApi } from '../adapters/chaos-toolkit/toxiproxy.ts'
import type { ChaosExperiment, Json, JsonObject } from '../adapters/chaos-toolkit/types.ts'
import { loadConfig, overrideControl, readToken } from '../config/load.ts'
import { Premortem } from '../premortem.ts'
import type { Args, Context } from './command.ts'
import { text } from './command.ts'
import { choosePlace, controlIsGiven } from './control.ts'
import { createLogger } from './log.ts'

/** Where an experiment of the Chaos Toolkit acts on proxies: an API of Toxiproxy's kind. */
export interface ChaosPlace { toxiproxy: ToxiproxyApi, close: () => Promise<void> }

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
export async function openChaosPlace (args: Args, context: Context, configuration: JsonObject): Promise<ChaosPlace> {
  const written = toxiproxyUrl(configuration)
  const said = text(args, 'config') !== undefined || controlIsGiven(args, context)
  if (written !== undefined && !said) return { toxiproxy: createToxiproxyApi(written), close: async () => {} }
  const place = await choosePlace(args, context)
  if ('client' in place) {
    const file = text(args, 'token-file')
    const token = file === undefined ? undefined : readToken(file, '--token-file')
    return { toxiproxy: createToxiproxyApi(place.client.url, { token }), close: async () => {} }
  }
  const config = overrideControl(await loadConfig(place.config), { listen: '127.0.0.1:0' })
  const premortem = new Premortem(config, { log: createLogger(context.stderr, 'warn') })
  await premortem.start()
  const toxiproxy = createToxiproxyApi(premortem.controlUrl!, { token: config.control.tokens.operator })
  return { toxiproxy, close: () => premortem.stop() }
}

function toxiproxyUrl ({ toxiproxy_url: url, toxiproxy_host: host, toxiproxy_port: port }: JsonObject): string | undefined {
  if (typeof url === 'string' && url !== '') return url.replace(/\/$/, '')
  return typeof host === 'string' && host !== '' ? `http://${host}:${String(port ?? TOXIPROXY_PORT)}` : undefined
}
