import type { Clock } from '../kernel/clock.ts'
import type { Bin, CountReading, Tally } from '../measure/counting.ts'
import type { Objective } from '../measure/objective.ts'
import { SampleWatch } from '../measure/sampling.ts'
import type { SamplePhase } from '../measure/sampling.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import type { OpenWatch, RunningSource, StartSource } from './ports.ts'
import type { SourceSpec } from './sources.ts'

/** Sources at work, and what they have said. */
export interface Sampling {
  mark (phase: string): void
  /** `final` also counts what is still awaited. */
  read (final: boolean): SamplePhase[]
  /** Asks for nothing more; what is awaited goes on. */
  stop (): void
  close (): Promise<void>
}

/** Starts every source. Throws what `startSource` throws; those that had begun are closed by then. */
export async function openSampling (
  { clock, startSource }: { clock: Clock, startSource: StartSource }, specs: readonly SourceSpec[], counted: readonly Objective[]
): Promise<Sampling> {
  const watch = new SampleWatch(counted, specs.map(({ name }) => name))
  const running: RunningSource[] = []
  const close = async (): Promise<void> => { await Promise.all(running.map((source) => source.close())) }
  try {
    for (const spec of specs) running.push(startSource(spec, watch))
  } catch (error) {
    await close()
    throw error
  }
  return {
    mark (phase) {
      watch.mark(phase, clock.now())
      for (const source of running) source.mark()
    },
    read: (final) => watch.read(running.flatMap((source) => source.awaited()), final),
    stop () { for (const source of running) source.stop() },
    close
  }
}

/** A watch that counts `traffic` against the objectives on traffic, and `sampling` against the rest of `counted`. */
export function withSampling (counted: readonly Objective[], traffic: OpenWatch, sampling: Sampling): OpenWatch {
  return {
    async mark (phase) {
      const marked = traffic.mark(phase)
      sampling.mark(phase)
      await marked
    },
    async read (options = {}) {
      const reading = await traffic.read(options)
      return addSamples(counted, reading, sampling.read(options.final ?? false))
    },
    open: () => traffic.open(),
    async close () { await Promise.all([traffic.close(), sampling.close()]) }
  }
}

/**
 * A reading of traffic, which knows the objectives on traffic only, with the samples of the same phases. A phase that the
 * traffic's side has lost is left out.
 */
export function addSamples (counted: readonly Objective[], reading: WatchReading, sampled: readonly SamplePhase[]): WatchReading {
  // Stretches of a switchback share a name: the last of one name is the last of the other.
  const left = new Map<string, SamplePhase[]>()
  for (const phase of sampled) left.set(phase.name, [...left.get(phase.name) ?? [], phase])
  const phases = reading.phases.toReversed().flatMap((phase) => {
    const own = left.get(phase.name)?.pop()
    return own === undefined ? [] : [addPhase(counted, phase, own)]
  }).toReversed()
  return { objectives: counted.map(({ text }) => text), phases }
}

function addPhase (counted: readonly Objective[], traffic: PhaseReading, samples: SamplePhase): PhaseReading {
  const { arms } = traffic
  // Samples belong to no arm.
  const arm = (reading: CountReading): CountReading => ({ ...reading, ...addCounts(counted, reading, NO_SAMPLES) })
  return {
    ...traffic,
    ...addCounts(counted, traffic, samples),
    arms: arms === null ? null : { fault: arm(arms.fault), control: arm(arms.control) },
    samples: samples.sources
  }
}

const NO_SAMPLES: Tally & { bins: Bin[] } = { of: [], bad: [], bins: [] }

function addCounts (
  counted: readonly Objective[], traffic: Tally & { bins: readonly Bin[] }, samples: Tally & { bins: readonly Bin[] }
): Tally & { bins: Bin[] } {
  const bins = new Map<number, Bin>()
  const none: Tally = { of: [], bad: [] }
  const bySecond = (side: { bins: readonly Bin[] }): Map<number, Bin> => new Map(side.bins.map((bin) => [bin.second, bin]))
  const [ours, theirs] = [bySecond(traffic), bySecond(samples)]
  for (const second of new Set([...ours.keys(), ...theirs.keys()])) {
    const bin = ours.get(second)
    bins.set(second, { second, n: bin?.n ?? 0, ...addTally(counted, bin ?? none, theirs.get(second) ?? none) })
  }
  return { ...addTally(counted, traffic, samples), bins: [...bins.values()].sort((a, b) => a.second - b.second) }
}

/** `traffic` has counts for the objectives on traffic alone, one after the other. */
function addTally (counted: readonly Objective[], traffic: Tally, samples: Tally): Tally {
  const tally: Tally = { of: [], bad: [] }
  let next = 0
  for (const [i, { source }] of counted.entries()) {
    const [from, at] = source === undefined ? [traffic, next++] : [samples, i]
    tally.of.push(from.of[at] ?? 0)
    tally.bad.push(from.bad[at] ?? 0)
  }
  return tally
}
