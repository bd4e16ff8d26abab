import { PremortemError } from '../kernel/errors.ts'
import { createLifecycle } from '../kernel/lifecycle.ts'
import type { DrainOptions, Service, State } from '../kernel/lifecycle.ts'
import type { Random } from '../kernel/random.ts'
import { nearest } from '../kernel/schema.ts'
import type { Fault } from '../faults/envelope.ts'
import { Proxy } from './proxy.ts'
import type { ProxyDeps } from './proxy.ts'
import type { ProxySettings } from './spec.ts'

/** What the collection needs from outside. Each proxy's seed is forked from `random` by its name. */
export interface ProxiesDeps extends Omit<ProxyDeps, 'seed'> { random: Random }

/** The proxies of this process, by name. Halting removes every fault of theirs. */
export class Proxies implements Service {
  readonly #deps: ProxiesDeps
  readonly #proxies = new Map<string, Proxy>()
  readonly #service: Service
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor (deps: ProxiesDeps) {
    this.#deps = deps
    const offHalt = deps.halt.onEngage(() => { this.removeAllFaults() })
    this.#service = createLifecycle('proxies', {
      drain: async (options) => {
        await this.#lastChange
        await Promise.all(this.list().map((proxy) => proxy.drain(options)))
      },
      stop: async () => {
        offHalt()
        await this.#lastChange
        await Promise.all(this.list().map((proxy) => proxy.stop()))
      }
    })
  }

  get state (): State { return this.#service.state }
  start (): Promise<void> { return this.#service.start() }
  drain (options?: DrainOptions): Promise<void> { return this.#service.drain(options) }
  stop (): Promise<void> { return this.#service.stop() }
  [Symbol.asyncDispose] (): Promise<void> { return this.stop() }

  find (name: string): Proxy | undefined { return this.#proxies.get(name) }

  /** Throws PMT_ERR_PROXY_NOT_FOUND. */
  get (name: string): Proxy {
    const proxy = this.#proxies.get(name)
    if (proxy !== undefined) return proxy
    const near = nearest(name, [...this.#proxies.keys()])
    throw new PremortemError('PMT_ERR_PROXY_NOT_FOUND', {
      message: `no proxy ${name}`, found: name, wanted: [...this.#proxies.keys()].join(', ') || 'there is none',
      hint: near === undefined ? undefined : `did you mean \`${near}\`?`
    })
  }

  /** Sorted by name. */
  list (): Proxy[] {
    return [...this.#proxies.values()].sort((a, b) => a.name < b.name ? -1 : 1)
  }

  /**
   * Adds, and listens if it is enabled; the toxics are there before the first connection. Throws PMT_ERR_PROXY_EXISTS,
   * PMT_ERR_ADDRESS_IN_USE, PMT_ERR_ADDRESS and what a fault may throw.
   */
  add (settings: ProxySettings, toxics: readonly Fault[] = []): Promise<Proxy> {
    return this.#inTurn(() => this.#add(settings, toxics))
  }

  async #add (settings: ProxySettings, toxics: readonly Fault[]): Promise<Proxy> {
    if (this.#proxies.has(settings.name)) {
      throw new PremortemError('PMT_ERR_PROXY_EXISTS', { message: `a proxy ${settings.name} exists`, path: 'name', found: settings.name })
    }
    const proxy = await this.#begin(this.#make(settings, toxics))
    this.#publish('proxy.added', proxy)
    return proxy
  }

  /**
   * Adds, or stops the proxy of that name and puts this in its place. Faults set by hand or by a run stay; those of the
   * config are this one's. With `toxics`, no fault stays but these. If it cannot be, or cannot listen, the old one is
   * left or comes back.
   */
  replace (settings: ProxySettings, toxics?: readonly Fault[]): Promise<Proxy> {
    return this.#inTurn(() => this.#replace(settings, toxics))
  }

  async #replace (settings: ProxySettings, toxics: readonly Fault[] | undefined): Promise<Proxy> {
    const before = this.#proxies.get(settings.name)
    if (before === undefined) return await this.#add(settings, toxics ?? [])
    const { address: { host, port }, enabled } = before
    const proxy = this.#make(settings, toxics ?? [])
    if (toxics === undefined) proxy.inherit(before)
    await before.stop()
    try {
      await this.#begin(proxy)
    } catch (error) {
      const { state } = this.#deps.halt
      const back = this.#make({ ...before.settings, host, port, enabled, faults: state === null ? before.settings.faults : [] })
      if (toxics === undefined) back.inherit(proxy)
      await this.#begin(back)
      throw error
    }
    this.#publish('proxy.replaced', proxy)
    return proxy
  }

  /** Enables or disables it. Throws PMT_ERR_PROXY_NOT_FOUND, PMT_ERR_ADDRESS_IN_USE, PMT_ERR_ADDRESS. */
  setEnabled (name: string, enabled: boolean): Promise<Proxy> {
    return this.#inTurn(async () => {
      const proxy = this.get(name)
      if (proxy.enabled === enabled) return proxy
      await (enabled ? proxy.enable() : proxy.disable())
      this.#publish(enabled ? 'proxy.enabled' : 'proxy.disabled', proxy)
      return proxy
    })
  }

  /** Stops and forgets it. Throws PMT_ERR_PROXY_NOT_FOUND. */
  remove (name: string): Promise<void> {
    return this.#inTurn(async () => {
      const proxy = this.get(name)
      this.#proxies.delete(name)
      await proxy.stop()
      this.#publish('proxy.removed', proxy)
    })
  }

  /** How many there were. */
  removeAllFaults (): number {
    return this.list().reduce((sum, proxy) => sum + proxy.removeAllFaults(), 0)
  }

  // None of them waits for traffic. Two at once could both take what only one can have: a name, a port.
  #inTurn<T> (change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change)
    this.#lastChange = done.catch(() => {})
    return done
  }

  // Throws PMT_ERR_HALTED if it comes with faults while premortem is halted.
  #make (settings: ProxySettings, toxics: readonly Fault[] = []): Proxy {
    const { random, ...deps } = this.#deps
    const proxy = new Proxy(settings, { ...deps, seed: random.fork(`proxy ${settings.name}`).seed })
    for (const toxic of toxics) proxy.addFault(toxic, { source: 'toxiproxy', ttl: Infinity })
    return proxy
  }

  async #begin (proxy: Proxy): Promise<Proxy> {
    // Reserved before the first wait, so that two adds of one name cannot both succeed.
    const before = this.#proxies.get(proxy.name)
    this.#proxies.set(proxy.name, proxy)
    try {
      await proxy.start()
    } catch (error) {
      if (before === undefined) this.#proxies.delete(proxy.name)
      else this.#proxies.set(proxy.name, before)
      throw error
    }
    return proxy
  }

  #publish (type: string, proxy: Proxy): void {
    this.#deps.events.publish(type, { name: proxy.name })
  }
}
