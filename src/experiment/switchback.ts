import type { CountReading } from '../measure/counting.ts'
import { mergeSpreads, percentilesOf } from '../measure/spread.ts'
import type { SourceReading } from '../measure/sampling.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import type { RunContext } from './context.ts'
import { unlessEnded } from './control.ts'
import { countedOf, stretchOf } from './design.ts'
import { hold } from './hold.ts'
import type { EachSecond } from './hold.ts'
import type { Injection } from './injection.ts'
import type { Meter } from './meter.ts'
import { lengthOf } from './series.ts'

/**
 * Holds the fault phase as pairs of stretches, one with the faults and one without, in an order drawn for each pair. Both
 * ends of each are not counted: the first is for what went before to be over, the last for what was begun to end as it
 * would have, for removing a fault lets go what it holds back.
 */
export async function holdSwitchback (context: RunContext, meter: Meter, injection: Injection, each: EachSecond): Promise<void> {
  const { experiment: { phases, switchback: { pairs, settle } }, ports: { random }, control } = context
  const length = stretchOf(phases.fault, pairs)
  const counted = countedOf(phases.fault, pairs, settle)
  const order = random.fork('switchback')
  let active = false
  for (let pair = 0; pair < pairs; pair++) {
    const first = order.next() < 0.5
    for (const on of [first, !first]) {
      if (control.ended) return
      await unlessEnded(meter.mark('settling'), control)
      if (on !== active) await (on ? injection.apply(length) : injection.remove())
      else if (on) await injection.extend(length)
      active = on
      const heartbeat = (after: number) => async (left: number): Promise<void> => { if (on) await injection.renew(left + after) }
      await hold(context, meter, 'settling', { length: settle, heartbeat: heartbeat(counted + settle) })
      await hold(context, meter, on ? 'fault' : 'control', { length: counted, each, heartbeat: heartbeat(settle) })
      await hold(context, meter, 'settling', { length: settle, heartbeat: heartbeat(0) })
      if (on) await injection.count()
    }
  }
}

/** A reading in which the stretches of a kind are one phase, one after the other. */
export function joinStretches ({ objectives, phases }: WatchReading): WatchReading {
  const joined = new Map<string, PhaseReading[]>()
  for (const phase of phases) joined.set(phase.name, [...joined.get(phase.name) ?? [], phase])
  return { objectives, phases: [...joined.values()].map(join) }
}

/** For each pair of stretches and each objective, the share of bad ones with the faults less that without them. */
export function pairDifferences ({ phases }: WatchReading, objective: number): number[] {
  const sharesOf = (name: string): (number | null)[] => phases.filter((phase) => phase.name === name)
    .map(({ of, bad }) => of[objective] === 0 ? null : bad[objective]! / of[objective]!)
  const [on, off] = [sharesOf('fault'), sharesOf('control')]
  return on.flatMap((share, i) => share === null || (off[i] ?? null) === null ? [] : [share - off[i]!])
}

/** Phases of one name, their seconds one after the other. */
function join (phases: readonly PhaseReading[]): PhaseReading {
  const [first, ...more] = phases
  if (more.length === 0) return first!
  let offset = 0
  const bins: CountReading['bins'] = []
  for (const phase of phases) {
    for (const bin of phase.bins) bins.push({ ...bin, second: bin.second + offset })
    offset += Math.ceil(lengthOf(phase) / 1000)
  }
  const sum = (of: (phase: PhaseReading) => number): number => phases.reduce((total, phase) => total + of(phase), 0)
  const sums = (of: (phase: PhaseReading) => number[]): number[] => of(first!).map((_, i) => sum((phase) => of(phase)[i]!))
  const spread = mergeSpreads(phases.map((phase) => phase.spread ?? []))
  return {
    ...first!,
    endedAt: first!.startedAt + offset * 1000,
    n: sum(({ n }) => n),
    unfinished: sum(({ unfinished }) => unfinished),
    of: sums(({ of }) => of),
    bad: sums(({ bad }) => bad),
    bins,
    latency: percentilesOf(spread),
    spread,
    statuses: counts(phases.map(({ statuses }) => statuses)),
    outcomes: counts(phases.map(({ outcomes }) => outcomes)),
    ...first!.samples === undefined ? {} : { samples: joinSources(phases.map(({ samples = {} }) => samples)) }
  }
}

/** What sources said in several stretches. Percentiles cannot be added up, so there are none. */
function joinSources (all: readonly Record<string, SourceReading>[]): Record<string, SourceReading> {
  const joined: Record<string, SourceReading> = {}
  for (const [name, reading] of all.flatMap((one) => Object.entries(one))) {
    const sum = joined[name]
    joined[name] = sum === undefined
      ? { ...reading, latency: null }
      : {
          n: sum.n + reading.n,
          bad: sum.bad + reading.bad,
          answers: sum.answers + reading.answers,
          missing: sum.missing + reading.missing,
          unfinished: sum.unfinished + reading.unfinished,
          why: counts([sum.why, reading.why]),
          latency: null
        }
  }
  return joined
}

function counts (all: readonly Record<string, number>[]): Record<string, number> {
  const summed: Record<string, number> = {}
  for (const [key, n] of all.flatMap((one) => Object.entries(one))) summed[key] = (summed[key] ?? 0) + n
  return summed
}
