import { formatShare } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { Objective } from '../measure/objective.ts'
import type { PhaseReading } from '../measure/watch.ts'
import { reasonsOf } from './blind.ts'
import type { Ending } from './control.ts'
import { seriesOf } from './series.ts'
import { deviationOfBlocks } from '../measure/statistics/deviation.ts'
import { total } from '../measure/statistics/effective-size.ts'
import type { Count } from '../measure/statistics/effective-size.ts'
import { judgePhase } from './verdict.ts'
import { describeJudgement } from './words.ts'

/** Whether the baseline allows an experiment: why not, or null; and what to keep in mind. */
export interface Gate { ending: Ending | null, notes: string[] }

/** What is open at the end of the baseline: exchanges that began in it, and connections of clients. */
export interface Open { exchanges: number, connections: number }

/**
 * Gates the baseline. It must have traffic, no objective may be breached in it already, and its halves must not
 * differ. Too few to be sure do not stop the run, but are noted; so is that there were requests and no handshakes, for
 * clients that keep their connections make none. `open` is how many exchanges and connections are still open.
 */
export function gateBaseline (
  at: string, objectives: readonly Objective[], phase: PhaseReading, length: number, open: Open
): Gate {
  const silence = silenceOf(at, objectives, phase, open)
  if (silence !== null) return { ending: silence, notes: [] }
  const notes: string[] = []
  const judgements = judgePhase(objectives, phase, length)
  for (const [i, objective] of objectives.entries()) {
    const judgement = judgements[i]!
    const words = `${objective.text} in the baseline ${describeJudgement(judgement, objective)}`
    if (judgement.verdict === 'breached') return notSteady(words)
    const drift = driftOf(objective, seriesOf(phase.bins, i, length))
    if (drift !== null) return notSteady(`${objective.text} in the baseline: ${drift}`)
    if (judgement.verdict === 'inconclusive') notes.push(words)
  }
  return { ending: null, notes }
}

/** Why there is nothing to judge the baseline by; null if there is something. */
function silenceOf (at: string, objectives: readonly Objective[], phase: PhaseReading, open: Open): Ending | null {
  const { n, of, samples = {} } = phase
  const nothing = (what: string): Ending => ({ outcome: 'inconclusive', reason: `no ${what} reached ${at}: nothing can be said, so no fault was injected` })
  const silent = objectives.find(({ source }, i) => source !== undefined && of[i] === 0)?.source
  if (silent !== undefined) {
    const why = reasonsOf(samples[silent]?.why ?? {})
    const reason = `no sample of ${silent} came in the baseline${why}: nothing can be said, so no fault was injected`
    return { outcome: 'inconclusive', reason }
  }
  const ofTraffic = objectives.filter((objective) => subjectOf(objective) !== 'samples')
  if (ofTraffic.length === 0) return null
  const onlyHandshakes = ofTraffic.every((objective) => subjectOf(objective) === 'handshakes')
  // Whoever is connected shook hands before, and can be made to again.
  if (onlyHandshakes) return of.some((counted) => counted > 0) || n > 0 || open.connections > 0 ? null : nothing('handshake')
  if (n > 0) return null
  if (open.exchanges === 0) return nothing('traffic')
  return { outcome: 'baseline-not-steady', reason: `${open.exchanges} requests reached ${at} in the baseline and none of them was answered` }
}

const notSteady = (reason: string): Gate => ({ ending: { outcome: 'baseline-not-steady', reason }, notes: [] })

/** How the halves of a phase differ by more than half the error budget (Newcombe, 90 %); null if that cannot be said. */
function driftOf (objective: Objective, series: readonly Count[]): string | null {
  const middle = Math.floor(series.length / 2)
  const first = series.slice(0, middle)
  const second = series.slice(middle)
  if (total(first).n === 0 || total(second).n === 0) return null
  const margin = (1 - objective.target) / 2
  const { lower, upper } = deviationOfBlocks(second, first, margin)
  if (lower <= margin && upper >= -margin) return null
  return `not steady, ${formatShare(goodShareOf(first))} good in its first half and ${formatShare(goodShareOf(second))} in its second`
}

function goodShareOf (series: readonly Count[]): number {
  const { n, bad } = total(series)
  return 1 - bad / n
}
