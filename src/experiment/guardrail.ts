import { formatCount, formatShare } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { Objective, Subject } from '../measure/objective.ts'
import type { PhaseReading } from '../measure/watch.ts'
import { seriesOf } from './series.ts'

/** The hard rule: in any stretch of so many seconds with at least so many to count, the objective's share must be good. */
const SECONDS = 10
const FEWEST = 20

/** Silence for so many seconds counts as broken, if at the baseline's rate there would have been enough. */
const SILENCE = 15

/** What the guardrails look at. `first` is where their counts begin among a bin's; rates are what each counts a second. */
export interface Guarded { guardrails: readonly Objective[], first: number, baselineRates: readonly number[] }

const UNHEARD: Readonly<Record<Subject, string>> = { requests: 'no request was answered', handshakes: 'no handshake came to its end' }

/**
 * Which guardrail is broken after `elapsed` ms of a phase, in words; null if none is. Every stretch is looked at each
 * time, not only the last, because slow answers are counted late, in the second in which they were asked for. The
 * running second is left out: of it, the fast answers are counted and the slow ones are not.
 */
export function brokenGuardrail (guarded: Guarded, phase: PhaseReading, elapsed: number): string | null {
  const { guardrails, first, baselineRates } = guarded
  const full = Math.floor(elapsed / 1000)
  if (full === 0 || guardrails.length === 0) return null
  const bins = phase.bins.filter(({ second }) => second < full)
  for (const [i, { text, target }] of guardrails.entries()) {
    const series = seriesOf(bins, first + i, full * 1000)
    const window = { n: 0, bad: 0 }
    for (const [second, { n, bad }] of series.entries()) {
      const left = series[second - SECONDS]
      window.n += n - (left?.n ?? 0)
      window.bad += bad - (left?.bad ?? 0)
      if (window.n < FEWEST || 1 - window.bad / window.n >= target) continue
      return `guardrail ${text} is broken: ${formatShare(1 - window.bad / window.n)} good over ${Math.min(second + 1, SECONDS)} s ` +
        `(${formatCount(window.bad)} of ${formatCount(window.n)} bad)`
    }
  }
  if (full < SILENCE) return null
  for (const [i, guardrail] of guardrails.entries()) {
    const rate = baselineRates[i]!
    if (rate * SILENCE < FEWEST || phase.bins.some(({ second, of }) => second >= full - SILENCE && of[first + i]! > 0)) continue
    return `guardrails are blind: ${UNHEARD[subjectOf(guardrail)]} for ${SILENCE} s, at ${formatCount(rate)} a second in the baseline`
  }
  return null
}
