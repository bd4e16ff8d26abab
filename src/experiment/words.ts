import type { Fault } from '../faults/envelope.ts'
import type { FaultCounters } from '../faults/plan.ts'
import { formatCount, formatShare } from '../kernel/units.ts'
import { subjectOf } from '../measure/objective.ts'
import type { Objective } from '../measure/objective.ts'
import type { Judgement } from './result.ts'
import { sizeToConclude } from '../measure/statistics/power.ts'
import { ALPHA } from './verdict.ts'

/** What one judgement says, as a sentence without its subject: `held: 99.8% good, ...`. */
export function describeJudgement (judgement: Judgement, objective: Objective): string {
  const { verdict, n, bad, good, lower, upper } = judgement
  const what = subjectOf(objective)
  if (n === 0) return `inconclusive: no ${what === 'requests' ? 'traffic' : what}, and at least ${formatCount(judgement.needed)} ${what} are needed`
  const seen = `${formatShare(good)} good (${formatCount(bad)} of ${formatCount(n)} bad)`
  if (verdict === 'held') return `held: ${seen}, with 95% confidence at least ${formatShare(lower)}`
  if (verdict === 'breached') return `breached: ${seen}, with 95% confidence at most ${formatShare(upper)}`
  return `inconclusive: ${seen}, with 95% confidence between ${formatShare(lower)} and ${formatShare(upper)}; ${missing(judgement, objective)}`
}

/** How many more would have been conclusive, had they gone like those that were seen. */
function missing ({ n, effective, good, needed }: Judgement, objective: Objective): string {
  const { target } = objective
  const what = subjectOf(objective)
  // Dependent exchanges are worth less, so more of them are needed, by the same factor.
  const wanted = Math.max(needed, sizeToConclude(good, target, ALPHA)) * (n / effective)
  if (wanted === Infinity) return `no number of ${what} that goes like these would be conclusive`
  if (wanted <= n) return 'one objective among several needs stronger evidence than it would alone'
  return `about ${formatCount(wanted)} ${what} like these would be needed`
}

/** What a fault of each layer hits. */
const HIT = { stream: 'connection', http: 'request', tls: 'handshake' } as const

/** Why a fault hit nothing, by what it counted. */
export function whyMissed ({ type, share, replay, by, select }: Fault, counters: FaultCounters): string {
  const { eligible, skipped, passed, capped, unfit, existing } = counters
  const left = existing.ignore === 0 ? '' : `; ${formatCount(existing.ignore)} that were open before it were left alone`
  if (eligible === 0) return `no ${HIT[type.layer]} fitted it${left}`
  const over = [...Object.keys(select).length > 0 ? ['select'] : [], ...by === undefined ? [] : ['by']].join(' or ')
  const parts = ([
    [skipped, replay === undefined ? `spared by its share of ${formatShare(share)}` : 'spared by its replay'],
    [passed, `passed over by its ${over}`],
    [capped, 'spared by its max'],
    [unfit, 'such that it could do nothing to them']
  ] as const).filter(([n]) => n > 0).map(([n, what]) => `${n === eligible ? 'all' : formatCount(n)} were ${what}`)
  return `${formatCount(eligible)} fitted it, and ${parts.join(', ') || 'none was hit'}${left}`
}
