import { formatCount, formatShare } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { Objective, Subject } from '../measure/objective.ts'
import type { PhaseReading } from '../measure/watch.ts'
import { seriesOf } from './series.ts'
import type { Pace } from './sources.ts'

/** The hard rule: in any stretch of so many seconds with at least so many to count, the objective's share must be good. */
const SECONDS = 10
const FEWEST = 20

/** Silence for so many seconds counts as broken, if at the baseline's rate there would have been enough. */
const SILENCE = 15

/** What the guardrails look at. `first` is where their counts begin among a bin's; rates are what each counts a second. */
export interface Guarded {
  guardrails: readonly Objective[]
  first: number
  baselineRates: readonly number[]
  /** Of sources, by their names; what counts traffic has the usual one. */
  paces?: ReadonlyMap<string, Pace>
}

const USUAL: Pace = { seconds: SECONDS, fewest: FEWEST, silence: SILENCE, enough: FEWEST }

const UNHEARD: Readonly<Record<Subject, string>> = { requests: 'no request was answered', handshakes: 'no handshake came to its end', samples: 'no sample came' }

/**
 * Which guardrail is broken after `elapsed` ms of a phase, in words; null if none is. Every stretch is looked at each
 * time, not only the last, because slow answers are counted late, in the second in which they were asked for. The
 * running second is left out: of it, the fast answers are counted and the slow ones are not.
 */
export function brokenGuardrail (guarded: Guarded, phase: PhaseReading, elapsed: number): string | null {
  const { guardrails, first, baselineRates, paces } = guarded
  const full = Math.floor(elapsed / 1000)
  if (full === 0 || guardrails.length === 0) return null
  const bins = phase.bins.filter(({ second }) => second < full)
  const paceOf = ({ source }: Objective): Pace => (source === undefined ? undefined : paces?.get(source)) ?? USUAL
  for (const [i, guardrail] of guardrails.entries()) {
    const { text, target } = guardrail
    const { seconds, fewest } = paceOf(guardrail)
    const series = seriesOf(bins, first + i, full * 1000)
    const window = { n: 0, bad: 0 }
    for (const [second, { n, bad }] of series.entries()) {
      const left = series[second - seconds]
      window.n += n - (left?.n ?? 0)
      window.bad += bad - (left?.bad ?? 0)
      if (window.n < fewest || 1 - window.bad / window.n >= target) continue
      return `guardrail ${text} is broken: ${formatShare(1 - window.bad / window.n)} good over ${Math.min(second + 1, seconds)} s ` +
        `(${formatCount(window.bad)} of ${formatCount(window.n)} bad)`
    }
  }
  for (const [i, guardrail] of guardrails.entries()) {
    const rate = baselineRates[i]!
    const { silence, enough } = paceOf(guardrail)
    if (full < silence || rate * silence < enough) continue
    if (phase.bins.some(({ second, of }) => second >= full - silence && of[first + i]! > 0)) continue
    return `guardrails are blind: ${UNHEARD[subjectOf(guardrail)]} for ${silence} s, at ${rateWords(rate)} a second in the baseline`
  }
  return null
}

/** Few are told to a tenth: `0.2` is not `0`. */
const rateWords = (rate: number): string => rate < 10 ? String(Number(rate.toFixed(1))) : formatCount(rate)
