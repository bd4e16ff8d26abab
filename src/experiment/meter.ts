import { compileArms } from '../faults/arms.ts'
import type { ArmRule } from '../faults/arms.ts'
import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import { subjectOf } from '../measure/objective.ts'
import { Watch } from '../measure/watch.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import { pause, within } from './control.ts'
import type { Control } from './control.ts'
import type { Experiment } from './document.ts'
import { mergeWatches } from './merge.ts'
import { openSampling, withSampling } from './sampled.ts'
import type { Sampling } from './sampled.ts'
import type { LoadSummary, OpenWatch, RunPorts, RunningLoad } from './ports.ts'
import { Witnesses } from './witnesses.ts'

/** How long an answer of the data plane may take, in milliseconds. */
const ANSWER = 5000

/** How long to wait for exchanges that are open when the last phase ends, without a load that has its own limit. */
const DRAIN = 5000

/** How often a drain looks, in milliseconds. */
const LOOK = 100

/** The phase after the last one: what starts there is not part of the experiment. */
export const AFTER = 'after'

/** What a run is measured with: the load, if there is one, the watch that counts, and the witnesses. */
export class Meter {
  readonly #clock: Clock
  readonly #watch: OpenWatch
  readonly #load: RunningLoad | null
  readonly #patience: number
  readonly #witnesses: Witnesses
  readonly #sampling: Sampling | null
  #latest: WatchReading = { objectives: [], phases: [] }

  constructor (
    clock: Clock, watch: OpenWatch, load: RunningLoad | null, patience: number, witnesses: Witnesses,
    sampling: Sampling | null = null
  ) {
    this.#clock = clock
    this.#watch = watch
    this.#load = load
    this.#patience = patience
    this.#witnesses = witnesses
    this.#sampling = sampling
  }

  /** The last reading there was. */
  get latest (): WatchReading { return this.#latest }

  /** The last reading of a proxy with a tls fault that is not the one judged; undefined if there is none. */
  witnessed (proxy: string): WatchReading | undefined {
    return this.#witnesses.latest(proxy)
  }

  /** Begins a phase now. */
  async mark (phase: string): Promise<void> {
    await Promise.all([within(this.#clock, ANSWER, this.#watch.mark(phase)), this.#witnesses.mark(phase)])
  }

  /** What a phase counted so far; `final` counts what is still open as bad. */
  async read (phase: string, final = false): Promise<PhaseReading> {
    const witnessed = this.#witnesses.read(final)
    this.#latest = await within(this.#clock, ANSWER, this.#watch.read({ final }))
    await witnessed
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
    this.#sampling?.stop()
    const deadline = this.#clock.now() + this.#patience
    for (;;) {
      await this.read(AFTER, true)
      const open = this.#latest.phases.filter(({ name, unfinished, handshakes, samples = {} }) => name !== AFTER &&
        (unfinished + handshakes.unfinished > 0 || Object.values(samples).some((source) => source.unfinished > 0)))
      if (open.length === 0 || control.ended || this.#clock.now() >= deadline) return this.#latest
      await pause(this.#clock, LOOK, control)
    }
  }

  /** Frees the watches and the load; says what the load did. */
  async close (): Promise<LoadSummary | null> {
    const summary = this.#load?.summary() ?? null
    this.#load?.stop()
    await Promise.all([this.#load?.close(), within(this.#clock, ANSWER, this.#watch.close()), this.#witnesses.close()])
    return summary
  }
}

/**
 * Starts the load, if there is one, and the watches, which count the objectives first, then the guardrails and the budget.
 * Whoever measures the requests, handshakes are those that the proxy has seen. With rules, the arms are counted apart as well.
 */
export async function openMeter (
  experiment: Experiment, { clock, plane, startLoad, startSource, log }: RunPorts, rules: readonly ArmRule[] = []
): Promise<Meter> {
  const { at, source, sources, load: spec, objectives, guardrails, budget, faults } = experiment
  const all = [...objectives, ...guardrails, ...budget === undefined ? [] : [budget.objective]]
  const counted = all.filter((objective) => subjectOf(objective) !== 'samples')
  // What the proxy has seen when a load gives up is bad already: waiting longer would change nothing.
  const patience = Math.max(spec?.timeout ?? DRAIN, ...sources.map(({ timeout }) => timeout))
  const places = new Set(faults.filter(({ type }) => type.layer === 'tls').map(({ on }) => on!))
  const shaken = places.delete(at) || counted.some((objective) => subjectOf(objective) === 'handshakes')
  const loadCounts = spec !== undefined && source === 'load'
  const proxy = loadCounts && !shaken ? null : await within(clock, ANSWER, plane.watch(at, counted, rules))
  const own = loadCounts ? new Watch(counted, compileArms(rules)) : null
  const load = spec === undefined ? null : startLoad(spec, own ?? { observe () {} })
  const traffic = own === null || load === null ? proxy! : localWatch(clock, own, load)
  const witnesses = new Witnesses({ clock, log, plane })
  await witnesses.open(places, counted)
  const watch = own === null || proxy === null ? traffic : mergeWatches(counted, traffic, proxy)
  const meter = new Meter(clock, watch, load, patience, witnesses)
  if (sources.length === 0) return meter
  try {
    const sampling = await openSampling({ clock, startSource }, sources, all)
    return new Meter(clock, withSampling(all, watch, sampling), load, patience, witnesses, sampling)
  } catch (error) {
    await meter.close()
    throw error
  }
}

function localWatch (clock: Clock, watch: Watch, load: RunningLoad): OpenWatch {
  return {
    async mark (phase) { watch.mark(phase, clock.now()) },
    read: async ({ final = false } = {}) => final ? watch.read(load.open()) : watch.read(),
    open: async () => load.open().length,
    async close () {}
  }
}
