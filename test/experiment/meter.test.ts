import { test } from 'tap'
import { Control } from '../../src/experiment/control.ts'
import { openMeter } from '../../src/experiment/meter.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { DOCUMENT, PASSIVE, createContext, createWorld } from './world.ts'

function setUp (document: object, rate = 0) {
  const clock = createVirtualClock()
  const world = createWorld(clock)
  world.rate = rate
  const { experiment, ports } = createContext(clock, world, document)
  return { clock, world, meter: openMeter(experiment, ports) }
}

test('with a load, what the load saw is counted, objectives first and guardrails after', async (t) => {
  const { clock, world, meter: opening } = setUp({ ...DOCUMENT, guardrails: ['p50 <= 10ms'] })
  const meter = await opening
  await meter.mark('baseline')
  await clock.advance(1010)
  const phase = await meter.read('baseline')
  t.match(phase, { name: 'baseline', n: 49, bad: [0, 0, 49] }, 'each answer takes 20 ms, so the 50th is still open')
  t.equal(await meter.open(), 1)
  t.match(await meter.read('baseline', true), { n: 50, bad: [1, 1, 50], unfinished: 1 })
  t.match(await meter.close(), { sent: 50, unsent: 0 })
  t.strictSame(world.loads, [{ stopped: true, closed: true }])
})

test('without one, what the proxy saw', async (t) => {
  const { clock, world, meter: opening } = setUp(PASSIVE, 50)
  const meter = await opening
  await meter.mark('baseline')
  await clock.advance(1010)
  t.match(await meter.read('baseline'), { n: 49 })
  t.equal(await meter.close(), null)
  t.strictSame(world.loads, [])
  t.equal(clock.pending(), 1, 'only the open request is left')
})

test('a load whose proxy measures is not counted itself', async (t) => {
  const { clock, world, meter: opening } = setUp({ ...DOCUMENT, 'steady-state': { ...DOCUMENT['steady-state'], source: 'proxy' } })
  const meter = await opening
  await meter.mark('baseline')
  await clock.advance(1010)
  t.match(await meter.read('baseline'), { n: 0 })
  t.equal(world.loads.length, 1)
  await meter.close()
})

test('the end waits for what is open, and not for what begins meanwhile', async (t) => {
  const { clock, world, meter: opening } = setUp(PASSIVE, 50)
  world.answer = () => ({ ms: 700, status: 200 })
  const meter = await opening
  await meter.mark('recovery')
  await clock.advance(1000)
  const control = new Control()
  let finishedAt = 0
  const finished = meter.finish(control).then((reading) => {
    finishedAt = clock.now()
    return reading
  })
  await clock.advance(2000)
  t.match((await finished).phases, [{ name: 'recovery', n: 49, bad: [0, 49], unfinished: 0 }, { name: 'after' }])
  t.equal(finishedAt, 1700)
  await meter.close()
})

test('it waits no longer than the limit, or than the run goes on', async (t) => {
  for (const [interrupt, at] of [[false, 6000], [true, 1500]] as const) {
    const { clock, world, meter: opening } = setUp(PASSIVE, 50)
    world.answer = () => null
    const meter = await opening
    await meter.mark('recovery')
    await clock.advance(1000)
    const control = new Control()
    let finishedAt = 0
    void meter.finish(control).then(() => { finishedAt = clock.now() })
    await clock.advance(500)
    if (interrupt) control.end('interrupted', 'SIGINT')
    await clock.advance(10_000)
    t.equal(finishedAt, at)
    t.match(meter.latest.phases[0], { n: 49, bad: [49, 49], unfinished: 49 })
    await meter.close()
  }
})

test('a measuring side that forgot the phase is an error with a name', async (t) => {
  const { meter: opening } = setUp(PASSIVE)
  const meter = await opening
  await t.rejects(meter.read('fault'), { code: 'PMT_ERR_SIDECAR_UNREACHABLE', message: 'the counts of the fault phase are lost' })
  await meter.close()
})
