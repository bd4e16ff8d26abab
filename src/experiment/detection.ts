import { formatDuration, formatShare } from '../kernel/units.ts'
import { changePoint } from '../measure/statistics/change-point.ts'
import { cusum, cusumThreshold } from '../measure/statistics/cusum.ts'
import type { Shares } from '../measure/statistics/cusum.ts'
import { burstSize } from '../measure/statistics/design-effect.ts'
import { total } from '../measure/statistics/effective-size.ts'
import type { Count } from '../measure/statistics/effective-size.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import type { ReceivedAlert } from './alerts.ts'
import type { Experiment } from './document.ts'
import { guardrailOf } from './guardrail.ts'
import type { Guardrail } from './guardrail.ts'
import type { Detection, DetectionResult, ObjectiveResult, TimeToRecover } from './result.ts'
import { lengthOf, seriesOf } from './series.ts'

/** Where a series changed: indexes into it. */
export interface Change {
  threshold: number
  /** The second at whose end the CUSUM rang; null if it did not. */
  alarm: number | null
  /** The second after the CUSUM's last zero before that. */
  onset: number | null
  /** The most likely second of one change, before `off` or the alarm (maximum likelihood); null without an alarm. */
  likeliest: number | null
}

/**
 * When a series of seconds left what is tolerated, from `on` on, when the faults began; they were gone at `off`. The
 * CUSUM counts bad ones as few as they came in bursts before.
 */
export function changeOf (series: readonly Count[], on: number, off: number, shares: Shares, alpha: number): Change {
  const threshold = cusumThreshold(total(series).n, alpha)
  const { alarm, onset } = cusum(series.slice(on), shares, threshold, 1 / burstSize(series.slice(0, on)))
  if (alarm === null || onset === null) return { threshold, alarm: null, onset: null, likeliest: null }
  // Up to the end of the faults, if it was seen by then: what comes after is another change.
  const until = on + alarm < off ? off : on + alarm + 1
  return { threshold, alarm: on + alarm, onset: on + onset, likeliest: changePoint(series.slice(0, until))?.at ?? null }
}

/** The seconds of the baseline, the fault phase and the recovery, one after the other, for each of what was counted. */
export interface Timeline { series: Count[][], on: number, off: number }

type Measured = Pick<Experiment, 'design' | 'objectives' | 'guardrails'>

/**
 * null without a fault phase, or where stretches with the faults alternate with others: then there is no one beginning. Of
 * the fault phase, those that the faults may hit, unless `hit` is false.
 */
export function timelineOf ({ design, objectives, guardrails }: Measured, { phases }: WatchReading, hit = true): Timeline | null {
  const [baseline, fault, recovery] = ['baseline', 'fault', 'recovery'].map((name) => phases.find((phase) => phase.name === name))
  if (baseline === undefined || fault === undefined || design === 'switchback') return null
  // Whom the faults spare says nothing of those they hit.
  const part = hit ? fault.arms?.fault ?? fault : fault
  const secondsOf = (phase: PhaseReading | undefined, bins: PhaseReading['bins'], i: number): Count[] =>
    phase === undefined ? [] : seriesOf(bins, i, lengthOf(phase))
  const series = [...objectives, ...guardrails].map((_, i) => [
    ...secondsOf(baseline, baseline.bins, i), ...secondsOf(fault, part.bins, i), ...secondsOf(recovery, recovery?.bins ?? [], i)
  ])
  const on = secondsOf(baseline, [], 0).length
  return { series, on, off: on + secondsOf(fault, [], 0).length }
}

/** The change of each objective and guardrail, in their order; empty without a timeline. */
export function changesOf ({ objectives, guardrails }: Pick<Measured, 'objectives' | 'guardrails'>, timeline: Timeline | null): Change[] {
  if (timeline === null) return []
  const { series, on, off } = timeline
  return guarding(objectives, guardrails).map((guardrail, i) =>
    changeOf(series[i]!, on, off, sharesOf(guardrail), guardrail.alpha))
}

const guarding = (objectives: Experiment['objectives'], guardrails: readonly Guardrail[]): Guardrail[] =>
  [...objectives.map((objective) => guardrailOf(objective)), ...guardrails]

const sharesOf = ({ target, refused }: Guardrail): Shares => ({ tolerated: 1 - target, refused })

/** When the faults began and were gone: monotonic milliseconds of this process; null if they never did. */
export interface Moments { on: number | null, off: number | null }

/** When each objective and guardrail left what it tolerates, who saw it, and how long that took. */
export function detect (
  experiment: Measured, reading: WatchReading, { on, off }: Moments, alerts: readonly ReceivedAlert[],
  results: readonly Pick<ObjectiveResult, 'timeToRecover'>[], wallOf: (at: number) => string
): DetectionResult | null {
  if (on === null) return null
  const { objectives, guardrails } = experiment
  const timeline = timelineOf(experiment, reading)
  const changes = changesOf(experiment, timeline)
  const received = alerts.map(({ title, at }) => ({ title, receivedAt: wallOf(at), after: at - on }))
  const found = changes.map((change, i) =>
    detectionOf(guarding(objectives, guardrails)[i]!, i >= objectives.length, change, timeline!.on))
  const result = {
    faultOn: wallOf(on),
    faultOff: off === null ? null : wallOf(off),
    objectives: found,
    alerts: received,
    timeToAlert: received.find(({ after }) => after >= 0)?.after ?? null
  }
  return { ...result, words: wordsOf(result, results) }
}

function detectionOf (guardrail: Guardrail, guards: boolean, change: Change, on: number): Detection {
  const { threshold, alarm, onset, likeliest } = change
  const since = (second: number | null, end = 0): number | null => second === null ? null : (second + end - on) * 1000
  return {
    objective: guardrail.text,
    guardrail: guards,
    tolerated: 1 - guardrail.target,
    refused: guardrail.refused,
    threshold,
    onsetLag: since(onset),
    likeliestOnset: since(likeliest),
    timeToDetect: since(alarm, 1)
  }
}

function wordsOf (
  { objectives, alerts, timeToAlert }: Omit<DetectionResult, 'words'>, results: readonly Pick<ObjectiveResult, 'timeToRecover'>[]
): string[] {
  const seen = objectives.filter(({ timeToDetect }) => timeToDetect !== null)
  const words = seen.map((detection) => {
    const { objective, guardrail, refused, onsetLag, timeToDetect } = detection
    const again = recoveryWords(results[objectives.indexOf(detection)]?.timeToRecover)
    return `${guardrail ? 'guardrail ' : ''}${objective} began to fail ${afterWords(onsetLag!)}, and was seen to ${afterWords(timeToDetect!)} ` +
      `(far likelier with ${formatShare(refused)} bad than if it held)${again}`
  })
  const first = alerts.find(({ after }) => after >= 0)
  if (timeToAlert !== null) words.push(`your monitoring's first alert came ${afterWords(timeToAlert)}: ${first!.title}`)
  else if (seen.length > 0) words.push('no alert of your monitoring was received: send them to POST /v1/runs/current/alerts to know how long they take')
  return words
}

function recoveryWords (time: TimeToRecover | undefined): string {
  if (time?.kind !== 'recovered' || time.sinceOnset === undefined) return ''
  const when = time.ms === 0 ? 'as' : `${formatDuration(Math.abs(time.ms))} ${time.ms < 0 ? 'before' : 'after'}`
  return `; it held again ${when} the faults were gone, ${formatDuration(time.sinceOnset)} after it began to fail`
}

const afterWords = (ms: number): string => ms === 0 ? 'as the faults began' : `${formatDuration(ms)} after the faults began`
