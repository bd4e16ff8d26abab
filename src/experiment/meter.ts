import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import { Watch } from '../measure/watch.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import { pause, within } from './control.ts'
import type { Control } from './control.ts'
import type { Experiment } from './document.ts'
import type { LoadSummary, OpenWatch, RunPorts, RunningLoad } from './ports.ts'

/** How long an answer of the data plane may take, in milliseconds. */
const ANSWER = 5000

/** How long to wait for exchanges that are open when the last phase ends, without a load that has its own limit. */
const DRAIN = 5000

/** How often a drain looks, in milliseconds. */
const LOOK = 100

/** The phase after the last one: what starts there is not part of the experiment. */
export const AFTER = 'after'

/** What a run is measured with: the load, if there is one, and the watch that counts. */
export class Meter {
  readonly #clock: Clock
  readonly #watch: OpenWatch
  readonly #load: RunningLoad | null
  readonly #patience: number
  #latest: WatchReading = { objectives: [], phases: [] }

  constructor (clock: Clock, watch: OpenWatch, load: RunningLoad | null, patience: number) {
    this.#clock = clock
    this.#watch = watch
    this.#load = load
    this.#patience = patience
  }

  /** The last reading there was. */
  get latest (): WatchReading { return this.#latest }

  /** Begins a phase now. */
  mark (phase: string): Promise<void> {
    return within(this.#clock, ANSWER, this.#watch.mark(phase))
  }

  /** What a phase counted so far; `final` counts what is still open as bad. */
  async read (phase: string, final = false): Promise<PhaseReading> {
    this.#latest = await within(this.#clock, ANSWER, this.#watch.read({ final }))
    const found = this.#latest.phases.findLast(({ name }) => name === phase)
    // The measuring side was restarted, and has forgotten what it counted.
    if (found === undefined) throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE', { message: `the counts of the ${phase} phase are lost` })
    return found
  }

  /** How many exchanges are open. */
  open (): Promise<number> {
    return within(this.#clock, ANSWER, this.#watch.open())
  }

  /** Ends the last phase and the load, waits for what is still open unless the run is to end, and reads for the last time. */
  async finish (control: Control): Promise<WatchReading> {
    await this.mark(AFTER)
    this.#load?.stop()
    const deadline = this.#clock.now() + this.#patience
    for (;;) {
      await this.read(AFTER, true)
      const unfinished = this.#latest.phases.some(({ name, unfinished }) => name !== AFTER && unfinished > 0)
      if (!unfinished || control.ended || this.#clock.now() >= deadline) return this.#latest
      await pause(this.#clock, LOOK, control)
    }
  }

  /** Frees the watch and the load; says what the load did. */
  async close (): Promise<LoadSummary | null> {
    const summary = this.#load?.summary() ?? null
    this.#load?.stop()
    await Promise.all([this.#load?.close(), within(this.#clock, ANSWER, this.#watch.close())])
    return summary
  }
}

/** Starts the load, if there is one, and the watch, which counts the objectives first and then the guardrails. */
export async function openMeter (experiment: Experiment, { clock, plane, startLoad }: RunPorts): Promise<Meter> {
  const { at, source, load: spec, objectives, guardrails } = experiment
  const counted = [...objectives, ...guardrails]
  // What the proxy has seen when a load gives up is bad already: waiting longer would change nothing.
  const patience = spec?.timeout ?? DRAIN
  if (spec !== undefined && source === 'load') {
    const watch = new Watch(counted)
    const load = startLoad(spec, watch)
    return new Meter(clock, localWatch(clock, watch, load), load, patience)
  }
  const watch = await within(clock, ANSWER, plane.watch(at, counted))
  const load = spec === undefined ? null : startLoad(spec, { observe () {} })
  return new Meter(clock, watch, load, patience)
}

function localWatch (clock: Clock, watch: Watch, load: RunningLoad): OpenWatch {
  return {
    async mark (phase) { watch.mark(phase, clock.now()) },
    read: async ({ final = false } = {}) => watch.read(final ? load.open() : []),
    open: async () => load.open().length,
    async close () {}
  }
}
