import { PremortemError } from '../kernel/errors.ts'
import { formatDuration, parseDuration, parseShare } from '../kernel/units.ts'
import type { Observation } from './observation.ts'

/** One line of an SLO. Always a proportion: at least `target` of what it counts must be good. */
export interface Objective {
  /** Canonical text, such as `p95 <= 300ms`. */
  text: string
  kind: 'success' | 'latency' | 'handshake'
  /** The least share of good ones, in (0, 1). */
  target: number
  /** For latency: milliseconds within which a good exchange ends. Infinity otherwise. */
  threshold: number
}

/** What an objective counts: requests (or connections, at a tcp proxy), or TLS handshakes. Never both. */
export type Subject = 'requests' | 'handshakes'

/** What an objective counts. */
export const subjectOf = ({ kind }: Pick<Objective, 'kind'>): Subject => kind === 'handshake' ? 'handshakes' : 'requests'

const WANTED = 'an objective such as success >= 99.9%, p95 <= 300ms or handshake >= 99%'

/** An objective from its text; k6's spelling `p(95)<300ms` is understood. Throws PMT_ERR_INVALID. */
export function parseObjective (text: string): Objective {
  const refuse = (hint?: string): never => {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not an objective', found: text, wanted: WANTED, hint })
  }
  const share = /^\s*(success|handshake)\s*>=?\s*(\S+)\s*$/.exec(text)
  if (share !== null) {
    const kind = share[1] as 'success' | 'handshake'
    const [, written] = /^(\d+(?:\.\d+)?)%$/.exec(share[2]!) ?? refuse('write the target as a percentage, such as 99.9%')
    const target = proportion(`${written}%`, refuse)
    return { text: `${kind} >= ${decimal(written!)}%`, kind, target, threshold: Infinity }
  }
  const latency = /^\s*p(?:(\d+(?:\.\d+)?)|\((\d+(?:\.\d+)?)\))\s*<=?\s*(\S+)\s*$/.exec(text)
  if (latency === null) return refuse()
  const percentile = latency[1] ?? latency[2]!
  const target = proportion(`${percentile}%`, refuse)
  if (!/[a-zµ]$/.test(latency[3]!)) refuse('write the threshold with its unit, such as 300ms')
  let threshold = 0
  try {
    threshold = parseDuration(latency[3]!)
  } catch {
    refuse('write the threshold as a duration, such as 300ms')
  }
  if (threshold === 0) refuse('the threshold must be above 0')
  // The text is parsed again wherever it travels, so it must not be rounded.
  const rounded = formatDuration(threshold)
  const shown = parseDuration(rounded) === threshold ? rounded : latency[3]!
  return { text: `p${decimal(percentile)} <= ${shown}`, kind: 'latency', target, threshold }
}

/** A decimal without zeros that say nothing: `99.90` is `99.9`. */
const decimal = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text).replace(/^0+(?=\d)/, '')

function proportion (text: string, refuse: (hint?: string) => never): number {
  let share: number
  try {
    share = parseShare(text)
  } catch {
    return refuse()
  }
  return share > 0 && share < 1 ? share : refuse('the target must be above 0 and below 100 %: no sample can show 100 %')
}

/** Whether an objective counts an observation at all: handshakes and traffic are judged apart. */
export function counts (objective: Objective, observation: Observation): boolean {
  return (objective.kind === 'handshake') === (observation.kind === 'handshake')
}

/**
 * Whether what an objective counts is bad. For success: no whole response, or a status of 500 and above. For latency: no
 * whole response, or slower than the threshold; a fast error is not slow, which is what the success objective is for. For
 * handshakes: not established.
 */
export function isBad (objective: Objective, observation: Observation): boolean {
  if (objective.kind === 'handshake') return observation.handshake?.result !== 'established'
  if (observation.outcome !== 'complete') return true
  if (objective.kind === 'success') return observation.status >= 500
  return observation.endedAt - observation.startedAt > objective.threshold
}
