import { OWNER } from '../experiment/allowed.ts'
import type { RunResult } from '../experiment/result.ts'
import type { DrainOptions } from '../kernel/lifecycle.ts'
import type { Premortem } from '../premortem.ts'
import { decodeProxy } from '../proxy/spec.ts'
import type { ProxySettings } from '../proxy/spec.ts'
import { FaultHandle, checkRunning } from './fault-handle.ts'
import type { ExperimentInput, FaultOn, ProxyInput } from './input.ts'
import { ProxyHandle } from './proxy-handle.ts'
import { withFaults } from './with-faults.ts'
import type { Handles, WithFaultOptions } from './with-faults.ts'

/** A run's own seed, and a signal that interrupts it. */
export interface RunOptions { seed?: number, signal?: AbortSignal }

/** A sidecar in the process of a test, from `startPremortem`. */
export class TestSidecar implements AsyncDisposable {
  readonly #premortem: Premortem

  /** Of a premortem that has started. */
  constructor (premortem: Premortem) {
    this.#premortem = premortem
  }

  /** What every random choice comes from. Print it where a test fails: it makes the same decisions again. */
  get seed (): number { return this.#premortem.seed }

  /** Where the control API answers; null without one. */
  get controlUrl (): string | null { return this.#premortem.controlUrl }

  /** Throws PMT_ERR_PROXY_NOT_FOUND. */
  proxy (name: string): ProxyHandle { return new ProxyHandle(this.#premortem.proxies, name) }

  /** Sorted by name. */
  proxies (): ProxyHandle[] { return this.#premortem.proxies.list().map(({ name }) => this.proxy(name)) }

  /**
   * Listens. Throws PMT_ERR_INVALID, PMT_ERR_PROXY_EXISTS, PMT_ERR_ADDRESS_IN_USE, PMT_ERR_ADDRESS, PMT_ERR_STATE and the
   * errors of its faults.
   */
  async addProxy (name: string, proxy: ProxyInput): Promise<ProxyHandle> {
    checkRunning(this.#premortem.proxies)
    await this.#premortem.proxies.add(decodeProxyInput(name, proxy, ''))
    return this.proxy(name)
  }

  /** Stops listening, resets its connections and forgets it, its faults included. Throws PMT_ERR_PROXY_NOT_FOUND. */
  removeProxy (name: string): Promise<void> { return this.#premortem.proxies.remove(name) }

  /**
   * Sets a fault; it stays until it is removed. Throws PMT_ERR_FAULT_UNKNOWN, PMT_ERR_INVALID, PMT_ERR_PROXY_NOT_FOUND,
   * PMT_ERR_NODE_NOT_FOUND, PMT_ERR_FAULT_LAYER, PMT_ERR_FAULT_EXISTS, PMT_ERR_HALTED, PMT_ERR_STATE.
   */
  fault (fault: FaultOn): FaultHandle { return new FaultHandle(this.#premortem.proxies, fault) }

  /**
   * Sets a fault, runs `fn` and removes the fault whatever happens. Resolves to what `fn` returns and rejects with what it
   * throws, with what `fault` throws, and with PMT_ERR_FAULT_NOT_LANDED if `mustHit` is asked for and nothing was hit.
   */
  withFault<T> (fault: FaultOn, fn: (fault: FaultHandle) => T | PromiseLike<T>, options?: WithFaultOptions): Promise<T> {
    return withFaults([fault], () => this.fault(fault), fn, options)
  }

  /** The same with several faults at once; `fn` gets a handle for each. With `mustHit`, each must have hit something. */
  withFaults<const F extends readonly FaultOn[], T> (
    faults: F, fn: (...handles: Handles<F>) => T | PromiseLike<T>, options?: WithFaultOptions
  ): Promise<T> {
    return withFaults(faults, (fault) => this.fault(fault), fn, options)
  }

  /** Removes every fault of every proxy, whoever set it; for between two tests. */
  reset (): void { this.#premortem.proxies.removeAllFaults() }

  /**
   * Runs an experiment to its end, whatever that is: `outcome` says. Its journal goes into a folder below `data`. Throws
   * decodeExperiment's errors, PMT_ERR_RUN_BUSY, PMT_ERR_HALTED, PMT_ERR_JOURNAL, PMT_ERR_STATE, and the signal's reason if
   * it has aborted before.
   */
  async run (experiment: ExperimentInput, { seed, signal }: RunOptions = {}): Promise<RunResult> {
    const { runs } = this.#premortem
    signal?.throwIfAborted()
    const { id } = await runs.start(experiment, { seed, allowed: OWNER })
    const interrupt = (): void => { runs.abort(id, String(signal?.reason), 'interrupted') }
    if (signal?.aborted) interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    try {
      return await runs.result(id)
    } finally {
      signal?.removeEventListener('abort', interrupt)
    }
  }

  /** Takes no new connections, waits for those in hand until the deadline, then stops. */
  drain (options?: DrainOptions): Promise<void> { return this.#premortem.drain(options) }

  /** Interrupts runs, resets connections, closes every listener. May be called twice. */
  stop (): Promise<void> { return this.#premortem.stop() }

  [Symbol.asyncDispose] (): Promise<void> { return this.stop() }
}

/** A proxy on a free port of loopback, unless it says otherwise. Throws decodeProxy's errors; paths begin with `base`. */
export function decodeProxyInput (name: string, written: unknown, base: string): ProxySettings {
  const mapping = typeof written === 'object' && written !== null && !Array.isArray(written)
  return decodeProxy(mapping ? { listen: '127.0.0.1:0', ...written, name } : written, base)
}
