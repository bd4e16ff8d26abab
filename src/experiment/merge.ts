import type { Objective } from '../measure/objective.ts'
import type { Bin, CountReading, Tally } from '../measure/counting.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import type { OpenWatch } from './ports.ts'

/** One watch of two that count the same objectives: requests are those of `traffic`, handshakes those of `proxy`. */
export function mergeWatches (objectives: readonly Objective[], traffic: OpenWatch, proxy: OpenWatch): OpenWatch {
  return {
    async mark (phase) { await Promise.all([traffic.mark(phase), proxy.mark(phase)]) },
    async read (options) {
      const [requests, handshakes] = await Promise.all([traffic.read(options), proxy.read(options)])
      return mergeReadings(objectives, requests, handshakes)
    },
    open: () => traffic.open(),
    async close () { await Promise.all([traffic.close(), proxy.close()]) }
  }
}

/**
 * A reading in which requests are those of `traffic`, which the load generator counted, and handshakes those of `proxy`.
 * Both have counted the same objectives in the same phases; one that the proxy has lost is left out.
 */
export function mergeReadings (objectives: readonly Objective[], traffic: WatchReading, proxy: WatchReading): WatchReading {
  const phases = traffic.phases.flatMap((phase) => {
    const seen = proxy.phases.findLast(({ name }) => name === phase.name)
    return seen === undefined ? [] : [mergePhase(objectives, phase, seen)]
  })
  return { ...traffic, phases }
}

const bySecond = ({ bins }: CountReading): Map<number, Bin> => new Map(bins.map((bin) => [bin.second, bin]))

function mergePhase (objectives: readonly Objective[], traffic: PhaseReading, proxy: PhaseReading): PhaseReading {
  const merged = (ours: CountReading, theirs: CountReading): CountReading =>
    ({ ...ours, ...mergeCounts(objectives, ours, theirs) })
  const arms = traffic.arms === null || proxy.arms === null
    ? null
    : { fault: merged(traffic.arms.fault, proxy.arms.fault), control: merged(traffic.arms.control, proxy.arms.control) }
  const { handshakes, survivors } = proxy
  return { ...traffic, ...mergeCounts(objectives, traffic, proxy), handshakes, survivors, arms }
}

function mergeCounts (
  objectives: readonly Objective[], traffic: CountReading, proxy: CountReading
): Tally & Pick<CountReading, 'bins'> {
  const bins = new Map<number, Bin>()
  const zeros = objectives.map(() => 0)
  const none: Tally = { of: zeros, bad: zeros }
  const requests = bySecond(traffic)
  const handshakes = bySecond(proxy)
  for (const second of new Set([...requests.keys(), ...handshakes.keys()])) {
    const ours = requests.get(second)
    const tally = mergeTally(objectives, ours ?? none, handshakes.get(second) ?? none)
    // A second in which the proxy saw requests only has nothing of ours.
    if (ours !== undefined || tally.of.some((n) => n > 0)) bins.set(second, { second, n: ours?.n ?? 0, ...tally })
  }
  return { ...mergeTally(objectives, traffic, proxy), bins: [...bins.values()].sort((a, b) => a.second - b.second) }
}

function mergeTally (objectives: readonly Objective[], traffic: Tally, proxy: Tally): Tally {
  const from = ({ kind }: Objective): Tally => kind === 'handshake' ? proxy : traffic
  return {
    of: objectives.map((objective, i) => from(objective).of[i]!),
    bad: objectives.map((objective, i) => from(objective).bad[i]!)
  }
}
