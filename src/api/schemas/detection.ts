import { Type } from 'typebox'
import type { BudgetResult, DetectionResult, Paging } from '../../experiment/result.ts'
import { OneOf } from '../../kernel/schema.ts'
import { Moment, Nullable, component, count, ms } from './schema.ts'

const share = (description: string) => Type.Number({ description })

/** Schema of who saw what the faults did, and when. */
export const DetectionSchema = component<DetectionResult>('Detection')(Type.Object({
  faultOn: Moment('when the faults were there'),
  faultOff: Nullable(Moment('when they were gone')),
  objectives: Type.Array(Type.Object({
    objective: Type.String(),
    guardrail: Type.Boolean(),
    tolerated: share('share of bad ones that is tolerated'),
    refused: share('share of bad ones that is clearly too much'),
    threshold: Type.Number({ description: 'the sum at which the CUSUM rings' }),
    onsetLag: Nullable(ms('from when the faults were there until it began to fail, by the CUSUM')),
    likeliestOnset: Nullable(Type.Number({ description: 'the same by maximum likelihood, seen from the end; milliseconds' })),
    timeToDetect: Nullable(ms('until the CUSUM rang'))
  })),
  alerts: Type.Array(Type.Object({
    title: Type.String(), receivedAt: Moment('when it arrived'), after: Type.Number({ description: 'milliseconds from when the faults were there' })
  })),
  timeToAlert: Nullable(ms('until the first alert of the user\'s monitoring arrived; null if none did')),
  words: Type.Array(Type.String())
}))

/** Schema of whether alerts on burn rates would have fired. */
export const PagingSchema = component<Paging>('Paging')(Type.Object({
  objective: Type.String(),
  period: ms('of the error budget'),
  long: ms('the long window, scaled to the run'),
  short: ms('the short window, scaled to the run'),
  peak: Type.Number({ description: 'the highest burn rate over the long window' }),
  highest: Type.Number({ description: 'the highest burn rate there can be' }),
  rules: Type.Array(Type.Object({
    severity: OneOf(['page', 'ticket']),
    factor: Type.Number({ description: 'the burn rate it needs in both windows' }),
    window: ms('its own long window; the short one is a twelfth'),
    after: Nullable(ms('when it would have fired, from when the faults were there')),
    unscaled: Nullable(ms('how long its own windows would have taken, had the worst of it gone on'))
  })),
  words: Type.String()
}))

/** Schema of what became of alerts that were received. */
export const AlertsTakenSchema = component<{ firing: number, others: number, runs: number }>('AlertsTaken')(Type.Object({
  firing: count('alerts that fire'),
  others: count('alerts that are over, or do not fire yet, and do not count'),
  runs: count('how many runs in progress took them')
}))

/** Schema of what a run cost of an error budget. */
export const BudgetResultSchema = component<BudgetResult>('Budget')(Type.Object({
  slo: Type.String({ description: 'whose budget it is' }),
  objective: Type.String(),
  period: ms('over which the objective is meant'),
  perRun: share('of the budget, what the run may spend'),
  wallet: share('of the budget, what all runs of a period may spend'),
  n: count('how many there were from the injection on'),
  bad: count('of those, the bad ones'),
  expected: Type.Number({ description: 'how many of them would have been bad at the baseline\'s share' }),
  caused: Type.Number({ description: 'bad ones beyond those' }),
  rate: Type.Number({ description: 'how many a second, in the baseline' }),
  budget: Type.Number({ description: 'how many bad ones the objective allows in a period at that rate' }),
  share: share('of the budget, what the run spent'),
  burnRate: Type.Number({ description: 'how many times faster than sustainable' }),
  walletBefore: share('of the budget, what other runs of the period had spent'),
  walletAfter: share('of the budget, what all of them have spent'),
  words: Type.String()
}))
