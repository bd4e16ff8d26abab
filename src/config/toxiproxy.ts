import { PremortemError } from '../kernel/errors.ts'
import { parseText, readTextFile } from '../kernel/text.ts'
import { checkUnique, readPopulation, settingsOf } from '../proxy/toxiproxy.ts'
import { checkAddresses } from './schema.ts'
import type { Config } from './schema.ts'

/**
 * The configuration with the proxies of a config file of Toxiproxy, and the toxics in it. Throws what loadConfig throws,
 * and PMT_ERR_ADDRESS, each with file, line, column and path.
 */
export async function addToxiproxyConfig (config: Config, file: string): Promise<Config> {
  const text = parseText(await readTextFile(file), file)
  const requests = text.locate(() => readPopulation(text.value))
  const settings = await Promise.all(requests.map(settingsOf)).catch((error: unknown) => text.locate(() => { throw error }))
  const toxiproxy = settings.map((proxy, i) => ({ settings: proxy, toxics: requests[i]!.toxics ?? [] }))
  text.locate(() => {
    checkUnique(settings.map(({ name }) => name), 'proxies', (i) => `${i}.name`)
    for (const [i, { name }] of settings.entries()) {
      if (!config.proxies.some((proxy) => proxy.name === name)) continue
      throw new PremortemError('PMT_ERR_INVALID', {
        message: 'two proxies have one name', path: `${i}.name`, found: name, wanted: 'a name that the configuration does not have'
      })
    }
    // Those of the configuration have been checked; what collides is one of these.
    const first = config.proxies.length
    checkAddresses(config.control, [...config.proxies, ...settings], { pathOf: (i) => requests[i - first]!.path })
  })
  return { ...config, toxiproxy }
}
