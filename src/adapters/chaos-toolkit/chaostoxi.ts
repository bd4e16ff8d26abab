import { ActivityFailed } from './failure.ts'
import type { PythonFunction } from './python-functions.ts'
import type { ToxiproxyApi } from './toxiproxy.ts'
import type { Json, JsonObject } from './types.ts'

/** What the functions of chaostoxi need: where they act, and where the ports of proxies are put. */
export interface ChaostoxiTools {
  toxiproxy: ToxiproxyApi
  configuration: JsonObject
  env: Record<string, string | undefined>
}

type Does = (args: JsonObject, tools: ChaostoxiTools) => Promise<Json>

/** A function: its parameters, those that must be given, and what it does. */
interface Chaostoxi extends PythonFunction { does: Does }

const proxyPath = (name: Json | undefined): string => `/proxies/${encodeURIComponent(String(name))}`

// As there: a host or a port may be taken from the environment.
function fromEnvironment (value: Json | undefined, env: ChaostoxiTools['env']): string {
  const text = String(value)
  if (!text.startsWith('env:')) return text
  const found = env[text.slice(4)]
  if (found === undefined) throw new ActivityFailed(`no ${text.slice(4)} in the environment`)
  return found
}

/** Where a proxy listens goes into the configuration and the environment, as NAME_PORT. */
function keepPort (proxy: JsonObject, { configuration, env }: ChaostoxiTools): void {
  const port = String(proxy.listen).split(':').at(-1)!
  configuration[`${String(proxy.name)}_PORT`] = port
  env[`${String(proxy.name)}_PORT`] = port
}

const createProxy: Does = async (args, tools) => {
  const { proxy_name: name, upstream_host: host, upstream_port: port, listen_host: listenHost = '0.0.0.0', listen_port: listenPort = 0, enabled = true } = args
  const upstream = `${fromEnvironment(host, tools.env)}:${fromEnvironment(port, tools.env)}`
  const body = { name: name!, listen: `${String(listenHost)}:${String(listenPort)}`, upstream, enabled }
  keepPort(found(await tools.toxiproxy.call('POST', '/proxies', body), name), tools)
  return true
}

async function change (name: Json | undefined, body: JsonObject, tools: ChaostoxiTools): Promise<Json> {
  keepPort(found(await tools.toxiproxy.call('POST', proxyPath(name), body), name), tools)
  return true
}

const modifyProxy: Does = (args, tools) => {
  const given: [string, Json | undefined][] = [['listen', args.listen_address], ['upstream', args.upstream_address], ['enabled', args.enabled]]
  const body = Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null)) as JsonObject
  return change(args.proxy_name, body, tools)
}

function found<T extends Json> (value: T | null, name: Json | undefined): T {
  if (value === null) throw new ActivityFailed(`there is no \`${String(name)}\``)
  return value
}

async function createToxic (toxic: JsonObject, proxy: Json | undefined, { toxiproxy }: ChaostoxiTools): Promise<Json> {
  const made = found(await toxiproxy.call('POST', `${proxyPath(proxy)}/toxics`, toxic), proxy)
  return made.name === toxic.name
}

/** A function that makes a toxic of one type; each attribute by the parameter it comes from. */
function toxic (type: string, attributes: Record<string, string>, optional: readonly string[] = []): Chaostoxi {
  const parameters = Object.values(attributes)
  return {
    takes: ['for_proxy', 'toxic_name', ...parameters],
    needs: ['for_proxy', 'toxic_name', ...parameters.filter((name) => !optional.includes(name))],
    does: (args, tools) => createToxic({
      name: args.toxic_name!,
      type,
      stream: 'downstream',
      toxicity: 1,
      attributes: Object.fromEntries(Object.entries(attributes).map(([attribute, name]) => [attribute, args[name] ?? 0]))
    }, args.for_proxy, tools)
  }
}

/** The functions of chaostoolkit-toxiproxy, done over Toxiproxy's API. What cannot be done fails. */
export const CHAOSTOXI: Readonly<Record<string, Chaostoxi>> = {
  'chaostoxi.proxy.actions.create_proxy': {
    takes: ['proxy_name', 'upstream_host', 'upstream_port', 'listen_host', 'listen_port', 'enabled'],
    needs: ['proxy_name', 'upstream_host', 'upstream_port'],
    does: createProxy
  },
  'chaostoxi.proxy.actions.modify_proxy': {
    takes: ['proxy_name', 'listen_address', 'upstream_address', 'enabled'], needs: ['proxy_name'], does: modifyProxy
  },
  'chaostoxi.proxy.actions.disable_proxy': {
    takes: ['proxy_name'], needs: ['proxy_name'], does: (args, tools) => change(args.proxy_name, { enabled: false }, tools)
  },
  'chaostoxi.proxy.actions.enable_proxy': {
    takes: ['proxy_name'], needs: ['proxy_name'], does: (args, tools) => change(args.proxy_name, { enabled: true }, tools)
  },
  'chaostoxi.proxy.actions.delete_proxy': {
    takes: ['proxy_name'],
    needs: ['proxy_name'],
    does: async (args, { toxiproxy }) => {
      found(await toxiproxy.call('DELETE', proxyPath(args.proxy_name)), args.proxy_name)
      return null
    }
  },
  'chaostoxi.proxy.actions.reset': {
    takes: [],
    needs: [],
    does: async (_, { toxiproxy }) => {
      await toxiproxy.call('POST', '/reset')
      return true
    }
  },
  'chaostoxi.proxy.probes.proxy_exist': {
    takes: ['proxy_name'], needs: ['proxy_name'], does: async (args, { toxiproxy }) => await toxiproxy.call('GET', proxyPath(args.proxy_name)) !== null
  },
  'chaostoxi.proxy.probes.get_proxy_attribute': {
    takes: ['proxy_name', 'attribute'],
    needs: ['proxy_name', 'attribute'],
    does: async (args, { toxiproxy }) => {
      const proxy = await toxiproxy.call('GET', proxyPath(args.proxy_name))
      if (proxy === null) return null
      const attribute = String(args.attribute)
      if (!Object.hasOwn(proxy, attribute)) throw new ActivityFailed(`a proxy has no attribute \`${attribute}\``)
      return proxy[attribute]!
    }
  },
  'chaostoxi.toxic.actions.create_toxic': {
    takes: ['for_proxy', 'toxic_name', 'toxic_type', 'stream', 'toxicity', 'attributes'],
    needs: ['for_proxy', 'toxic_name', 'toxic_type'],
    does: (args, tools) => createToxic({
      name: args.toxic_name!, type: args.toxic_type!, stream: args.stream ?? 'downstream', toxicity: args.toxicity ?? 1, attributes: args.attributes ?? {}
    }, args.for_proxy, tools)
  },
  'chaostoxi.toxic.actions.create_latency_toxic': toxic('latency', { latency: 'latency', jitter: 'jitter' }, ['jitter']),
  'chaostoxi.toxic.actions.create_bandwith_degradation_toxic': toxic('bandwidth', { rate: 'rate' }),
  'chaostoxi.toxic.actions.create_slow_connection_close_toxic': toxic('slow_close', { delay: 'delay' }),
  'chaostoxi.toxic.actions.create_timeout_toxic': toxic('timeout', { timeout: 'timeout' }),
  'chaostoxi.toxic.actions.create_slicer_toxic': toxic('slicer', { average_size: 'average_size', size_variation: 'size_variation', delay: 'delay' }),
  'chaostoxi.toxic.actions.create_limiter_toxic': toxic('limit_data', { bytes: 'bytes_limit' }),
  'chaostoxi.toxic.actions.delete_toxic': {
    takes: ['for_proxy', 'toxic_name'],
    needs: ['for_proxy', 'toxic_name'],
    does: async (args, { toxiproxy }) => {
      found(await toxiproxy.call('DELETE', `${proxyPath(args.for_proxy)}/toxics/${encodeURIComponent(String(args.toxic_name))}`), args.toxic_name)
      return true
    }
  }
}
