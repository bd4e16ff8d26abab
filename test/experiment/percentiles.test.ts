import { test } from 'tap'
import { fewestForPercentile, percentilesOf, thinPercentiles } from '../../src/experiment/percentiles.ts'
import { parseObjective } from '../../src/measure/objective.ts'

test('three are to be expected beyond a percentile', async (t) => {
  t.strictSame([0.5, 0.95, 0.99, 0.999, 0.9999].map(fewestForPercentile), [6, 60, 300, 3000, 30_000])
})

test('p99.9 of 500 requests is told to say little, and by how much it falls short', async (t) => {
  t.strictSame(thinPercentiles([0.999], [{ name: 'baseline', n: 3000 }, { name: 'fault', n: 500 }, { name: 'recovery', n: 2999 }]), [
    'p99.9 says little of fewer than 3,000 requests (3 / (1 - q)), for it is then one of the slowest few: 500 in the fault phase, 2,999 in the recovery phase'
  ])
})

test('enough of them, or none at all, are no reason for words; each percentile is told once', async (t) => {
  const phases = [{ name: 'baseline', n: 100 }, { name: 'fault', n: 0 }]
  t.strictSame(thinPercentiles([0.95], phases), [])
  t.equal(thinPercentiles([0.99, 0.95, 0.99], phases).length, 1)
})

test('only objectives on latency are about percentiles', async (t) => {
  t.strictSame(percentilesOf(['success >= 99.9%', 'p95 <= 300ms', 'handshake >= 99%'].map(parseObjective)), [0.95])
})
