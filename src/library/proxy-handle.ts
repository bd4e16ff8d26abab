import type { Snapshot } from '../measure/snapshot.ts'
import type { Proxies } from '../proxy/proxies.ts'
import type { Proxy } from '../proxy/proxy.ts'
import type { ConnectionView, FaultView } from '../proxy/view.ts'
import { FaultHandle } from './fault-handle.ts'
import type { FaultInput } from './input.ts'
import { withFaults } from './with-faults.ts'
import type { WithFaultOptions } from './with-faults.ts'

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
