import { test } from 'tap'
import { addSamples, openSampling, withSampling } from '../../src/experiment/sampled.ts'
import { decodeSources } from '../../src/experiment/sources.ts'
import { parseObjectiveOn } from '../../src/measure/objective.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { EMPTY, createWorld } from './world.ts'

const COUNTED = ['login >= 95%', 'success >= 99%', 'login p95 <= 300ms', 'p95 <= 300ms'].map((text) => parseObjectiveOn(text, ['login']))
const SPECS = decodeSources({ login: { http: 'http://a', every: '1s' } }, 'x')

/** Of the traffic, which has the second and the fourth objective. */
const traffic = (name: string, n: number): PhaseReading =>
  ({ name, startedAt: 0, endedAt: 2000, ...EMPTY, n, of: [n, n], bad: [1, 2], bins: [{ second: 1, n, of: [n, n], bad: [1, 2] }] })

const said = (n: number) => ({ login: { n, bad: 0, answers: n, missing: 0, unfinished: 0, why: {}, latency: null } })
const sampled = (name: string, n: number) => {
  const tally = { of: [n, 0, n, 0], bad: [n, 0, 0, 0] }
  return { name, ...tally, bins: [{ second: 0, n: 0, ...tally }], sources: said(n) }
}

test('counts of traffic and of samples come together, each objective from its own', async (t) => {
  const { objectives, phases: [phase] } = addSamples(COUNTED, { objectives: [], phases: [traffic('fault', 50)] }, [sampled('fault', 3)])
  t.strictSame(objectives, COUNTED.map(({ text }) => text))
  t.match(phase, { n: 50, of: [3, 50, 3, 50], bad: [3, 1, 0, 2], samples: said(3) })
  t.strictSame(phase!.bins, [
    { second: 0, n: 0, of: [3, 0, 3, 0], bad: [3, 0, 0, 0] }, { second: 1, n: 50, of: [0, 50, 0, 50], bad: [0, 1, 0, 2] }
  ])
})

test('samples are in no arm, and the arms keep what they counted', async (t) => {
  const arms = { fault: traffic('fault', 20), control: traffic('fault', 30) }
  const { phases: [phase] } = addSamples(COUNTED, { objectives: [], phases: [{ ...traffic('fault', 50), arms }] }, [sampled('fault', 3)])
  t.match(phase!.arms, { fault: { n: 20, of: [0, 20, 0, 20], bins: [{ of: [0, 20, 0, 20] }] }, control: { of: [0, 30, 0, 30] } })
})

test('phases of one name belong together from the last on; what only one side has is left out', async (t) => {
  const { phases } = addSamples(COUNTED, { objectives: [], phases: [traffic('fault', 2), traffic('other', 9), traffic('fault', 3)] },
    [sampled('fault', 10), sampled('fault', 20), sampled('control', 1), sampled('fault', 30)])
  t.strictSame(phases.map(({ name, n, of }) => [name, n, of[0]]), [['fault', 2, 20], ['fault', 3, 30]])
})

test('sources are asked from the start, told of phases, stopped and closed', async (t) => {
  const clock = createVirtualClock()
  const world = createWorld(clock)
  const sampling = await openSampling({ clock, startSource: world.startSource }, SPECS, COUNTED)
  await clock.advance(1500)
  sampling.mark('baseline')
  world.say = () => null
  await clock.advance(1000)
  t.match(sampling.read(false), [{ name: 'baseline', sources: { login: { n: 0, unfinished: 1 } } }], 'what was before the first phase does not count')
  t.match(sampling.read(true), [{ of: [1, 0, 1, 0], bad: [1, 0, 1, 0] }])
  t.strictSame(world.sources, [{ name: 'login', stopped: false, closed: false, marks: 1 }])
  sampling.stop()
  await sampling.close()
  t.match(world.sources, [{ stopped: true, closed: true }])
})

test('if one cannot be started, the others are closed', async (t) => {
  const clock = createVirtualClock()
  const world = createWorld(clock)
  const specs = decodeSources({ login: { http: 'http://a' }, none: { http: 'http://b' } }, 'x')
  const startSource: typeof world.startSource = (spec, observer) => {
    if (spec.name === 'none') throw new Error('cannot')
    return world.startSource(spec, observer)
  }
  await t.rejects(openSampling({ clock, startSource }, specs, COUNTED), { message: 'cannot' })
  t.match(world.sources, [{ name: 'login', closed: true }])
})

test('one watch of both: phases begin at once, and closing ends both', async (t) => {
  const clock = createVirtualClock()
  const world = createWorld(clock)
  const sampling = await openSampling({ clock, startSource: world.startSource }, SPECS, COUNTED)
  world.rate = 10
  const watch = withSampling(COUNTED, await world.plane.watch('edge', COUNTED.filter(({ source }) => source === undefined)), sampling)
  await watch.mark('baseline')
  await clock.advance(3500)
  t.match(await watch.read(), { phases: [{ name: 'baseline', n: 34, of: [3, 34, 3, 34], samples: { login: { n: 3 } } }] })
  t.equal(await watch.open(), 1)
  await watch.close()
  t.match(world.sources, [{ closed: true }])
})
