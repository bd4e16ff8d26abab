import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { Objective } from '../measure/objective.ts'
import type { WatchReading } from '../measure/watch.ts'
import { within } from './control.ts'
import type { DataPlane, OpenWatch } from './ports.ts'

/** How long an answer of the data plane may take, in milliseconds. */
const ANSWER = 5000

/** What watching proxies takes. */
export interface WitnessTools { clock: Clock, log: Logger, plane: Pick<DataPlane, 'watch'> }

/**
 * Watches of proxies at which nothing is judged, to say afterwards what was seen there. None of it rejects: a run does not
 * end because a witness was lost. One that missed the beginning of a phase is not asked again.
 */
export class Witnesses {
  readonly #tools: WitnessTools
  readonly #watches = new Map<string, OpenWatch>()
  readonly #readings = new Map<string, WatchReading>()

  constructor (tools: WitnessTools) {
    this.#tools = tools
  }

  /** Starts counting at each of the proxies. `objectives` are what every watch counts. */
  async open (proxies: Iterable<string>, objectives: readonly Objective[]): Promise<void> {
    const { clock, log, plane } = this.#tools
    await Promise.all([...proxies].map(async (proxy) => {
      try {
        this.#watches.set(proxy, await within(clock, ANSWER, plane.watch(proxy, objectives)))
      } catch (error) {
        log.warn({ err: error, proxy }, 'the traffic of a proxy with a tls fault cannot be watched')
      }
    }))
  }

  /** The last reading of a proxy; undefined if there is none. */
  latest (proxy: string): WatchReading | undefined {
    return this.#readings.get(proxy)
  }

  /** Begins a phase now. */
  async mark (phase: string): Promise<void> {
    await this.#each((watch) => watch.mark(phase), (proxy) => this.#lose(proxy))
  }

  /** Reads all of them; what does not answer keeps its last reading. */
  async read (final: boolean): Promise<void> {
    await this.#each(async (watch, proxy) => { this.#readings.set(proxy, await watch.read({ final })) }, () => {})
  }

  /** Stops counting. */
  async close (): Promise<void> {
    await this.#each((watch) => watch.close(), () => {})
    this.#watches.clear()
  }

  async #each (ask: (watch: OpenWatch, proxy: string) => Promise<void>, failed: (proxy: string) => void): Promise<void> {
    const { clock, log } = this.#tools
    await Promise.all([...this.#watches].map(async ([proxy, watch]) => {
      try {
        await within(clock, ANSWER, ask(watch, proxy))
      } catch (error) {
        log.warn({ err: error, proxy }, 'the traffic of a proxy with a tls fault could not be read')
        failed(proxy)
      }
    }))
  }

  #lose (proxy: string): void {
    const watch = this.#watches.get(proxy)
    this.#watches.delete(proxy)
    this.#readings.delete(proxy)
    watch?.close().catch(() => {})
  }
}
