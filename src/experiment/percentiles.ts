import { formatCount } from '../kernel/units.ts'
import type { Objective } from '../measure/objective.ts'

/** A phase and how many requests it has. */
export interface Sampled { name: string, n: number }

/** How many requests it takes before a percentile is more than the slowest few: three are to be expected beyond it. */
export const fewestForPercentile = (percentile: number): number => Math.ceil(3 / (1 - percentile) - 1e-6)

/** The percentiles of the traffic that objectives are about. */
export const percentilesOf = (objectives: readonly Objective[]): number[] =>
  objectives.filter(({ kind, source }) => kind === 'latency' && source === undefined).map(({ target }) => target)

/** What is to be said of percentiles that rest on too few requests: a sentence for each. A phase without any says nothing. */
export function thinPercentiles (percentiles: readonly number[], phases: readonly Sampled[]): string[] {
  return [...new Set(percentiles)].toSorted((a, b) => a - b).flatMap((percentile) => {
    const fewest = fewestForPercentile(percentile)
    const thin = phases.filter(({ n }) => n > 0 && n < fewest)
    if (thin.length === 0) return []
    const name = `p${Number((percentile * 100).toFixed(4))}`
    return [`${name} says little of fewer than ${formatCount(fewest)} requests (3 / (1 - q)), for it is then one of the slowest few: ` +
      thin.map(({ name, n }) => `${formatCount(n)} in the ${name} phase`).join(', ')]
  })
}
