import { test } from 'tap'
import { Runs } from '../../src/experiment/runs.ts'
import type { WalletEntry } from '../../src/experiment/ports.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { decodeWindows } from '../../src/experiment/windows.ts'
import type { Window } from '../../src/experiment/windows.ts'
import { DOCUMENT, PASSIVE, createJournal, createWorld } from './world.ts'

function setUp (windows: readonly Window[] = []) {
  const clock = createVirtualClock(0, Date.UTC(2026, 10, 22, 22, 31, 5))
  const world = createWorld(clock)
  const events = new EventBus(clock)
  const halt = new Halt(clock)
  const journals: string[] = []
  let seed = 100
  let broken = false
  const wallets = new Map<string, WalletEntry[]>()
  const runs = new Runs({
    clock,
    log: silentLogger,
    events,
    halt,
    plane: world.plane,
    startLoad: world.startLoad,
    startSource: world.startSource,
    lag: () => ({ p50: 0, p99: 0, max: 0 }),
    openJournal (id) {
      if (broken) throw new Error('no space')
      journals.push(id)
      return createJournal()
    },
    wallets: { read: (slo) => wallets.get(slo) ?? [], write (slo, entries) { wallets.set(slo, [...entries]) } },
    seed: () => seed++,
    windows
  })
  return { clock, world, events, halt, runs, journals, wallets, breakJournals () { broken = true } }
}

const onRedis = { ...PASSIVE, 'steady-state': { at: 'redis', objectives: ['success >= 95%'] }, faults: [{ type: 'refuse', on: 'redis' }] }

test('a run is started at once and followed to its end', async (t) => {
  const { clock, events, runs, journals } = setUp()
  const view = await runs.start(DOCUMENT)
  t.match(view, { id: /^2026-11-22T22-31-05-[0-9a-f]{4}$/, title: DOCUMENT.title, state: 'running', phase: null, outcome: null, exitCode: null, result: null, seed: 100, folder: 'runs/test', startedAt: '2026-11-22T22:31:05.000Z' })
  t.strictSame(journals, [view.id])
  await clock.advance(2500)
  t.match(runs.view(view.id), { state: 'running', phase: 'baseline', phaseEndsAt: '2026-11-22T22:31:10.000Z', live: { n: 49, objectives: [{ objective: 'success >= 95%', good: 1 }, {}] } })
  const seen: unknown[] = []
  events.subscribe(({ type }) => { if (type === 'run.ended') seen.push(runs.view(view.id)) })
  await clock.advance(60_000)
  const result = await runs.result(view.id)
  t.match(result, { id: view.id, outcome: 'breached', seed: 100 })
  t.match(runs.list(), [{ id: view.id, state: 'ended', phase: null, live: null, outcome: 'breached', exitCode: 1, result: { outcome: 'breached' } }])
  t.match(seen, [{ state: 'ended', exitCode: 1 }], 'who hears of the end finds it ended')
  const types = new Set(events.since(0).map(({ type }) => type))
  t.strictSame([...types], ['run.started', 'run.phase', 'run.live', 'run.fault', 'run.ended'])
  t.ok(events.since(0).every(({ data }) => data.run === view.id))
  t.match(events.since(0).at(-1), { type: 'run.ended', data: { outcome: 'breached', exitCode: 1, reasons: [/p95/, /success/] } })
})

test('what cannot run does not start', async (t) => {
  const { runs, halt, journals } = setUp()
  await t.rejects(runs.start({ title: 'x' }), { code: 'PMT_ERR_INVALID' })
  await t.rejects(runs.start({ ...DOCUMENT, faults: [{ type: 'delay', on: 'paymnts', delay: 1 }] }), { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { path: 'faults.0.on' } })
  halt.engage('enough')
  await t.rejects(runs.start(DOCUMENT), { code: 'PMT_ERR_HALTED' })
  t.strictSame(runs.list(), [])
  t.strictSame(journals, [])
})

test('one run at a time on a proxy, several on different ones', async (t) => {
  const { clock, runs } = setUp()
  const { id } = await runs.start(DOCUMENT)
  await t.rejects(runs.start(PASSIVE), { code: 'PMT_ERR_RUN_BUSY', message: `run ${id} is in progress on edge, payments` })
  await runs.start(onRedis)
  t.equal(runs.list().length, 2)
  await clock.advance(60_000)
  await runs.result(id)
  t.match(await runs.start(PASSIVE), { state: 'running', seed: 102 })
  await runs.stop()
})

test('who drives a run may see how it ended before premortem is gone, but does not keep it', async (t) => {
  const stopped = async (seen: boolean): Promise<number> => {
    const { clock, runs } = setUp()
    const { id } = await runs.start(DOCUMENT, { lease: 60_000 })
    await clock.advance(2000)
    let at = -1
    void runs.stop({ linger: 1000 }).then(() => { at = clock.now() })
    await clock.advance(300)
    t.equal(at, -1)
    if (seen) t.equal(runs.view(id).outcome, 'interrupted')
    await clock.advance(5000)
    return at
  }
  t.equal(await stopped(true), 2300)
  t.equal(await stopped(false), 3000)
})

test('of two that are started together, one is refused', async (t) => {
  const { runs } = setUp()
  const both = await Promise.allSettled([runs.start(DOCUMENT), runs.start(DOCUMENT)])
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await runs.stop()
})

test('the seed is the one that was asked for', async (t) => {
  const { runs } = setUp()
  t.equal((await runs.start(DOCUMENT, { seed: 7 })).seed, 7)
  await runs.stop()
})

test('an abort ends it with its reason, and the faults are gone', async (t) => {
  const { clock, world, runs } = setUp()
  const { id } = await runs.start(DOCUMENT)
  await clock.advance(7000)
  t.equal(world.active().length, 1)
  runs.abort(id, 'the on-call asked for it')
  await clock.advance(0)
  t.strictSame(world.active(), [])
  t.match(await runs.result(id), { outcome: 'aborted', exitCode: 4, reasons: ['the on-call asked for it', /p95/, /success/] })
  t.match(runs.abort(id, 'again', 'interrupted'), { outcome: 'aborted' }, 'what has ended stays as it is')
})

test('a halt aborts every run', async (t) => {
  const { clock, world, halt, runs } = setUp()
  const { id } = await runs.start(DOCUMENT)
  await clock.advance(7000)
  halt.engage('incident 42')
  await clock.advance(0)
  t.strictSame(world.active(), [])
  t.match(await runs.result(id), { outcome: 'aborted', exitCode: 4, reasons: ['halted: incident 42'] })
})

test('a run with a lease is interrupted when its controller is gone', async (t) => {
  const { clock, world, runs } = setUp()
  const { id } = await runs.start(DOCUMENT, { lease: 3000 })
  for (let second = 0; second < 3; second++) {
    await clock.advance(2000)
    t.match(runs.heartbeat(id), { state: 'running' })
  }
  t.equal(world.active().length, 1)
  await clock.advance(2999)
  t.match(runs.view(id), { state: 'running' })
  await clock.advance(1)
  t.strictSame(world.active(), [])
  t.match(await runs.result(id), { outcome: 'interrupted', exitCode: 130, reasons: ['the controller is gone: no heartbeat for 3 s'] })
  t.match(runs.heartbeat(id), { state: 'ended' })
  await clock.advance(1000)
  t.equal(clock.pending(), 0)
})

test('stopping interrupts all, waits for them, and starts none any more', async (t) => {
  const { clock, world, runs } = setUp()
  const { id } = await runs.start(DOCUMENT)
  await clock.advance(7000)
  await runs.stop()
  t.strictSame(world.active(), [])
  t.match(runs.view(id), { state: 'ended', outcome: 'interrupted', exitCode: 130 })
  await t.rejects(runs.start(DOCUMENT), { code: 'PMT_ERR_STATE' })
  await runs.stop()
})

test('a run that is not there is named', async (t) => {
  const { runs } = setUp()
  for (const ask of [() => runs.view('x'), () => runs.heartbeat('x'), () => runs.abort('x', 'y')]) t.throws(ask, { code: 'PMT_ERR_RUN_NOT_FOUND', details: { found: 'x' } })
  await t.rejects(runs.result('x'), { code: 'PMT_ERR_RUN_NOT_FOUND' })
})

test('a hundred ended runs are kept', async (t) => {
  const { clock, runs } = setUp()
  const ids: string[] = []
  for (let i = 0; i < 102; i++) {
    const { id } = await runs.start(DOCUMENT)
    ids.push(id)
    runs.abort(id, 'enough')
    await clock.advance(1000)
    await runs.result(id)
  }
  t.strictSame(runs.list().map(({ id }) => id), ids.slice(2))
})

// It is Sunday 22:31:05 UTC.
const MONDAY = decodeWindows([{ days: ['mon'], from: '10:00', to: '16:00', zone: 'Europe/Berlin' }])
const LATE = [{ days: ['sun'], from: '22:00', to: '22:32', zone: 'UTC' }]

test('outside its windows a run does not start, and is told when it may', async (t) => {
  const { runs, journals } = setUp(MONDAY)
  await t.rejects(runs.start(DOCUMENT), {
    code: 'PMT_ERR_WINDOW',
    details: { found: 'sun 2026-11-22 23:31 Europe/Berlin (2026-11-22T22:31Z)', wanted: /^a start from mon 2026-11-23 10:00 Europe\/Berlin \(2026-11-23T09:00Z\); the window closes/ }
  })
  t.strictSame(journals, [])
  const { runs: free, clock } = setUp()
  await t.rejects(free.start({ ...DOCUMENT, windows: [{ ...LATE[0], to: '22:31' }] }), { code: 'PMT_ERR_WINDOW', message: 'runs are not allowed at this time' })
  const { id } = await free.start({ ...DOCUMENT, windows: LATE })
  await clock.advance(40_000)
  t.notMatch((await free.result(id)).notes.join(), 'WINDOW')
  await t.rejects(free.start({ ...DOCUMENT, windows: LATE }), { code: 'PMT_ERR_WINDOW', message: /^the run takes 18s, and the window closes in 1[45]\S*s$/ })
})

test('whoever says why may run outside its windows, and the result says so', async (t) => {
  const { runs, clock } = setUp(MONDAY)
  const { id } = await runs.start(DOCUMENT, { outsideWindow: 'incident 4711' })
  await clock.advance(60_000)
  t.match((await runs.result(id)).notes[0], 'OUTSIDE ITS WINDOW this run took place, because: incident 4711')
  const { runs: inside, clock: time } = setUp()
  const view = await inside.start({ ...DOCUMENT, windows: LATE }, { outsideWindow: 'just in case' })
  await time.advance(60_000)
  t.notMatch((await inside.result(view.id)).notes.join(), 'WINDOW', 'inside it nothing was overridden')
})

test('two runs that allow it share a proxy, and each result names the other', async (t) => {
  const { clock, runs } = setUp()
  const shared = { ...DOCUMENT, concurrent: 'allow' }
  const { id } = await runs.start(shared)
  await t.rejects(runs.start(DOCUMENT), { code: 'PMT_ERR_RUN_BUSY', details: { wanted: /`concurrent: allow` in both/ } })
  await clock.advance(3000)
  const second = await runs.start({ ...shared, title: 'another', 'steady-state': { at: 'payments', objectives: ['success >= 95%'] } })
  await clock.advance(60_000)
  t.ok((await runs.result(id)).notes.includes(`the run ${second.id} (another) was on payments at the same time: what its faults did is in these figures`))
  t.ok((await runs.result(second.id)).notes.includes(`the run ${id} (${DOCUMENT.title}) was on payments at the same time: what its faults did is in these figures`))
  await runs.start(DOCUMENT)
  await t.rejects(runs.start(shared), { code: 'PMT_ERR_RUN_BUSY' }, 'both must allow it')
  await runs.stop()
})

test('alerts of the user\'s monitoring are told to the run, and its result says how long they took', async (t) => {
  const { clock, runs } = setUp()
  const { id } = await runs.start(DOCUMENT)
  await clock.advance(3000)
  t.equal(runs.alert('current', ['before']), 1)
  await clock.advance(4500)
  t.equal(runs.alert(id, ['HighLatency', 'Checkout']), 1)
  await clock.advance(60_000)
  const { detection, paging } = await runs.result(id)
  t.match(detection, { timeToAlert: 2500, faultOn: '2026-11-22T22:31:10.000Z', faultOff: '2026-11-22T22:31:18.000Z' })
  t.match(detection!.alerts, [{ title: 'before', after: -2000 }, { title: 'HighLatency', after: 2500, receivedAt: '2026-11-22T22:31:12.500Z' }, { title: 'Checkout' }])
  t.match(detection!.objectives, [{ objective: 'success >= 95%', timeToDetect: null }, { objective: 'p95 <= 300ms', timeToDetect: 1000, onsetLag: 0 }])
  t.match(detection!.words, [/^p95 <= 300ms began to fail as the faults began, and was seen to 1s after/, /^your monitoring's first alert came 2.5s after the faults began: HighLatency/])
  t.match(paging.map(({ words }) => words), [/^success >= 95%: your page would not have fired/, /^p95 <= 300ms: your page would have fired 2s after/])
  t.equal(runs.alert(id, ['late']), 0, 'it has ended')
  t.equal(runs.alert('current', ['late']), 0)
  t.throws(() => runs.alert('no', ['x']), { code: 'PMT_ERR_RUN_NOT_FOUND' })
})

test('a run takes what it costs from the wallet of its SLO, and none starts when that is empty', async (t) => {
  const { clock, runs, wallets, journals } = setUp()
  const costly = { ...DOCUMENT, budget: { slo: 'checkout', objective: 'p99 <= 300ms', period: '1h', 'per-run': '50%', wallet: '60%' } }
  const { id } = await runs.start(costly)
  t.match(wallets.get('checkout'), [{ run: id, title: DOCUMENT.title, share: 0.5, settled: false }])
  await t.rejects(runs.start({ ...onRedis, budget: costly.budget, load: DOCUMENT.load }), { code: 'PMT_ERR_BUDGET', message: /in progress, or was killed/ })
  t.equal(journals.length, 1)
  await clock.advance(60_000)
  // 400 slow ones of the 1,800 that 1 % of 50 a second allows in an hour.
  const { budget } = await runs.result(id)
  t.match(budget, { n: 650, bad: 400, caused: 400, walletBefore: 0 })
  t.ok(Math.abs(budget!.share - 400 / 1800) < 1e-9, `${budget!.share}`)
  t.match(wallets.get('checkout'), [{ run: id, share: budget!.share, settled: true }])
  await t.rejects(runs.start(costly), { code: 'PMT_ERR_BUDGET', details: { found: '22.222%' } })
  await clock.advance(3_600_000)
  t.match(await runs.start(costly), { state: 'running' })
  await runs.stop()
  t.strictSame(wallets.get('checkout'), [], 'it was stopped before it cost anything')
})

test('a run that cannot begin sets nothing aside', async (t) => {
  const { runs, wallets, breakJournals } = setUp()
  breakJournals()
  await t.rejects(runs.start({ ...DOCUMENT, budget: { slo: 'checkout', objective: 'success >= 99%' } }), /no space/)
  t.strictSame(wallets.get('checkout'), [])
})
