import { test } from 'tap'
import { ARMS } from '../../src/measure/arms.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import { Watch } from '../../src/measure/watch.ts'
import { observation } from '../helpers/observation.ts'

const traits = (arm: string) => ({ header: () => arm })

test('a watch counts each arm apart, also what is still open in the end', async (t) => {
  const watch = new Watch([parseObjective('success >= 99%')], ({ header }) => ARMS.find((arm) => arm === header?.('arm')) ?? null)
  watch.mark('fault', 0)
  watch.observe({ ...observation(10, { status: 503 }), traits: traits('fault') })
  watch.observe({ ...observation(1010), traits: traits('control') })
  watch.observe({ ...observation(1020), traits: traits('neither') })
  watch.observe(observation(1030))
  const open = [{ startedAt: 1500, traits: traits('fault') }, { startedAt: 1600 }]
  const [phase] = watch.read(open).phases
  t.match(phase, { n: 6, bad: [3], unfinished: 2 })
  t.match(phase!.arms, {
    fault: { n: 2, bad: [2], unfinished: 1, bins: [{ second: 0, n: 1 }, { second: 1, n: 1 }] },
    control: { n: 1, bad: [0], unfinished: 0 }
  })
  t.match(watch.read().phases[0]!.arms, { fault: { n: 1 }, control: { n: 1 } })
})

test('without a way to tell them there are none', async (t) => {
  const watch = new Watch([])
  watch.mark('fault', 0)
  t.equal(watch.read().phases[0]!.arms, null)
})
