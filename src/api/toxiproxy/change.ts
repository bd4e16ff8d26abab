import type { Fault } from '../../faults/envelope.ts'
import { PremortemError, toPremortemError } from '../../kernel/errors.ts'
import type { Proxy } from '../../proxy/proxy.ts'
import { isSame, settingsAfter, settingsOf, toxicsOf } from '../../proxy/toxiproxy.ts'
import type { ToxiproxyChange, ToxiproxyRequest } from '../../proxy/toxiproxy.ts'
import type { ApiDeps } from '../deps.ts'

type Proxies = ApiDeps['proxies']

/** The proxies that are as they were asked for, and what ended it before all were. */
export interface Populated { done: Proxy[], error?: PremortemError }

/** Adds a proxy. Throws PMT_ERR_PROXY_EXISTS, and what listening throws. */
export async function createProxy (proxies: Proxies, request: ToxiproxyRequest): Promise<Proxy> {
  if (proxies.find(request.name) !== undefined) throw new PremortemError('PMT_ERR_PROXY_EXISTS')
  return proxies.add(await settingsOf(request), request.toxics)
}

/** Moves, redirects or toggles a proxy; its toxics stay. If it cannot listen there it stays as it was. */
export async function changeProxy (proxies: Proxies, proxy: Proxy, change: ToxiproxyChange): Promise<Proxy> {
  const settings = await settingsAfter(proxy, change)
  if (settings !== null) return proxies.replace(settings)
  return change.enabled === undefined ? proxy : proxies.setEnabled(proxy.name, change.enabled)
}

/**
 * Adds each proxy, or puts it in the place of the one of its name; one that stands where it shall, in front of the same
 * upstream, keeps its connections and whether it is enabled, and its toxics unless the request has some. The first error
 * ends it: the proxies before that are there.
 */
export async function populate (proxies: Proxies, requests: readonly ToxiproxyRequest[]): Promise<Populated> {
  const done: Proxy[] = []
  try {
    for (const request of requests) done.push(await place(proxies, request))
    return { done }
  } catch (error) {
    return { done, error: toPremortemError(error) }
  }
}

async function place (proxies: Proxies, request: ToxiproxyRequest): Promise<Proxy> {
  const settings = await settingsOf(request)
  const before = proxies.find(request.name)
  if (before === undefined || !isSame(before, settings)) return proxies.replace(settings, request.toxics ?? [])
  if (request.toxics === undefined) return before
  removeToxics(before)
  for (const toxic of request.toxics) addToxic(before, toxic)
  return before
}

/** Enables every proxy and removes every toxic. Throws PMT_ERR_ADDRESS_IN_USE or PMT_ERR_ADDRESS. */
export async function reset (proxies: Proxies): Promise<void> {
  for (const { name } of proxies.list()) removeToxics(await proxies.setEnabled(name, true))
}

/** Sets a toxic until it is removed. Throws PMT_ERR_FAULT_EXISTS and PMT_ERR_HALTED. */
export function addToxic (proxy: Proxy, toxic: Fault): void {
  proxy.addFault(toxic, { source: 'toxiproxy', ttl: Infinity })
}

/** The fault that a toxic is; a native one is none. Throws PMT_ERR_FAULT_NOT_FOUND. */
export function findToxic (proxy: Proxy, name: string): Fault {
  const fault = proxy.plan.find(name)?.fault
  if (fault === undefined || proxy.fault(name).source !== 'toxiproxy') throw new PremortemError('PMT_ERR_FAULT_NOT_FOUND', { found: name })
  return fault
}

function removeToxics (proxy: Proxy): void {
  for (const { name } of toxicsOf(proxy)) proxy.removeFault(name)
}
