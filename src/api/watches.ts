import type { DataPlane, OpenWatch } from '../experiment/ports.ts'
import type { ArmRule } from '../faults/arms.ts'
import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import { parseObjective } from '../measure/objective.ts'
import type { WatchView } from './schemas/state.ts'

/** How long a watch lives when nobody touches it, in milliseconds. */
export const WATCH_TTL = 60_000

interface Held { at: string, watch: OpenWatch, expire: () => void }

/** Watches that other sidecars' runs have opened here. Each goes away by itself when its run no longer asks. */
export class Watches {
  readonly #plane: Pick<DataPlane, 'watch'>
  readonly #clock: Clock
  readonly #held = new Map<string, Held>()
  #last = 0

  constructor ({ plane, clock }: { plane: Pick<DataPlane, 'watch'>, clock: Clock }) {
    this.#plane = plane
    this.#clock = clock
  }

  get size (): number { return this.#held.size }

  /** Throws PMT_ERR_PROXY_NOT_FOUND, and PMT_ERR_INVALID for what is no objective. */
  async open (at: string, objectives: readonly string[], rules: readonly ArmRule[] = []): Promise<WatchView> {
    const parsed = objectives.map((text, i) => {
      try {
        return parseObjective(text)
      } catch (error) {
        throw error instanceof PremortemError ? error.at({ path: `objectives.${i}` }) : error
      }
    })
    const watch = await this.#plane.watch(at, parsed, rules)
    const id = `w${++this.#last}`
    this.#held.set(id, { at, watch, expire: () => {} })
    return this.read(id)
  }

  /** Throws PMT_ERR_WATCH_NOT_FOUND, as the other verbs do. */
  async mark (id: string, phase: string): Promise<WatchView> {
    await this.#touch(id).watch.mark(phase)
    return this.read(id)
  }

  async read (id: string, options: { final?: boolean } = {}): Promise<WatchView> {
    const { at, watch } = this.#touch(id)
    return { id, at, open: await watch.open(), reading: await watch.read(options) }
  }

  async close (id: string): Promise<void> {
    const { watch, expire } = this.#touch(id)
    expire()
    this.#held.delete(id)
    await watch.close()
  }

  async closeAll (): Promise<void> {
    await Promise.all([...this.#held.keys()].map((id) => this.close(id)))
  }

  #touch (id: string): Held {
    const held = this.#held.get(id)
    if (held === undefined) throw new PremortemError('PMT_ERR_WATCH_NOT_FOUND', { found: id })
    held.expire()
    held.expire = this.#clock.after(WATCH_TTL, () => { void this.close(id) })
    return held
  }
}
