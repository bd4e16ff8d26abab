import { PremortemError } from '../kernel/errors.ts'
import { nearest } from '../kernel/schema.ts'
import { formatDuration, parseDuration, parseShare } from '../kernel/units.ts'
import type { Observation } from './observation.ts'

/** One line of an SLO. Always a proportion: at least `target` of what it counts must be good. */
export interface Objective {
  /** Canonical text, such as `p95 <= 300ms`. */
  text: string
  kind: 'success' | 'latency' | 'handshake' | 'sample'
  /** The least share of good ones, in (0, 1). */
  target: number
  /** For latency, and for success within a time: milliseconds within which a good one ends. Infinity otherwise. */
  threshold: number
  /** The source whose samples it counts; left out for what counts traffic. */
  source?: string
}

/** What an objective counts: requests (or connections, at a tcp proxy), TLS handshakes, or samples. Never two of them. */
export type Subject = 'requests' | 'handshakes' | 'samples'

/** What an objective counts. */
export const subjectOf = ({ kind, source }: Pick<Objective, 'kind' | 'source'>): Subject =>
  source !== undefined ? 'samples' : kind === 'handshake' ? 'handshakes' : 'requests'

/** The names that objectives may give to sources of samples; `any` for a text that was checked before. */
export type SourceNames = readonly string[] | 'any'

/** Words that are no names of sources: they say what is counted of the traffic. */
const OF_TRAFFIC = ['success', 'handshake']

const NAME = '[A-Za-z][\\w-]*'

/** Whether a source can be named so in an objective. */
export const isSourceName = (name: string): boolean =>
  new RegExp(`^${NAME}$`).test(name) && !OF_TRAFFIC.includes(name) && !/^p\d+$/.test(name)

const WANTED = 'an objective such as success >= 99.9%, p95 <= 300ms or handshake >= 99%'

const SHARE = new RegExp(`^\\s*(${NAME})(?:\\s+within\\s+(\\S+))?\\s*>=?\\s*(\\S+)\\s*$`)
const LATENCY = new RegExp(`^\\s*(?:(${NAME})\\s+)?p(?:(\\d+(?:\\.\\d+)?)|\\((\\d+(?:\\.\\d+)?)\\))\\s*<=?\\s*(\\S+)\\s*$`)

type Refuse = (hint?: string) => never

/** An objective on traffic from its text; k6's `p(95)<300` is understood, in milliseconds as there. Throws PMT_ERR_INVALID. */
export function parseObjective (text: string): Objective {
  return parseObjectiveOn(text, [])
}

/** The same, and `sources` may be named: `login >= 99%` and `login p95 <= 300ms`. Throws PMT_ERR_INVALID. */
export function parseObjectiveOn (text: string, sources: SourceNames): Objective {
  const refuse: Refuse = (hint) => {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not an objective', found: text, wanted: WANTED, hint })
  }
  const named = (name: string): { source: string } => {
    if (isSourceName(name) && (sources === 'any' || sources.includes(name))) return { source: name }
    const near = nearest(name, [...OF_TRAFFIC, ...sources === 'any' ? [] : sources])
    const hint = near === undefined ? undefined : `did you mean \`${near}\`?`
    if (sources.length === 0) return refuse(hint)
    throw new PremortemError('PMT_ERR_INVALID', { message: `no source of samples is called ${name}`, found: text, wanted: `${OF_TRAFFIC.join(', ')}, or a name under \`sources\``, hint })
  }
  const share = SHARE.exec(text)
  if (share !== null) {
    const [, what, within, written] = share as unknown as [string, string, string | undefined, string]
    const ofTraffic = OF_TRAFFIC.includes(what)
    const source = ofTraffic ? {} : named(what)
    if (within !== undefined && what !== 'success') refuse('only success takes `within`')
    const [, percentage] = /^(\d+(?:\.\d+)?)%$/.exec(written) ?? refuse('write the target as a percentage, such as 99.9%')
    const target = proportion(`${percentage}%`, refuse)
    const { threshold, shown } = within === undefined ? { threshold: Infinity, shown: '' } : timeOf(within, refuse)
    const kind = ofTraffic ? what as 'success' | 'handshake' : 'sample'
    return { text: `${what}${shown === '' ? '' : ` within ${shown}`} >= ${decimal(percentage!)}%`, kind, target, threshold, ...source }
  }
  const latency = LATENCY.exec(text)
  if (latency === null) return refuse()
  const [, name, plain, inBrackets, written] = latency as unknown as [string, string?, string?, string?, string?]
  const source = name === undefined ? {} : named(name)
  const percentile = plain ?? inBrackets!
  const target = proportion(`${percentile}%`, refuse)
  const { threshold, shown } = timeOf(inBrackets !== undefined && /^\d+(\.\d+)?$/.test(written!) ? `${written}ms` : written!, refuse)
  return { text: `${name === undefined ? '' : `${name} `}p${decimal(percentile)} <= ${shown}`, kind: 'latency', target, threshold, ...source }
}

/** A threshold in milliseconds, and as it is shown. */
function timeOf (written: string, refuse: Refuse): { threshold: number, shown: string } {
  if (!/[a-zµ]$/.test(written)) refuse('write the threshold with its unit, such as 300ms')
  let threshold = 0
  try {
    threshold = parseDuration(written)
  } catch {
    refuse('write the threshold as a duration, such as 300ms')
  }
  if (threshold === 0) refuse('the threshold must be above 0')
  // The text is parsed again wherever it travels, so it must not be rounded.
  const rounded = formatDuration(threshold)
  return { threshold, shown: parseDuration(rounded) === threshold ? rounded : written }
}

/** A decimal without zeros that say nothing: `99.90` is `99.9`. */
const decimal = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text).replace(/^0+(?=\d)/, '')

function proportion (text: string, refuse: Refuse): number {
  let share: number
  try {
    share = parseShare(text)
  } catch {
    return refuse()
  }
  return share > 0 && share < 1 ? share : refuse('the target must be above 0 and below 100 %: no sample can show 100 %')
}

/** Whether an objective counts an observation at all: handshakes and traffic are judged apart; samples are no observations. */
export function counts (objective: Objective, observation: Observation): boolean {
  return objective.source === undefined && (objective.kind === 'handshake') === (observation.kind === 'handshake')
}

/**
 * Whether what an objective counts is bad. For success: no whole response, a status of 500 and above, or later than it is to
 * come within. For latency: no whole response, or slower than the threshold; a fast error is not slow, which is what the
 * success objective is for. For handshakes: not established.
 */
export function isBad (objective: Objective, observation: Observation): boolean {
  if (objective.kind === 'handshake') return observation.handshake?.result !== 'established'
  if (observation.outcome !== 'complete') return true
  if (objective.kind === 'success' && observation.status >= 500) return true
  return observation.endedAt - observation.startedAt > objective.threshold
}
