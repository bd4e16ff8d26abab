import { Type } from 'typebox'
import { DEFAULT_DATA, decodeConfig } from '../config/schema.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import { Strict, decode } from '../kernel/schema.ts'
import { Premortem } from '../premortem.ts'
import { parseAddress } from '../proxy/spec.ts'
import type { ProxyInput } from './input.ts'
import { TestSidecar, decodeProxyInput } from './sidecar.ts'

/** What `startPremortem` takes; every field may be left out. */
export interface TestSidecarOptions {
  /** By name. More can be added later. */
  proxies?: Readonly<Record<string, ProxyInput>>
  /** What every random choice comes from, an integer from 0 to 2^32 - 1; a fresh one if left out. */
  seed?: number
  /** A control API, for clients of Toxiproxy and other processes: on a free port of loopback, or where `listen` says. */
  control?: boolean | { listen?: string, token?: string }
  /** The folder that runs are written to, made by the first run; `premortem.data` if left out. */
  data?: string
  clock?: Clock
  /** Silent if left out. */
  log?: Logger
}

const Plain = Strict({
  proxies: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { wanted: 'a mapping of names to proxies' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff })),
  control: Type.Optional(Type.Union([Type.Boolean(), Strict({
    listen: Type.Optional(Type.String()), token: Type.Optional(Type.String({ minLength: 1 }))
  })], { wanted: 'true, false, or a mapping with listen, token' })),
  data: Type.Optional(Type.String({ minLength: 1 }))
})

/**
 * Starts a sidecar in this process: quiet, on free ports of loopback, without a control API unless asked. Throws
 * PMT_ERR_INVALID and the errors of proxies and faults, each with its path, and those of `Premortem.start`.
 */
export async function startPremortem (options: TestSidecarOptions = {}): Promise<TestSidecar> {
  const { clock, log, ...plain } = options
  const { proxies = {}, seed, control = false, data = DEFAULT_DATA } = decode(Plain, definedOnly(plain))
  const { listen = '127.0.0.1:0', token } = typeof control === 'boolean' ? {} : control
  const premortem = new Premortem({
    ...decodeConfig({ proxies: [] }, () => ''),
    control: { ...parseAddress(listen, 'control.listen', 0), tokens: token === undefined ? {} : { operator: token } },
    data,
    seed,
    proxies: Object.entries(proxies).map(([name, proxy]) => decodeProxyInput(name, proxy, `proxies.${name}`))
  }, { clock, log, control: control !== false })
  await premortem.start()
  return new TestSidecar(premortem)
}

// A caller in TypeScript may set what it leaves out to undefined.
function definedOnly (options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
