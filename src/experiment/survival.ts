import type { Fault } from '../faults/envelope.ts'
import { formatCount, formatDuration, formatShare } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { PhaseReading, WatchReading } from '../measure/watch.ts'
import type { Experiment } from './document.ts'
import type { Survival, TlsFinding } from './result.ts'
import { lengthOf } from './series.ts'

/** What began within this share of the end of a phase might as well have gone on after it. */
const TO_THE_END = 0.9

/** Phases whose handshakes are told. */
const TOLD: readonly string[] = ['baseline', 'fault', 'recovery']

/** What a run found out about TLS. `readingOf` gives what was counted at a proxy; undefined if nothing was. */
export function findTls (
  { at, objectives, guardrails, budget, faults }: Experiment, readingOf: (proxy: string) => WatchReading | undefined
): TlsFinding[] {
  const tls = new Map(faults.filter(({ type }) => type.layer === 'tls').map((fault) => [fault.on!, fault]))
  const judged = [...objectives, ...guardrails, ...budget === undefined ? [] : [budget.objective]].some((objective) => subjectOf(objective) === 'handshakes')
  return [...new Set([...judged ? [at] : [], ...tls.keys()])].flatMap((place) => {
    const reading = readingOf(place)
    if (reading === undefined) return []
    const fault = tls.get(place)
    const phases = reading.phases.filter(({ name }) => TOLD.includes(name)).map(({ name, handshakes }) => ({ name, handshakes }))
    return [{ at: place, phases, survival: fault === undefined ? null : survivalOf(fault, place, reading) }]
  })
}

/** How much of the traffic at a proxy escapes a tls fault there, or would; null if none was seen to come behind TLS. */
export function survivalOf (fault: Fault, at: string, { phases }: WatchReading): Survival | null {
  const from = fault.existing === 'ignore' ? 'fault' : 'baseline'
  const phase = phases.find(({ name }) => name === from)
  const survivors = phase?.survivors ?? null
  if (phase === undefined || survivors === null) return null
  // Every fault that shows another certificate, and no other, has a realism.
  const certificate = 'realism' in fault.params
  const { bins: _, ...counts } = survivors
  const { old, resumed, fresh, lastOld, lastResumed } = counts
  const n = old + resumed + fresh
  const escaped = certificate ? old + resumed : old
  const last = Math.max(lastOld ?? -1, certificate ? lastResumed ?? -1 : -1)
  const told: Told = {
    ...counts, from, sessions: certificate, watched: lengthOf(phase), n, share: escaped / n, last: last < 0 ? null : last
  }
  const baseline = phases.find(({ name }) => name === 'baseline')
  return { ...told, words: from === 'baseline' ? supposed(told, at) : seen(told, at, baseline) }
}

type Told = Omit<Survival, 'words'>

/** The baseline, as if the fault had begun with it. */
function supposed (told: Told, at: string): string {
  const { sessions, subject, share, old, resumed, n } = told
  const begin = sessions ? 'had the certificate just lapsed' : 'had every new handshake failed from one moment on'
  if (share === 0) return `${begin}, none of the ${formatCount(n)} ${subject} at ${at} would have gone on: each came after a full handshake`
  const parts = [
    ...old === 0 ? [] : [`${percent(old / n)} on connections opened before`],
    ...resumed === 0 || !sessions ? [] : [`${percent(resumed / n)} on resumed sessions`]
  ]
  return `${begin}, ${percent(share)} of the ${subject} at ${at} would have gone on: ${parts.join(', ')}, ${howLong(told)}${bound(subject)}`
}

/** The fault phase, in which what was there before went on. */
function seen (told: Told, at: string, baseline: PhaseReading | undefined): string {
  const { sessions, subject, share, old, resumed, n, watched } = told
  const begin = `while ${sessions ? 'the certificate was bad' : 'handshakes were broken'}, `
  const rate = (count: number, length: number): string => (count / (length / 1000)).toFixed(1)
  const before = baseline === undefined ? '' : `, ${rate(baseline.n, lengthOf(baseline))} in the baseline`
  const rates = `${rate(n, watched)} ${subject} a second got through${before}`
  if (share === 0) return `${begin}none of the ${formatCount(n)} ${subject} at ${at} did without a full handshake; ${rates}`
  const parts = [
    ...old === 0 ? [] : [`${percent(old / n)} on connections opened before`],
    ...resumed === 0 || !sessions ? [] : [`${percent(resumed / n)} on resumed sessions`]
  ]
  return `${begin}${percent(share)} of the ${formatCount(n)} ${subject} that got through at ${at} did without a full handshake: ` +
    `${parts.join(', ')}, ${howLong(told)}; ${rates}`
}

function howLong ({ last, watched }: Told): string {
  return last !== null && last >= Math.min(watched * TO_THE_END, watched - 1000)
    ? `for at least the ${formatDuration(watched)} that were watched`
    : `the last of them after ${formatDuration(last ?? 0)} of ${formatDuration(watched)}`
}

const bound = (subject: Told['subject']): string =>
  subject === 'connections' ? '; those that were open already are not counted' : ''

/** To a tenth of a percent, which is all that such a sample is worth, unless that would read 0 or 100. */
function percent (share: number): string {
  const rounded = Math.round(share * 1000) / 1000
  return formatShare(rounded === 0 || rounded === 1 ? share : rounded)
}
