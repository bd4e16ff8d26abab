import { Type } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { Share, Strict, decode } from '../kernel/schema.ts'
import { formatCount, formatShare } from '../kernel/units.ts'
import { parseObjectiveOn, subjectOf } from '../measure/objective.ts'
import type { Objective, Subject } from '../measure/objective.ts'
import { cusumThreshold } from '../measure/statistics/cusum.ts'
import { burstSize } from '../measure/statistics/design-effect.ts'
import { total } from '../measure/statistics/effective-size.ts'
import type { PhaseReading } from '../measure/watch.ts'
import { FEWEST, firstFinding } from './guard-rules.ts'
import type { Finding, Rule } from './guard-rules.ts'
import { seriesOf, withOpen } from './series.ts'
import type { Pace } from './sources.ts'

/** Silence for so many seconds counts as broken, if at the baseline's rate there would have been enough. */
const SILENCE = 15

/** The chance to end a run falsely that is accepted, unless a document says another. */
const FALSE_ALARM = 0.01

/** A guardrail written as a mapping. */
export const GuardrailSchema = Strict({
  objective: Type.String({ minLength: 1, description: 'what must hold, as in `success >= 99%`', wanted: 'an objective such as success >= 99%' }),
  unacceptable: Type.Optional(Share({ description: 'the share of good ones that is clearly too low; ten times as many bad ones as the objective allows, or half-way to none good' })),
  alpha: Type.Optional(Share({ description: 'the chance to end the run although the objective holds' }))
})

/** A condition that ends a run. Its target is what is tolerated; `refused` is the share of bad ones that is clearly too much. */
export interface Guardrail extends Objective { refused: number, alpha: number }

/** What a guardrail refuses when nobody says: ten times what it tolerates, or half-way to nothing good. */
export const refusedOf = ({ target }: Pick<Objective, 'target'>): number => Math.min(10 * (1 - target), 1 - target / 2)

/** A guardrail from what a person wrote: text, or a mapping. `sources` may be named. Throws PMT_ERR_INVALID with its path. */
export function decodeGuardrail (written: unknown, path: string, sources: readonly string[] = []): Guardrail {
  if (typeof written === 'string') return guardrailOf(at(path, () => parseObjectiveOn(written, sources)))
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new PremortemError('PMT_ERR_INVALID', {
      path, found: written, wanted: 'an objective such as success >= 50%, or a mapping { objective: success >= 99%, unacceptable: 90%, alpha: 1% }'
    })
  }
  const { objective: text, unacceptable, alpha } = decode(GuardrailSchema, written, path)
  const objective = at(`${path}.objective`, () => parseObjectiveOn(text, sources))
  if (unacceptable !== undefined && (unacceptable >= objective.target || unacceptable === 0)) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'what is unacceptable is not worse than the objective',
      path: `${path}.unacceptable`,
      found: formatShare(unacceptable),
      wanted: `a share of good ones above 0% and below ${formatShare(objective.target)}`
    })
  }
  if (alpha !== undefined && (alpha === 0 || alpha > 0.5)) {
    throw new PremortemError('PMT_ERR_INVALID', { path: `${path}.alpha`, found: formatShare(alpha), wanted: 'a chance above 0% and at most 50%, such as 1%' })
  }
  return guardrailOf(objective, unacceptable === undefined ? undefined : 1 - unacceptable, alpha)
}

/** An objective as a guardrail. */
export function guardrailOf (objective: Objective, refused = refusedOf(objective), alpha = FALSE_ALARM): Guardrail {
  return { ...objective, refused, alpha }
}

function at<T> (path: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof PremortemError ? error.at({ path }) : error
  }
}

/** A guardrail with what the baseline says about it: how many it counts a second, and in which bursts bad ones came. */
export interface Guarded {
  guardrail: Guardrail
  /** Where its counts stand among a bin's. */
  index: number
  rate: number
  rule: Rule
  pace: Pace
}

/**
 * Guardrails whose counts stand in each bin from `first` on; `phases` are how long this baseline was and the faults will be,
 * `paces` how often sources are asked.
 */
export function guard (
  guardrails: readonly Guardrail[], first: number, baseline: Pick<PhaseReading, 'bins'>, phases: { baseline: number, fault: number },
  paces: ReadonlyMap<string, Pace> = new Map()
): Guarded[] {
  return guardrails.map((guardrail, i) => {
    const series = seriesOf(baseline.bins, first + i, phases.baseline)
    const rate = total(series).n / (phases.baseline / 1000)
    return { guardrail, index: first + i, rate, rule: ruleFor(guardrail, rate, phases.fault, burstSize(series)), pace: paces.get(guardrail.source ?? '') ?? USUAL }
  })
}

/** What a guardrail's two rules are for a phase of `length` ms with so many to count a second. */
export function ruleFor ({ target, refused, alpha }: Guardrail, rate: number, length: number, burst = 1): Rule {
  const seconds = length / 1000
  const shares = { tolerated: 1 - target, refused }
  return { shares, alpha, most: Math.ceil(rate * seconds), seconds: Math.ceil(seconds), burst }
}

const USUAL: Pace = { silence: SILENCE, enough: FEWEST }

const UNHEARD: Readonly<Record<Subject, string>> = { requests: 'no request was answered', handshakes: 'no handshake came to its end', samples: 'no sample came' }

/**
 * Which guardrail is broken after `elapsed` ms of a phase, in words; null if none is. All of the phase is looked at each
 * time, because slow answers are counted late, in the second in which they were asked for. The running second is left out:
 * of it, the fast answers are counted and the slow ones are not. The same is true of the seconds before it when good answers
 * are slow and bad ones fast: `open` is how many requests still have no answer, and each of them may yet be good.
 */
export function brokenGuardrail (guarded: readonly Guarded[], phase: PhaseReading, elapsed: number, open = 0): string | null {
  const full = Math.floor(elapsed / 1000)
  if (full === 0) return null
  const bins = phase.bins.filter(({ second }) => second < full)
  for (const { guardrail, index, rate, rule } of guarded) {
    const series = seriesOf(bins, index, full * 1000)
    const asked = subjectOf(guardrail) === 'requests' ? withOpen(series, open, rate) : series
    const found = firstFinding(asked, rule)
    if (found !== null) return describe(guardrail, found)
  }
  for (const { guardrail, index, rate, pace: { silence, enough } } of guarded) {
    if (full < silence || rate * silence < enough) continue
    if (phase.bins.some(({ second, of }) => second >= full - silence && of[index]! > 0)) continue
    return `guardrails are blind: ${UNHEARD[subjectOf(guardrail)]} for ${silence} s, at ${rateWords(rate)} a second in the baseline`
  }
  return null
}

/** Few are told to a tenth: `0.2` is not `0`. */
const rateWords = (rate: number): string => rate < 10 ? String(Number(rate.toFixed(1))) : formatCount(rate)

function describe ({ text, refused }: Guardrail, { layer, n, bad, since, second, sum, threshold }: Finding): string {
  const seconds = second - since + 1
  const seen = `guardrail ${text} is broken: ${formatShare(1 - bad / n)} good over ${seconds} s (${formatCount(bad)} of ${formatCount(n)} bad)`
  const when = `after ${second + 1} s of its phase`
  if (layer === 'window') return `${seen}, ${when}: more than chance explains`
  return `${seen}, ${when}: far likelier if ${formatShare(refused)} are bad than if it holds (CUSUM ${sum!.toFixed(1)}, threshold ${threshold!.toFixed(1)})`
}

/** What a guardrail will do in a fault phase, at the rates of now. Plain data. */
export interface GuardrailPlan {
  guardrail: string
  /** Shares of bad ones: what is tolerated, and what is clearly too much. */
  tolerated: number
  refused: number
  /** The chance to end the run although the objective holds. */
  alpha: number
  /** How many it counts in the phase. */
  most: number
  /** Of its CUSUM. */
  threshold: number
  /** After how many milliseconds it ends the run if nothing is good; null if not within the phase. */
  soonest: number | null
  /** All of it in plain words. */
  words: string
}

/** What a guardrail will do in a phase of `length` ms with so many to count a second. */
export function planGuardrail (guardrail: Guardrail, rate: number, length: number): GuardrailPlan {
  const { text, target, refused, alpha } = guardrail
  const { most } = ruleFor(guardrail, rate, length)
  const soonest = soonestAbort(guardrail, rate, length)
  const plan = { guardrail: text, tolerated: 1 - target, refused, alpha, most, threshold: cusumThreshold(most, alpha), soonest }
  return { ...plan, words: guardrailWords(plan, subjectOf(guardrail)) }
}

function guardrailWords ({ guardrail, tolerated, refused, alpha, most, threshold, soonest }: Omit<GuardrailPlan, 'words'>, what: Subject): string {
  if (most === 0) return `${guardrail}: no ${what} are seen now, so how soon it would end the run is not known`
  const soon = soonest === null ? `even if all fail, not within the fault phase, which has too few ${what}` : `if all fail, after ${soonest / 1000} s`
  return `${guardrail}: ends the run when more than ${formatShare(tolerated)} are bad, beyond chance, over ten seconds or since any moment; ${soon}. ` +
    `Among ${formatCount(most)} ${what} that just hold it, a false end has a chance of ${formatShare(alpha)} at most ` +
    `(CUSUM from ${formatShare(tolerated)} to ${formatShare(refused)} bad, threshold ln(${formatCount(most)} / ${Number(alpha.toPrecision(3))}) = ${threshold.toFixed(2)})`
}

/** After how many milliseconds a guardrail ends the run if nothing is good; null if not within `length` ms. */
export function soonestAbort (guardrail: Guardrail, rate: number, length: number): number | null {
  const all = Array.from({ length: Math.ceil(length / 1000) }, (_, i) => {
    const n = Math.floor(rate * (i + 1)) - Math.floor(rate * i)
    return { n, bad: n }
  })
  const found = firstFinding(all, ruleFor(guardrail, rate, length))
  return found === null ? null : (found.second + 1) * 1000
}
