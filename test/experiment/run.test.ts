import { test } from 'tap'
import { resultOf } from '../../src/experiment/journal.ts'
import { planExperiment } from '../../src/experiment/plan.ts'
import type { RunResult } from '../../src/experiment/result.ts'
import { rehearse } from '../../src/experiment/rehearsal.ts'
import { runExperiment } from '../../src/experiment/run.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import type { HandshakeResult } from '../../src/measure/observation.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { DOCUMENT, PASSIVE, createContext, createWorld } from './world.ts'
import type { World } from './world.ts'

type Run = ReturnType<typeof createContext>

interface Setting { document?: object, seed?: number, rate?: number, prepare?: (world: World, run: Run) => void }

/** A whole run; each step is taken so many ms after its start. */
async function play (setting: Setting, steps: [ms: number, then: (run: Run, world: World) => void][] = []) {
  const { document = DOCUMENT, seed = 1, rate = 0, prepare = () => {} } = setting
  const clock = createVirtualClock(1000)
  const world = createWorld(clock)
  world.rate = rate
  const run = createContext(clock, world, document, seed)
  prepare(world, run)
  const plan = await planExperiment(run.experiment, world.plane)
  let result: RunResult | undefined
  const done = runExperiment(run, plan).then((found) => { result = found })
  let passed = 0
  for (const [ms, then] of steps) {
    await clock.advance(ms - passed)
    passed = ms
    then(run, world)
  }
  await clock.advance(60_000)
  await done
  return { result: result!, world, run, clock }
}

const resilient = { prepare: (world: World) => { world.answer = () => ({ ms: 20, status: 200 }) } }

test('a system that copes: held, with its faults gone and its journal complete', async (t) => {
  const { result, world, run } = await play(resilient)
  t.match(result, { outcome: 'held', exitCode: 0, at: 'edge', source: 'load', seed: 1, folder: 'runs/test', title: DOCUMENT.title })
  t.match(result.objectives, [
    { objective: 'success >= 95%', baseline: { verdict: 'held' }, fault: { verdict: 'held', n: 400, bad: 0, needed: 59 }, recovery: { verdict: 'held' }, timeToRecover: { kind: 'unaffected' } },
    { objective: 'p95 <= 300ms', fault: { verdict: 'held' } }
  ])
  t.match(result.reasons[0], /^success >= 95% under the fault held: 100% good/)
  t.match(result.faults, [{ id: 'run-1.0', landed: true, removed: true, counters: { injected: 400 }, fault: { type: 'delay' } }])
  t.match(result.documentHash, /^[0-9a-f]{64}$/)
  t.strictSame(result.phases.map(({ name }) => name), ['warmup', 'baseline', 'fault', 'recovery'])
  t.strictSame(world.active(), [])
  t.strictSame(world.loads, [{ stopped: true, closed: true }])
  t.strictSame(resultOf(run.journal.entries()), JSON.parse(JSON.stringify(result)), 'the journal ends with the result')
  t.ok(run.journal.closed)
  t.strictSame([...run.journal.files.keys()], ['experiment.json', 'result.json'])
  t.strictSame(run.events.filter(({ type }) => type === 'run.phase').map(({ data }) => data.phase), ['warmup', 'baseline', 'fault', 'recovery'])
  t.strictSame(run.events.filter(({ type }) => type === 'run.fault').map(({ data }) => data.action), ['applied', 'removed'])
  t.equal(run.events.filter(({ type, data }) => type === 'run.live' && data.phase === 'fault').length, 8, 'one reading a second')
})

test('a system that does not cope: breached, and it recovers at once', async (t) => {
  const { result } = await play({})
  t.match(result, { outcome: 'breached', exitCode: 1 })
  t.match(result.objectives, [
    { objective: 'success >= 95%', fault: { verdict: 'held' } },
    { objective: 'p95 <= 300ms', baseline: { verdict: 'held' }, fault: { verdict: 'breached', bad: 400 }, recovery: { verdict: 'held' }, timeToRecover: { kind: 'recovered', ms: 0 } }
  ])
  t.match(result.reasons[0], /^p95 <= 300ms under the fault breached: 0% good \(400 of 400 bad\)/)
})

test('a system that stays broken: not recovered, and both are said', async (t) => {
  const { result } = await play({
    prepare (world) { world.answer = () => ({ ms: world.applied.length > 0 ? 600 : 20, status: 200 }) }
  })
  t.match(result, { outcome: 'not-recovered', exitCode: 7 })
  t.match(result.reasons, [/^p95 <= 300ms under the fault breached/, /^p95 <= 300ms was not seen to hold again in the 5s after/, /success/])
  t.match(result.objectives[1], { timeToRecover: { kind: 'not-seen', ms: 5000 } })
})

test('too few requests: inconclusive, with the number that was missing', async (t) => {
  const { result } = await play({ ...resilient, document: { ...DOCUMENT, load: { ...DOCUMENT.load, rate: '5/s' } } })
  t.match(result, { outcome: 'inconclusive', exitCode: 3 })
  t.match(result.reasons[0], /inconclusive: 100% good \(0 of 40 bad\).*about 59 requests like these would be needed/)
  t.ok(result.notes.some((note) => note.startsWith('success >= 95% in the baseline inconclusive')), 'and the baseline is noted')
})

test('no traffic: inconclusive before any fault is injected', async (t) => {
  const { result, world } = await play({ document: PASSIVE })
  t.match(result, { outcome: 'inconclusive', exitCode: 3, reasons: [/^no traffic reached edge/] })
  t.equal(world.applied.length, 0)
  t.match(result.faults, [{ id: null, landed: false }])
})

test('a baseline that is already breached: no fault is injected', async (t) => {
  const { result, world } = await play({ prepare (world) { world.answer = () => ({ ms: 20, status: 500 }) } })
  t.match(result, { outcome: 'baseline-not-steady', exitCode: 5, reasons: [/^success >= 95% in the baseline breached/] })
  t.equal(world.applied.length, 0)
})

test('a baseline that hangs is not one without traffic', async (t) => {
  const { result, world } = await play({ prepare (world) { world.answer = () => null } })
  t.match(result, { outcome: 'baseline-not-steady', reasons: [/none of them was answered/] })
  t.equal(world.applied.length, 0)
})

test('a fault that hits nothing did not land', async (t) => {
  const { result } = await play({ prepare (world) { world.lands = false } })
  t.match(result, { outcome: 'fault-did-not-land', exitCode: 6 })
  t.match(result.reasons[0], /the fault run-1.0 \(delay on payments\) did not land: 400 fitted it, and all were spared/)
})

test('a guardrail ends the run and its faults', async (t) => {
  const { result, world } = await play({
    document: { ...DOCUMENT, guardrails: ['success >= 50%'] },
    prepare (world) { world.answer = (faults) => ({ ms: 20, status: faults.length > 0 ? 500 : 200 }) }
  }, [[8100, (_, { active }) => t.equal(active().length, 0, 'gone three seconds into the phase')]])
  t.match(result, { outcome: 'aborted', exitCode: 4 })
  t.match(result.reasons[0], /^guardrail success >= 50% is broken: 0.667% good over 3 s \(149 of 150 bad\), after 3 s of its phase/)
  t.match(result.objectives[0], { fault: { verdict: 'breached' } }, 'what was measured until then is judged')
  t.strictSame(world.active(), [])
  t.ok(Date.parse(result.endedAt) - Date.parse(result.startedAt) < 9000)
})

test('a run ends when it has spent what it may of the error budget', async (t) => {
  const { result, world } = await play({
    document: { ...DOCUMENT, budget: { slo: 'checkout', objective: 'p99 <= 300ms', period: '1h', 'per-run': '10%', wallet: '50%' } },
  }, [[10_100, (_, { active }) => t.equal(active().length, 0, 'five seconds into the phase, when 180 slow ones have been answered')]])
  t.equal(result.outcome, 'aborted')
  t.match(result.reasons[0], /^the run has spent \S+ of the error budget of checkout: \d+ bad requests .* of the 1,800 that p99 <= 300ms allows in 60m; it may spend 10%$/)
  t.match(result.budget, { slo: 'checkout', walletBefore: 0, rate: 50, words: /^the run spent 1\d\.\d+% of the error budget of checkout/ })
  t.strictSame(world.active(), [])
})

test('a guardrail does not take slow answers for missing ones', async (t) => {
  const { result, world } = await play({
    document: { ...DOCUMENT, guardrails: ['success >= 90%'], phases: { ...DOCUMENT.phases, fault: '12s' } },
    // Two of fifty fail, at once; the others take four seconds.
    prepare (world) {
      let asked = 0
      world.answer = (faults) => {
        if (faults.length === 0) return { ms: 20, status: 200 }
        return asked++ % 25 === 0 ? { ms: 1, status: 500 } : { ms: 4000, status: 200 }
      }
    }
  })
  t.equal(result.outcome, 'breached')
  t.match(result.objectives[1], { objective: 'p95 <= 300ms', fault: { verdict: 'breached', n: 600 } })
  t.strictSame(world.active(), [])
})

test('requests that hang count as bad, in the phase in which they started', async (t) => {
  const hangs = (world: World): void => { world.answer = (faults) => faults.length > 0 ? null : { ms: 20, status: 200 } }
  const { result } = await play({ prepare: hangs })
  t.equal(result.outcome, 'breached')
  t.match(result.objectives[0]!.fault, { n: 400, bad: 400 })
  t.match(result.phases[2], { name: 'fault', unfinished: 400 })
})

for (const [phase, ms] of [['warmup', 500], ['baseline', 3000], ['fault', 7000], ['recovery', 15_000]] as const) {
  test(`an interruption in the ${phase} phase removes the faults at once`, async (t) => {
    const { result, world, run } = await play({}, [
      [ms, ({ control }) => control.end('interrupted', 'SIGINT')],
      [ms + 1, (_, { active }) => t.strictSame(active(), [])]
    ])
    t.match(result, { outcome: 'interrupted', exitCode: 130, reasons: ['SIGINT'] })
    t.equal(Date.parse(result.endedAt) - Date.parse(result.startedAt), ms)
    t.equal(world.applied.length, phase === 'fault' || phase === 'recovery' ? 1 : 0)
    t.strictSame(world.loads, [{ stopped: true, closed: true }])
    t.not(resultOf(run.journal.entries()), null)
  })
}

test('an interruption while a fault is being applied removes it too', async (t) => {
  const { result, world } = await play({
    prepare (world, { control, ports: { clock } }) {
      world.hooks.apply = async () => {
        control.end('interrupted', 'SIGINT')
        await clock.sleep(500)
      }
    }
  })
  t.equal(result.outcome, 'interrupted')
  t.equal(world.applied.length, 1)
  t.strictSame(world.active(), [])
})

test('a removal that fails twice is tried a third time', async (t) => {
  let attempts = 0
  const { result, world } = await play({
    ...resilient,
    prepare (world) {
      resilient.prepare(world)
      world.hooks.remove = () => { if (++attempts < 3) throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE') }
    }
  })
  t.equal(attempts, 3)
  t.equal(result.outcome, 'held')
  t.match(result.faults, [{ removed: true }])
  t.strictSame(world.active(), [])
})

test('a removal that is never confirmed is said so, and the lease ends the fault', async (t) => {
  const { result, world } = await play({ prepare (world) { world.hooks.remove = () => new Promise(() => {}) } })
  t.match(result, { outcome: 'not-recovered', exitCode: 7, reasons: [/^removal not confirmed: run-1.0 on payments/] })
  t.match(result.faults, [{ removed: false }])
  t.strictSame(world.active(), [])
})

test('leases are short and renewed, and the last one ends soon after the phase', async (t) => {
  const document = { ...DOCUMENT, phases: { ...DOCUMENT.phases, fault: '30s' } }
  const { world } = await play({ ...resilient, document })
  t.equal(world.applied[0]!.ttl, 10_000)
  t.strictSame(world.renewals, [9000, 12_000, 15_000, 18_000, 21_000, 24_000, 27_000, 30_000, 33_000])
  t.equal(world.applied[0]!.expiresAt, 38_000, '36 s is the end of the phase')
})

test('a fault that goes away in its phase aborts the run', async (t) => {
  const { result } = await play({}, [[6000, (_, { applied }) => { applied[0]!.expiresAt = 0 }]])
  t.match(result, { outcome: 'aborted', exitCode: 4, reasons: [/^the fault run-1.0 on payments went away/] })
})

test('a lease that cannot be renewed ends the run when it has run out', async (t) => {
  const document = { ...DOCUMENT, phases: { ...DOCUMENT.phases, fault: '40s' } }
  const { result } = await play({ document, prepare (world) { world.hooks.renew = () => { throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE') } } })
  t.match(result, { outcome: 'failed', exitCode: 70, reasons: [/^the lease of the fault run-1.0 on payments ran out/] })
  t.equal(Date.parse(result.endedAt) - Date.parse(result.startedAt), 15_000)
})

test('a second fault that is refused takes the first with it', async (t) => {
  const { result, world } = await play({
    document: { ...DOCUMENT, faults: [...DOCUMENT.faults, { type: 'status', on: 'edge', id: 'theirs' }] },
    prepare (world) {
      const removed: string[] = []
      world.hooks.apply = ({ id }) => { if (id === 'theirs') throw new PremortemError('PMT_ERR_FAULT_EXISTS') }
      world.hooks.remove = ({ id }) => {
        removed.push(id)
        if (id === 'theirs') t.fail('a fault of someone else is left alone')
      }
    }
  })
  t.match(result, { outcome: 'failed', exitCode: 70, reasons: ['a fault of that id is active'] })
  t.strictSame(world.active(), [])
})

test('a halt that reaches the data plane first is a halt', async (t) => {
  const { result } = await play({ prepare (world) { world.hooks.apply = () => { throw new PremortemError('PMT_ERR_HALTED') } } })
  t.match(result, { outcome: 'aborted', exitCode: 4 })
})

test('a bug in the middle of the fault phase: failed, and the faults are gone', async (t) => {
  const { result, world } = await play({
    prepare (world, { ports }) {
      const { figures } = world.plane
      world.hooks.mark = (phase) => { if (phase === 'fault') throw new TypeError('undefined is not a function') }
      ports.plane = { ...world.plane, figures }
    },
    document: PASSIVE,
    rate: 50
  })
  t.match(result, { outcome: 'failed', exitCode: 70, reasons: ['undefined is not a function'] })
  t.equal(world.applied.length, 1)
  t.strictSame(world.active(), [])
})

test('a measuring side that stops answering fails the run and its faults go', async (t) => {
  const { result, world } = await play({ document: { ...PASSIVE, phases: { ...PASSIVE.phases, fault: '60s' } }, rate: 50 }, [
    [7000, (_, { hooks }) => { hooks.read = () => new Promise(() => {}) }],
    [30_000, (_, { active }) => t.strictSame(active(), [])]
  ])
  t.match(result, { outcome: 'failed', reasons: [/^the traffic of edge could not be read/] })
  t.strictSame(world.active(), [])
})

test('a journal that cannot be written ends the run', async (t) => {
  const { result, world } = await play({}, [[7000, ({ journal }) => {
    journal.append = () => { throw new PremortemError('PMT_ERR_JOURNAL', { message: 'no space left on device' }) }
  }]])
  t.match(result, { outcome: 'failed', exitCode: 70, reasons: ['no space left on device'] })
  t.strictSame(world.active(), [])
})

test('traffic that thins out under the fault takes away the trust in what held', async (t) => {
  const { result } = await play({ ...resilient, document: PASSIVE, rate: 50 }, [[5000, (_, world) => { world.rate = 30 }]])
  t.match(result, { outcome: 'inconclusive', exitCode: 3 })
  t.match(result.reasons[0], /^traffic changed: 3\d\.\d requests a second at edge under the fault, 50\.0 in the baseline/)
  t.match(result.objectives, [{ fault: { verdict: 'held' } }, { fault: { verdict: 'held' } }])
})

test('traffic that stays as it is lets the proxy\'s figures stand', async (t) => {
  const { result } = await play({ ...resilient, document: PASSIVE, rate: 50 })
  t.match(result, { outcome: 'held', source: 'proxy', load: null })
})

test('one seed gives the faults the same seeds, another other ones', async (t) => {
  const document = { ...DOCUMENT, faults: [...DOCUMENT.faults, { type: 'status', on: 'payments' }] }
  const seedsOf = async (seed: number) => (await play({ document, seed })).world.applied.map((fault) => fault.seed)
  const first = await seedsOf(42)
  t.equal(new Set(first).size, 2)
  t.strictSame(await seedsOf(42), first)
  t.notSame(await seedsOf(43), first)
})

test('the same document has the same hash, whatever the run', async (t) => {
  const [a, b] = [await play({ seed: 1 }), await play({ seed: 2 })]
  t.equal(a.result.documentHash, b.result.documentHash)
  const other = await play({ document: { ...DOCUMENT, title: 'another' } })
  t.not(other.result.documentHash, a.result.documentHash)
})

test('nothing of a run stays behind on the clock', async (t) => {
  const { clock } = await play({})
  t.equal(clock.pending(), 0)
})

const CERTIFICATE = {
  ...PASSIVE,
  'steady-state': { at: 'bank', objectives: ['success >= 95%', 'handshake >= 95%'] },
  faults: [{ type: 'tls/expired', on: 'bank' }]
}

const turnsDown = (faults: { length: number }): HandshakeResult => faults.length > 0 ? 'alert:certificate_expired' : 'established'

test('a certificate that clients turn down: breached by handshakes, with what would have outlived it', async (t) => {
  const { result } = await play({
    document: CERTIFICATE,
    rate: 50,
    prepare (world) {
      world.answer = () => ({ ms: 20, status: 200 })
      world.shake = turnsDown
      world.connection = () => ({ openedAt: 0, resumed: false })
    }
  })
  t.equal(result.outcome, 'breached')
  t.match(result.reasons[0], /^handshake >= 95% under the fault breached: 0% good \((\d+) of \1 bad\)/)
  t.match(result.objectives[1], { counts: 'handshakes', baseline: { verdict: 'held' }, recovery: { verdict: 'held' }, timeToRecover: { kind: 'recovered' } })
  t.match(result.tls, [{ at: 'bank', survival: { from: 'baseline', share: 1, words: /100% on connections opened before, for at least the 4s/ } }])
  t.match(result.tls[0]!.phases[1], { name: 'fault', handshakes: { counts: [{ result: 'alert:certificate_expired', version: 'TLSv1.3', resumed: false }] } })
})

test('with a load, handshakes are those that the proxy saw', async (t) => {
  const { result } = await play({
    document: { ...CERTIFICATE, load: DOCUMENT.load },
    rate: 20,
    prepare (world) {
      world.answer = () => ({ ms: 20, status: 200 })
      world.shake = turnsDown
    }
  })
  t.match(result.objectives, [
    { fault: { n: 400, bad: 0, verdict: 'held' } }, { counts: 'handshakes', fault: { verdict: 'breached' } }
  ])
  const { n, bad } = result.objectives[1]!.fault!
  t.ok(n === bad && Math.abs(n - 160) <= 1, `${bad} of ${n}`)
})

test('a tls fault elsewhere is witnessed there; a guardrail on handshakes ends the run', async (t) => {
  const { result } = await play({
    document: { ...CERTIFICATE, 'steady-state': { at: 'bank', objectives: ['success >= 95%'] }, guardrails: ['handshake >= 50%'], faults: [{ type: 'tls/expired', on: 'mail' }] },
    rate: 50,
    prepare (world) {
      world.answer = () => ({ ms: 20, status: 200 })
      world.shake = turnsDown
      world.connection = (at) => at === 'mail' ? { openedAt: 1e9, resumed: true } : undefined
    }
  })
  t.equal(result.outcome, 'aborted')
  t.match(result.reasons[0], /^guardrail handshake >= 50% is broken/)
  t.match(result.tls, [{ at: 'bank', survival: null }, { at: 'mail', survival: { share: 1, words: /100% on resumed sessions/ } }])
})

test('handshakes that never end are bad', async (t) => {
  const { result } = await play({
    document: { ...CERTIFICATE, faults: [{ type: 'tls/stall', on: 'bank' }] },
    rate: 50,
    prepare (world) {
      world.answer = () => ({ ms: 20, status: 200 })
      world.shake = (faults) => faults.length > 0 ? undefined : 'established'
    }
  })
  const { n, bad, verdict } = result.objectives[1]!.fault!
  t.equal(verdict, 'breached')
  t.ok(n === bad && n > 390, `${bad} of ${n}`)
  t.match(result.tls[0]!.phases[1]!.handshakes, { n, unfinished: n, counts: [] })
})

for (const hour of [-3_600_000, 3_600_000]) {
  test(`a wall clock that is set by ${hour} ms in the middle of the fault changes no length, lease or count`, async (t) => {
    const plain = await play({})
    const set = await play({
      prepare (_, { ports: { clock } }) {
        const { now, wall } = clock
        clock.wall = () => wall() + (now() < 8000 ? 0 : hour)
      }
    })
    const { startedAt, endedAt, ...rest } = set.result
    t.equal(Date.parse(endedAt) - Date.parse(startedAt), plain.result.took + hour, 'it was set')
    t.strictSame(rest, (({ startedAt: _, endedAt: __, ...same }) => same)(plain.result))
    t.strictSame(set.world.renewals, plain.world.renewals)
    t.strictSame(set.world.active(), [])
    const told = ({ run }: typeof set): unknown => run.journal.entries().map(({ elapsed, type }) => [elapsed, type])
    t.strictSame(told(set), told(plain))
  })
}

const SWITCHED = { ...DOCUMENT, compare: 'switchback', switchback: { pairs: 6, settle: '1s' }, phases: { ...DOCUMENT.phases, fault: '36s' } }

test('a switchback: stretches with the faults and without, each pair in an order of its own', async (t) => {
  const { result, world, run } = await play({ document: SWITCHED })
  t.equal(result.outcome, 'breached')
  t.match(result.comparison, { design: 'switchback', against: 'control', beforeAfter: [] })
  const slow = result.comparison!.deviations[1]!
  t.match(slow, { verdict: 'deviated', with: { bad: 300, n: 300 }, without: { bad: 0, n: 300 }, pairs: { k: 6, p: 1 / 64 }, conclusiveAfter: null })
  t.equal(world.applied.length, 5, 'applied anew for each stretch with it, but kept where two of them meet')
  t.strictSame(world.active(), [])
  t.match(result.faults, [{ landed: true, removed: true, counters: { injected: 900 } }], 'what it did in all of them, the settling included')
  t.strictSame(result.phases.map(({ name }) => name).sort(), ['baseline', 'control', 'fault', 'recovery', 'settling', 'warmup'])
  const order = run.events.filter(({ type, data }) => type === 'run.phase' && data.phase !== 'settling').map(({ data }) => data.phase)
  t.equal(order.length, 15)
  for (let i = 2; i < 14; i += 2) t.strictSame([order[i], order[i + 1]].sort(), ['control', 'fault'])
  t.not(new Set(order.slice(2, 14).filter((_, i) => i % 2 === 0)).size, 1, 'the order is drawn')
})

test('a switchback that is ended leaves nothing', async (t) => {
  const { result, world } = await play({ document: SWITCHED }, [[15_000, (run) => run.control.end('aborted', 'enough')]])
  t.match(result, { outcome: 'aborted', reasons: ['enough'] })
  t.strictSame(world.active(), [])
})

const SAMPLED = {
  ...DOCUMENT,
  'steady-state': { at: 'edge', objectives: ['login >= 80%', 'login p90 <= 300ms'], sources: { login: { http: 'http://a', every: '200ms', timeout: '1s' } } }
}

test('samples are judged by themselves: a user who cannot log in is a breach, whatever the traffic does', async (t) => {
  const { result, world } = await play({
    document: SAMPLED,
    prepare (world) {
      world.answer = () => ({ ms: 20, status: 200 })
      world.say = (_, faults) => faults.length > 0 ? 'bad' : 'good'
    }
  })
  t.match(result, { outcome: 'breached', sources: [{ name: 'login', type: 'http', what: 'GET http://a', every: 200 }] })
  t.match(result.objectives, [
    { objective: 'login >= 80%', counts: 'samples', baseline: { n: 20, bad: 0 }, fault: { verdict: 'breached', n: 40, bad: 40 }, recovery: { verdict: 'held' }, timeToRecover: { kind: 'recovered', ms: 0 } },
    { objective: 'login p90 <= 300ms', fault: { verdict: 'held', n: 40, bad: 0 } }
  ])
  t.match(result.phases.find(({ name }) => name === 'fault'), { n: 400, samples: { login: { n: 40, bad: 40 } } })
  t.match(world.sources, [{ stopped: true, closed: true }])
})

test('a probe that never ends is bad', async (t) => {
  const { result } = await play({ document: SAMPLED, prepare (world) { world.say = (_, faults) => faults.length > 0 ? null : 'good' } })
  t.match(result.objectives[0], { fault: { verdict: 'breached', n: 40, bad: 40 } })
})

test('without samples in the baseline nothing is broken', async (t) => {
  const { result, world } = await play({ document: SAMPLED, prepare (world) { world.say = () => 'missing' } })
  t.match(result, { outcome: 'inconclusive', reasons: [/^no sample of login came in the baseline \(no answer: 20\)/] })
  t.strictSame(world.applied, [])
})

test('a guardrail on samples ends the run', async (t) => {
  const { result } = await play({
    document: { ...SAMPLED, guardrails: ['login >= 50%'] }, prepare (world) { world.say = (_, faults) => faults.length > 0 ? 'bad' : 'good' }
  })
  t.match(result, { outcome: 'aborted', reasons: [/^guardrail login >= 50% is broken: 0% good/] })
})

test('a source that cannot be started fails the run before anything is broken, and leaves nothing behind', async (t) => {
  const { result, world } = await play({ document: SAMPLED, prepare (_, run) { run.ports.startSource = () => { throw new PremortemError('PMT_ERR_INVALID', { message: 'no token' }) } } })
  t.match(result, { outcome: 'failed', reasons: [/^no token/] })
  t.match([world.applied, world.loads], [[], [{ stopped: true, closed: true }]])
})

test('samples in a switchback: each counts in the stretch in which it began', async (t) => {
  const document = { ...SAMPLED, compare: 'switchback', switchback: { pairs: 5, settle: '1s' }, phases: { ...SAMPLED.phases, fault: '30s' } }
  const { result } = await play({ document, prepare (world) { world.say = (_, faults) => faults.length > 0 ? 'bad' : 'good' } })
  t.match(result.phases.filter(({ name }) => ['fault', 'control'].includes(name)).map(({ samples }) => samples!.login), [{ latency: null }, { latency: null }])
  const stretches = new Map(result.phases.map(({ name, samples }) => [name, samples!.login!]))
  t.match(['fault', 'control'].map((name) => stretches.get(name)), [{ n: 25, bad: 25 }, { n: 25, bad: 0 }])
  t.match(result.comparison!.deviations[0], { verdict: 'deviated', pairs: { k: 5 } })
})

test('afterwards the data plane is asked whether all is as it was', async (t) => {
  const { result } = await play(resilient)
  t.strictSame(result.restored, { faultsGone: true, heldByFaults: 0, recovered: true })
  const silent = await play({ document: PASSIVE })
  t.equal(silent.result.restored, null, 'nothing was injected')
})

test('what the faults hit and is not over, a fault that is still there, and no answer: not recovered', async (t) => {
  const stuck = await play({ prepare: (world) => { world.answer = () => ({ ms: 20, status: 200 }); world.held = 3 } })
  t.match(stuck.result, { outcome: 'not-recovered', exitCode: 7, restored: { faultsGone: true, heldByFaults: 3 }, reasons: [/^3 requests or connections that the faults hit had not ended/] })
  const back = await play({
    prepare (world, { ports }) {
      world.answer = () => ({ ms: 20, status: 200 })
      ports.plane = { ...world.plane, residue: async () => ({ active: true, held: 0 }) }
    }
  })
  t.match(back.result, { outcome: 'not-recovered', restored: { faultsGone: false }, reasons: [/still has a fault of this run/] })
  const mute = await play({
    prepare (world) {
      world.answer = () => ({ ms: 20, status: 200 })
      world.hooks.residue = () => { throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE') }
    }
  })
  t.match(mute.result, { outcome: 'not-recovered', restored: { faultsGone: null, heldByFaults: null }, reasons: [/could not be asked/] })
})

test('what ends a moment after the recovery is waited for', async (t) => {
  const { result } = await play({
    prepare (world, { ports: { clock } }) {
      world.answer = () => ({ ms: 20, status: 200 })
      world.held = 1
      world.hooks.residue = () => { if (clock.now() > 20_500) world.held = 0 }
    }
  })
  t.match(result, { outcome: 'held', restored: { heldByFaults: 0 } })
})

test('a rehearsal runs all the way, touches nothing, and says whom it would have hit', async (t) => {
  const { result, world } = await play({
    prepare (world, run) {
      world.answer = () => ({ ms: 20, status: 200 })
      run.experiment = rehearse(run.experiment)
    }
  })
  t.match(result, { outcome: 'rehearsed', exitCode: 0, restored: { faultsGone: true }, reasons: ['nothing was injected', /held/, /held/] })
  t.match(world.applied, [{ spec: { mode: 'shadow' } }])
  t.match(result.rehearsal, [{ on: 'payments', complete: true, connections: 1, routes: [{ route: 'GET /', n: 1, hit: 1 }] }])
  t.equal(result.rehearsal![0]!.hit, result.faults[0]!.counters!.injected)
  const broken = await play({ prepare: (_, run) => { run.experiment = rehearse(run.experiment) } })
  t.match(broken.result, { outcome: 'rehearsed', exitCode: 0, reasons: [/happened by itself/, /breached/] }, 'what breaks by itself is told')
  const missed = await play({
    prepare (world, run) {
      world.lands = false
      run.experiment = rehearse(run.experiment)
    }
  })
  t.match(missed.result, { outcome: 'fault-did-not-land', exitCode: 6 }, 'one that would hit nobody is no use')
  t.equal((await play(resilient)).result.rehearsal, null)
})
