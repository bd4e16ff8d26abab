import { decodeFault } from '../faults/envelope.ts'
import type { FaultInput } from '../faults/input.ts'
import type { FaultCounters } from '../faults/plan.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { Proxies } from '../proxy/proxies.ts'

/** A fault that a test has set. It stays until `remove()`, the end of a `using` block, or the end of the sidecar. */
export class FaultHandle implements Disposable {
  /** The proxy it is on. */
  readonly on: string
  /** Its name on that proxy, given if the test gave none. */
  readonly id: string
  readonly type: string
  /** What its decisions come from: set again with this `seed`, it hits the same ones of the same traffic. */
  readonly seed: number
  readonly #proxies: Proxies
  readonly #counters: FaultCounters

  /**
   * Sets it, on the proxy it names or on `on`. Throws decodeFault's errors, PMT_ERR_PROXY_NOT_FOUND, PMT_ERR_STATE and
   * those of `Proxy.addFault`.
   */
  constructor (proxies: Proxies, written: FaultInput, on?: string) {
    const fault = decodeFault(written)
    const name = on ?? fault.on
    if (name === undefined) {
      throw new PremortemError('PMT_ERR_INVALID', { message: '`on` is missing', path: 'on', found: 'nothing', wanted: 'the name of a proxy' })
    }
    checkRunning(proxies)
    const proxy = proxies.get(name)
    // The lifetime is the test's: a lease that ends before a slow test does would be a false pass.
    const { id, seed, type } = proxy.addFault(fault, { source: 'api', ttl: fault.ttl ?? Infinity })
    this.on = name
    this.id = id
    this.type = type
    this.seed = seed
    this.#proxies = proxies
    this.#counters = proxy.plan.find(id)!.counters
  }

  /** What it has done so far, also after it was removed. */
  get counters (): FaultCounters { return structuredClone(this.#counters) }

  /** Whether it has hit anything yet: a request, a connection, or one that was open when it began. */
  get landed (): boolean {
    const { injected, existing } = this.#counters
    return injected + existing.reset + existing.drain > 0
  }

  /** Whether it is still set. */
  get active (): boolean {
    // By the counters: after its end another fault may have its id.
    return this.#proxies.find(this.on)?.plan.find(this.id)?.counters === this.#counters
  }

  /**
   * Merges `patch` over the fault as it was written; the counters go on. Throws PMT_ERR_FAULT_NOT_FOUND and decodeFault's
   * errors.
   */
  change (patch: Partial<FaultInput>): void {
    if (!this.active) throw new PremortemError('PMT_ERR_FAULT_NOT_FOUND', { message: `${this.id} is no longer on ${this.on}`, found: this.id })
    this.#proxies.get(this.on).changeFault(this.id, patch)
  }

  /** Removes it, which lets go of whatever it holds, at once. Does nothing if it is gone already. */
  remove (): void {
    if (this.active) this.#proxies.get(this.on).removeFault(this.id)
  }

  /** Throws PMT_ERR_FAULT_NOT_LANDED if it has hit nothing, and says what became of the traffic instead. */
  mustHit (): void {
    if (this.landed) return
    const { eligible, skipped, passed, capped, unfit } = this.#counters
    const spared = Object.entries({ 'spared by share': skipped, 'passed over by selection': passed, 'spared by max': capped, unfit })
      .filter(([, count]) => count > 0).map(([why, count]) => `${count} ${why}`)
    throw new PremortemError('PMT_ERR_FAULT_NOT_LANDED', {
      message: `the fault never landed: 0 of ${eligible} eligible were hit by ${this.id} on ${this.on}${spared.length === 0 ? '' : ` (${spared.join(', ')})`}`,
      path: `${this.on}.${this.id}`,
      found: eligible === 0 ? 'nothing eligible' : spared.join(', '),
      wanted: 'at least one hit',
      hint: eligible === 0 ? 'check that the client talks to the proxy, and that `match` and `node` fit its traffic' : undefined
    })
  }

  [Symbol.dispose] (): void { this.remove() }
}

/** Throws PMT_ERR_STATE if the sidecar has stopped. */
export function checkRunning (proxies: Proxies): void {
  if (proxies.state === 'running') return
  throw new PremortemError('PMT_ERR_STATE', { message: 'this premortem has stopped', hint: 'start another with startPremortem()' })
}
