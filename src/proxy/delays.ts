import type { FaultCounters } from '../faults/plan.ts'
import { Histogram } from '../measure/histogram.ts'
import type { Percentiles } from '../measure/histogram.ts'

/** How delays of a fault were spread, asked for and achieved, in milliseconds. */
export interface DelayView { requested: Percentiles, achieved: Percentiles }

interface Spread { requested: Histogram, achieved: Histogram }

// By counters, which outlive a change of the fault's settings.
const spreads = new WeakMap<FaultCounters, Spread>()

/** Counts a delay that ended, in milliseconds. */
export function recordDelay (counters: FaultCounters, requested: number, achieved: number): void {
  counters.delays++
  counters.delayRequested += requested
  counters.delayAchieved += achieved
  let spread = spreads.get(counters)
  if (spread === undefined) spreads.set(counters, spread = { requested: new Histogram(), achieved: new Histogram() })
  spread.requested.record(requested)
  spread.achieved.record(achieved)
}

/** The distribution asked for beside the one achieved; null before the first delay has ended. */
export function delayView (counters: FaultCounters): DelayView | null {
  const spread = spreads.get(counters)
  return spread === undefined ? null : { requested: spread.requested.percentiles(), achieved: spread.achieved.percentiles() }
}
