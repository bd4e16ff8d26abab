import { formatCount, formatShare } from '../kernel/units.ts'
import type { SourceReading } from '../measure/sampling.ts'
import type { WatchReading } from '../measure/watch.ts'
import type { Experiment } from './document.ts'

/** The share of a source's samples that may be missing under the fault without putting what is left in doubt. */
const TOLERATED = 0.2

/** The sources of objectives that were blind under the fault, each with how it was, in words. */
export function blindSources ({ objectives }: Pick<Experiment, 'objectives'>, { phases }: WatchReading): Map<string, string> {
  const samples = phases.find(({ name }) => name === 'fault')?.samples ?? {}
  const names = new Set(objectives.flatMap(({ source }) => source === undefined ? [] : [source]))
  return new Map([...names].flatMap((name): [string, string][] => {
    const reading = samples[name]
    if (reading === undefined || reading.missing <= TOLERATED * (reading.answers + reading.missing)) return []
    return [[name, `${name} was blind under the fault: ${missingWords(reading)}. What was not seen may have been bad`]]
  }))
}

/** How many samples are missing, and why, in words. */
export function missingWords ({ answers, missing, why }: SourceReading): string {
  const all = answers + missing
  return `${formatCount(missing)} of ${formatCount(all)} samples (${formatShare(missing / all)}) are missing${reasonsOf(why)}`
}

/** Reasons, the most frequent first, in brackets; nothing if there are none. */
export function reasonsOf (why: Readonly<Record<string, number>>): string {
  const told = Object.entries(why).sort((a, b) => b[1] - a[1]).map(([reason, n]) => `${reason}: ${formatCount(n)}`)
  return told.length === 0 ? '' : ` (${told.join(', ')})`
}
