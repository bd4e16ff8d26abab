import type { FaultInput } from '../faults/input.ts'
import { compilePattern } from '../kernel/pattern.ts'
import type { Snapshot } from '../measure/snapshot.ts'
import type { DecisionView } from '../proxy/decision-view.ts'
import type { Proxies } from '../proxy/proxies.ts'
import type { Proxy } from '../proxy/proxy.ts'
import type { ConnectionView, FaultView } from '../proxy/view.ts'
import { FaultHandle } from './fault-handle.ts'
import { withFaults } from './with-faults.ts'
import type { WithFaultOptions } from './with-faults.ts'

/**
 * Which decisions to show: those of one `fault`, those where one `hit` (or none did), those on a `path` (written as
 * `match.path`), those of one `connection`. `limit` is 100 if left out.
 */
export interface DecisionQuery { fault?: string, hit?: boolean, path?: string, connection?: number, limit?: number }

/** A proxy of a sidecar, by its name. Once it is removed, everything here throws PMT_ERR_PROXY_NOT_FOUND. */
export class ProxyHandle {
  readonly name: string
  readonly #proxies: Proxies

  /** Throws PMT_ERR_PROXY_NOT_FOUND. */
  constructor (proxies: Proxies, name: string) {
    this.name = proxies.get(name).name
    this.#proxies = proxies
  }

  /** Where clients on this machine connect: an IP address, without brackets. */
  get host (): string {
    const { host } = this.#proxy.address
    return { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  }

  get port (): number { return this.#proxy.address.port }

  /** `host:port`, with brackets around an IPv6 address. */
  get address (): string {
    const { host, port } = this
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  }

  /** `http://host:port`, without a slash at its end. */
  get url (): string { return `http://${this.address}` }

  /** Totals, and figures of the last `seconds`. */
  snapshot (seconds?: number): Snapshot { return this.#proxy.snapshot(seconds) }

  /** The open connections. */
  connections (): ConnectionView[] { return this.#proxy.connectionViews() }

  /** The faults that are set, whoever set them. */
  faults (): FaultView[] { return this.#proxy.faultViews() }

  /**
   * Which requests met which faults, and why each was hit or not, the newest first. The last thousand are kept. Throws
   * PMT_ERR_INVALID for a `path` that is no pattern.
   */
  decisions ({ path, limit = 100, ...query }: DecisionQuery = {}): DecisionView[] {
    return this.#proxy.decisionList({ ...query, limit, path: path === undefined ? undefined : compilePattern(path) }).decisions
  }

  /** Whether it listens. */
  get enabled (): boolean { return this.#proxy.enabled }

  /** Stops listening and resets its connections: clients are refused. Its faults stay. */
  disable (): Promise<void> { return this.#proxy.disable() }

  /** Listens again, on the port it had. Throws PMT_ERR_ADDRESS_IN_USE, PMT_ERR_ADDRESS. */
  enable (): Promise<void> { return this.#proxy.enable() }

  /** Sets a fault on this proxy. Throws what FaultHandle's constructor throws. */
  fault (fault: FaultInput): FaultHandle {
    return new FaultHandle(this.#proxies, fault, this.name)
  }

  /** Runs `fn` under a fault on this proxy; see `TestSidecar.withFault`. */
  withFault<T> (fault: FaultInput, fn: (fault: FaultHandle) => T | PromiseLike<T>, options?: WithFaultOptions): Promise<T> {
    return withFaults([fault], () => this.fault(fault), fn, options)
  }

  get #proxy (): Proxy { return this.#proxies.get(this.name) }
}
