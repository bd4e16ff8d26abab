import { subjectOf } from '../measure/objective.ts'
import type { Objective } from '../measure/objective.ts'
import type { Bin } from '../measure/counting.ts'
import type { PhaseReading } from '../measure/watch.ts'
import { pause, unlessEnded } from './control.ts'
import type { RunContext } from './context.ts'
import type { Experiment } from './document.ts'
import type { Meter } from './meter.ts'

/** Over how many seconds the live rate is taken. */
const RECENT = 10

/** For how long the measuring side may fail to answer before the run fails, in milliseconds. */
const BLIND = 10_000

/** What is looked at each second of a phase: its reading, and how much of it has passed and is left, in milliseconds. */
export type EachSecond = (phase: PhaseReading, elapsed: number) => Promise<void> | void

/** What keeps a phase alive each second, whether or not it can be measured. */
export type Heartbeat = (left: number) => Promise<void>

type Phase = keyof Experiment['phases']

/** Whether a phase has shown what it is held for, so that it need not go on; asked each second. */
export type Enough = (phase: PhaseReading, elapsed: number) => Promise<boolean>

/** How a phase is held: for its own length, in milliseconds, unless another is given. */
export interface Holding { length?: number, each?: EachSecond, heartbeat?: Heartbeat, enough?: Enough }

/**
 * Holds a phase for its length and tells its live figures each second. Returns early if the run is to end, or `enough` was
 * seen. The last reading; null if there was none.
 */
export async function hold (
  { experiment, ports: { clock, log }, control, scribe }: RunContext, meter: Meter, name: string, holding: Holding = {}
): Promise<PhaseReading | null> {
  const { length = experiment.phases[name as Phase], each = () => {}, heartbeat = async () => {} } = holding
  const { enough = async () => false } = holding
  if (length === 0 || control.ended) return null
  await unlessEnded(meter.mark(name), control)
  if (control.ended) return null
  const startedAt = clock.now()
  const endsAt = new Date(clock.wall() + length).toISOString()
  scribe.tell('run.phase', { phase: name, endsAt, length })
  let reading: PhaseReading | null = null
  let seenAt = startedAt
  for (let elapsed = 0; elapsed < length;) {
    // Rounded, because a timer may fire a little early; a turn that took long skips the seconds it missed.
    elapsed = Math.min(length, (Math.round((clock.now() - startedAt) / 1000) + 1) * 1000)
    await pause(clock, startedAt + elapsed - clock.now(), control)
    if (control.ended) break
    if (elapsed < length) await unlessEnded(heartbeat(length - elapsed), control)
    try {
      reading = await unlessEnded(meter.read(name), control) ?? reading
      seenAt = clock.now()
    } catch (error) {
      log.warn({ err: error, phase: name }, 'the traffic could not be read')
      // One answer missed does no harm, as long as there has been one.
      if (clock.now() - seenAt < BLIND && (elapsed < length || reading !== null)) continue
      control.end('failed', `the traffic of ${experiment.at} could not be read: ${(error as Error).message}`)
    }
    if (control.ended || reading === null) break
    scribe.tell('run.live', live(experiment.objectives, reading, elapsed, length))
    await each(reading, elapsed)
    if (await unlessEnded(enough(reading, elapsed), control)) break
  }
  if (reading !== null) scribe.note('run.reading', { ...reading })
  return reading
}

function live (objectives: readonly Objective[], phase: PhaseReading, elapsed: number, length: number): Record<string, unknown> {
  const seconds = Math.min(RECENT, elapsed / 1000)
  const first = Math.floor(elapsed / 1000 - seconds)
  const rateOf = (count: (bin: Bin) => number): number =>
    phase.bins.reduce((sum, bin) => bin.second >= first ? sum + count(bin) : sum, 0) / seconds
  const shaken = objectives.findIndex((objective) => subjectOf(objective) === 'handshakes')
  return {
    phase: phase.name,
    n: phase.n,
    rate: rateOf(({ n }) => n),
    handshakes: shaken === -1 ? null : { n: phase.of[shaken]!, rate: rateOf(({ of }) => of[shaken]!) },
    objectives: objectives.map(({ text }, i) => {
      const n = phase.of[i]!
      const bad = phase.bad[i]!
      return { objective: text, n, bad, good: n === 0 ? 0 : 1 - bad / n }
    }),
    left: length - elapsed
  }
}
