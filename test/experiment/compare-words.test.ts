import { test } from 'tap'
import { describeComparison } from '../../src/experiment/compare-words.ts'
import type { Deviation } from '../../src/experiment/result.ts'
import { parseObjective } from '../../src/measure/objective.ts'

const DEVIATION: Deviation = {
  objective: 'success >= 99%', with: { n: 400, bad: 6 }, without: { n: 600, bad: 1 }, difference: { value: 0.0133, lower: 0.004, upper: 0.03 },
  margin: 0.005, verdict: 'inconclusive', changed: true, latency: [], pairs: null, conclusiveAfter: null
}
const objectives = [parseObjective('success >= 99%')]
const say = (deviation: Partial<Deviation>, more = {}) => describeComparison({
  design: 'concurrent', against: 'control', deviations: [{ ...DEVIATION, ...deviation }], beforeAfter: [], spillover: [], ...more
}, objectives)

test('a change that may not matter is told apart from none', async (t) => {
  t.match(say({}), [/^success >= 99% inconclusive: 0.5 points would matter; that there is a change is sure; 1.5% of 400 bad in the fault arm/])
  t.match(say({ verdict: 'no-relevant-change' }), [/less than the 0.5 points that matter, though there is a change/])
  t.match(say({ verdict: 'no-relevant-change', changed: false }), [/less than the 0.5 points that matter; 1.5%/])
})

test('when it was plain, and when it would not have been', async (t) => {
  const told = { verdict: 'deviated', conclusiveAfter: 3000 } as const
  t.match(say(told, { beforeAfter: [DEVIATION] })[1], /plain after 3s with a control arm; before and after, it would not have been at all/)
  t.match(say(told, { beforeAfter: [{ ...DEVIATION, conclusiveAfter: 8000 }] })[1], /before and after would have taken at least 8s, the baseline included/)
})

test('latency that fell, and an interval without an end', async (t) => {
  const estimate = (value: number, lower: number | null, upper: number | null) => ({ value, lower, upper })
  const difference = estimate(-20, null, -8)
  const latency = [{ percentile: 0.999, with: estimate(10, 9, 11), without: estimate(30, 20, null), difference }]
  t.equal(say({ latency })[1], 'p99.9 moved from 30ms to 10ms: -20ms (90% interval unbounded to -8ms)')
})

test('spill-over only if the control arm got worse', async (t) => {
  const spilt = /^SPILL-OVER: success >= 99% in the control arm is worse than in the baseline by 1.33 points .* does not matter by itself/
  t.match(say({}, { spillover: [DEVIATION] })[1], spilt)
  t.equal(say({}, { spillover: [{ ...DEVIATION, difference: { value: -0.01, lower: -0.02, upper: -0.001 } }] }).length, 1)
  t.equal(say({}, { spillover: [{ ...DEVIATION, changed: false }] }).length, 1)
})
