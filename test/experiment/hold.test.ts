import { test } from 'tap'
import { hold } from '../../src/experiment/hold.ts'
import { openMeter } from '../../src/experiment/meter.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { DOCUMENT, PASSIVE, createContext, createWorld } from './world.ts'

async function setUp (phases: object = {}) {
  const clock = createVirtualClock(0, Date.UTC(2026, 0, 1))
  const world = createWorld(clock)
  const context = createContext(clock, world, { ...DOCUMENT, phases: { ...DOCUMENT.phases, ...phases } })
  return { clock, world, context, meter: await openMeter(context.experiment, context.ports) }
}

test('a phase is announced, told each second, and read at its end', async (t) => {
  const { clock, context, meter } = await setUp({ baseline: '2500ms' })
  const seen: number[] = []
  const beats: number[] = []
  const holding = hold(context, meter, 'baseline', {
    each: (_, elapsed) => { seen.push(elapsed) }, heartbeat: async (left) => { beats.push(left) }
  })
  await clock.advance(3000)
  t.match(await holding, { name: 'baseline' })
  t.strictSame(seen, [1000, 2000, 2500])
  t.strictSame(beats, [1500, 500], 'no heartbeat at the end')
  t.strictSame(context.events[0], { type: 'run.phase', data: { phase: 'baseline', endsAt: '2026-01-01T00:00:02.500Z', length: 2500 } })
  t.match(context.events[2], {
    type: 'run.live', data: { phase: 'baseline', n: 98, left: 500, objectives: [{ objective: 'success >= 95%', n: 98, bad: 0, good: 1 }, { objective: 'p95 <= 300ms' }] }
  })
  t.equal(context.events[2]!.data.rate, 49)
  t.equal(context.journal.entries().at(-1)!.type, 'run.reading')
})

test('a phase without length does not happen', async (t) => {
  const { context, meter } = await setUp({ warmup: 0 })
  t.equal(await hold(context, meter, 'warmup'), null)
  t.strictSame(context.events, [])
})

test('it ends at once when the run is to end, and does not begin after', async (t) => {
  const { clock, context, meter } = await setUp()
  let endedAt = -1
  void hold(context, meter, 'fault').then(() => { endedAt = clock.now() })
  await clock.advance(1300)
  context.control.end('interrupted', 'SIGINT')
  await clock.advance(0)
  t.equal(endedAt, 1300)
  t.equal(await hold(context, meter, 'recovery'), null)
})

test('a heartbeat that hangs does not keep it from ending', async (t) => {
  const { clock, context, meter } = await setUp()
  let endedAt = -1
  void hold(context, meter, 'fault', { heartbeat: () => new Promise(() => {}) }).then(() => { endedAt = clock.now() })
  await clock.advance(2000)
  context.control.end('aborted', 'enough')
  await clock.advance(0)
  t.equal(endedAt, 2000)
})

test('an answer missed now and then does no harm, ten seconds of silence do', async (t) => {
  const { clock, context, world } = await setUp()
  const passive = createContext(clock, world, { ...DOCUMENT, phases: { ...DOCUMENT.phases, fault: '30s' }, 'steady-state': { ...DOCUMENT['steady-state'], source: 'proxy' } })
  const meter = await openMeter(passive.experiment, passive.ports)
  let fail = false
  world.hooks.read = () => { if (fail) throw new Error('no route') }
  void hold(passive, meter, 'fault')
  await clock.advance(2500)
  fail = true
  await clock.advance(3000)
  fail = false
  await clock.advance(1000)
  t.notOk(passive.control.ended)
  fail = true
  await clock.advance(9000)
  t.notOk(passive.control.ended)
  await clock.advance(1000)
  t.match(passive.control.endings, [{ outcome: 'failed', reason: 'the traffic of edge could not be read: no route' }])
  t.notOk(context.control.ended)
})

test('a phase that was never read fails the run', async (t) => {
  const { clock, world, context: { journal } } = await setUp()
  const passive = createContext(clock, world, { ...DOCUMENT, 'steady-state': { ...DOCUMENT['steady-state'], source: 'proxy' } })
  const meter = await openMeter(passive.experiment, passive.ports)
  world.hooks.read = () => { throw new Error('no route') }
  const holding = hold(passive, meter, 'baseline')
  await clock.advance(5000)
  t.equal(await holding, null)
  t.match(passive.control.endings, [{ outcome: 'failed' }])
  t.strictSame(journal.entries(), [])
})

test('handshakes are told live beside requests', async (t) => {
  const clock = createVirtualClock()
  const world = createWorld(clock)
  world.rate = 50
  world.answer = () => ({ ms: 20, status: 200 })
  world.shake = () => 'established'
  const context = createContext(clock, world, { ...PASSIVE, 'steady-state': { at: 'bank', objectives: ['success >= 95%', 'handshake >= 95%'] } })
  const meter = await openMeter(context.experiment, context.ports)
  const holding = hold(context, meter, 'baseline')
  await clock.advance(5000)
  await holding
  const { data } = context.events.findLast(({ type }) => type === 'run.live')!
  const { n, rate } = data.handshakes as { n: number, rate: number }
  t.ok(n >= 198 && n <= 200 && rate === n / 4, `${n}, ${rate} a second`)
  t.match(data.objectives, [{ objective: 'success >= 95%', n: Number }, { objective: 'handshake >= 95%', n, bad: 0, good: 1 }])
})

test('a phase ends early once enough was seen', async (t) => {
  const { clock, context, meter } = await setUp()
  const asked: number[] = []
  const holding = hold(context, meter, 'fault', { enough: async (reading, elapsed) => { asked.push(elapsed); return reading.n >= 100 } })
  await clock.advance(8000)
  t.match(await holding, { name: 'fault' })
  t.strictSame(asked, [1000, 2000, 3000], 'the requests of the last moment are still open')
})
