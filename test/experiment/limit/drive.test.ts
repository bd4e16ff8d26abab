import { test } from 'tap'
import { planExperiment } from '../../../src/experiment/plan.ts'
import type { RunResult } from '../../../src/experiment/result.ts'
import { runExperiment } from '../../../src/experiment/run.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { DOCUMENT, createContext, createWorld } from '../world.ts'
import type { ActiveFake, Answer, World } from '../world.ts'

const SEARCH = {
  ...DOCUMENT,
  load: { ...DOCUMENT.load, rate: '100/s' },
  phases: { warmup: 0, baseline: '10s', fault: '4m', recovery: '5s' },
  faults: [{ type: 'delay', on: 'payments' }],
  limit: { parameter: 'delay', from: 0, to: '2s' }
}

const delayOf = ([fault]: ActiveFake[]): number => Number(fault?.spec.delay ?? 0)

/** A service that passes delays on: p95 <= 300ms breaks beyond 280 ms. */
const passesOn = (faults: ActiveFake[]): Answer => ({ ms: 20 + delayOf(faults), status: 200 })

interface Setting {
  limit?: object
  document?: object
  answer?: (faults: ActiveFake[], now: number) => Answer
  prepare?: (world: World) => void
  /** Called each second. */
  then?: (run: ReturnType<typeof createContext>, now: number) => void
}

async function search ({ limit = {}, document = {}, answer = passesOn, prepare = () => {}, then = () => {} }: Setting = {}) {
  const clock = createVirtualClock(1000)
  const world = createWorld(clock)
  world.answer = (faults) => answer(faults, clock.now())
  const run = createContext(clock, world, { ...SEARCH, ...document, limit: { ...SEARCH.limit, ...limit } })
  prepare(world)
  const plan = await planExperiment(run.experiment, world.plane)
  const done: { result?: RunResult } = {}
  void runExperiment(run, plan).then((found) => { done.result = found })
  for (let i = 0; i < 400 && done.result === undefined; i++) {
    await clock.advance(1000)
    then(run, clock.now())
  }
  const result = done.result!
  return { result, limit: result.limit!, run, world }
}

test('it finds where the objective breaks, changes the fault in place, and cleans up', async (t) => {
  const { result, limit, run, world } = await search()
  t.match(result, { outcome: 'held', exitCode: 0, comparison: null, objectives: [{ baseline: { verdict: 'held' }, fault: null, recovery: { verdict: 'held' } }, {}] })
  t.ok(limit.held! <= 280 && limit.breached! > 280 && limit.breached! - limit.held! < 0.06 * 280, `${limit.held} ${limit.breached}`)
  t.match(limit, { complete: true, verdict: 'held', parameter: 'delay', on: 'payments', atLeast: null, confidence: 0.9 })
  t.match(result.reasons[0], /^edge holds its objectives up to 27\dms of delay at payments, and breaches at 28\dms$/)
  t.match(result.reasons[1], /p95 <= 300ms \(0% good/)
  t.equal(limit.levels.at(-1)!.purpose, 'check')
  t.ok(limit.levels.every(({ value, verdict }) => verdict === (value <= 280 ? 'held' : 'breached')))
  t.ok(limit.levels.every(({ hits, rate, sameTraffic }) => hits > 0 && rate === 100 && sameTraffic))
  t.equal(world.applied.length, 1, 'one fault from the first level to the last')
  t.strictSame(world.active(), [])
  t.match(result.faults, [{ removed: true, landed: true }])
  t.equal(run.events.filter(({ type }) => type === 'run.level').length, limit.levels.length)
  t.strictSame(run.journal.entries().filter(({ type }) => type === 'run.level').map(({ data }) => data.value), limit.levels.map(({ value }) => value))
  t.ok(Date.parse(result.endedAt) - Date.parse(result.startedAt) < 120_000, 'in less than two minutes')
})

test('at-least is tried first, and decides', async (t) => {
  const enough = await search({ limit: { 'at-least': '200ms' } })
  t.equal(enough.limit.levels[0]!.value, 200)
  t.match(enough.result, { outcome: 'held', exitCode: 0 })
  const tooMuch = await search({ limit: { 'at-least': '300ms' } })
  t.match(tooMuch.result, { outcome: 'breached', exitCode: 1, limit: { verdict: 'breached', shown: { atLeast: '300ms' } } })
  t.ok(tooMuch.limit.held! <= 280 && tooMuch.limit.breached! > 280, 'the limit is told all the same')
})

test('what never breaks and what breaks at once', async (t) => {
  const never = await search({ answer: () => ({ ms: 20, status: 200 }) })
  t.match(never.result, { outcome: 'held', limit: { held: 2000, breached: null, estimate: null } })
  t.match(never.result.reasons[0], /up to 2s of delay at payments, the harshest/)
  const atOnce = await search({ answer: (faults) => ({ ms: delayOf(faults) > 0 ? 400 : 20, status: 200 }) })
  t.match(atOnce.result, { outcome: 'breached', exitCode: 1, limit: { held: null, breached: 1.96 } })
})

test('a level right on the line stays undecided and widens the interval', async (t) => {
  // Around 300 ms, every twentieth answer or so is late.
  let n = 0
  const { limit, result } = await search({
    answer: (faults) => {
      const delay = delayOf(faults)
      return { ms: delay < 260 ? 20 : delay > 340 || n++ % 20 === 0 ? 400 : 20, status: 200 }
    }
  })
  t.ok(limit.levels.some(({ verdict, why }) => verdict === 'inconclusive' && why !== null))
  t.ok(limit.held! < 300 && limit.breached! >= 340, `${limit.held} ${limit.breached}`)
  t.ok(result.reasons.some((reason) => /stayed undecided/.test(reason)))
})

test('levels that a while of trouble left undecided are tried again', async (t) => {
  let first = Infinity
  let n = 0
  const { limit } = await search({
    answer (faults, now) {
      const delay = delayOf(faults)
      const near = delay > 255 && delay <= 280
      if (near) first = Math.min(first, now)
      // For a while, every twentieth answer is late there.
      return { ms: near && now < first + 75_000 && n++ % 20 === 0 ? 400 : 20 + delay, status: 200 }
    }
  })
  const undecided = limit.levels.filter(({ verdict }) => verdict === 'inconclusive').map(({ value }) => value)
  t.ok(undecided.length > 0)
  const again = limit.levels.filter(({ value, verdict }) => undecided.includes(value) && verdict === 'held')
  t.ok(again.length > 0, JSON.stringify(limit.levels.map(({ value, verdict }) => [value, verdict])))
  t.ok(limit.complete && limit.held! > 255 && limit.breached! > 280 && limit.breached! - limit.held! < 0.06 * 280, `${limit.held} ${limit.breached}`)
  t.notOk(limit.words.some((words) => /undecided/.test(words)))
})

test('when the time is up it says how far it came', async (t) => {
  const { result, limit } = await search({ document: { phases: { ...SEARCH.phases, fault: '33s' } } })
  t.match(result, { outcome: 'inconclusive', exitCode: 3, limit: { complete: false } })
  t.ok(limit.held! > 0 && limit.breached! > limit.held!)
  t.ok(result.reasons.some((reason) => /the time was up/.test(reason)))
  t.strictSame(limit.levels.filter(({ purpose }) => purpose === 'check'), [])
})

test('what is broken gets its time to come back before the next level; if it does not, the search ends', async (t) => {
  let brokenUntil = 0
  const sticky = (stays: number) => (faults: ActiveFake[], now: number): Answer => {
    if (delayOf(faults) > 280) brokenUntil = now + stays
    return { ms: now < brokenUntil ? 500 : 20, status: 200 }
  }
  const slow = await search({ answer: sticky(6000) })
  t.ok(slow.limit.held! <= 280 && slow.limit.breached! > 280, 'levels are not judged for the one before')
  brokenUntil = 0
  const never = await search({ answer: sticky(3_600_000) })
  t.match(never.result, { outcome: 'not-recovered', exitCode: 7, limit: { complete: false } })
  t.ok(never.result.reasons.some((reason) => /did not come back within 30s/.test(reason)))
})

test('a level that holds beyond one that broke is told loudly', async (t) => {
  // Beyond 400 ms a timeout and a fallback take over.
  const { result } = await search({
    answer: (faults) => ({ ms: delayOf(faults) > 700 ? 100 : 20 + delayOf(faults), status: 200 })
  })
  t.ok(result.notes.some((note) => /^NOT MONOTONE: it held at delay=1s/.test(note)), result.notes.join())
  t.equal(result.outcome, 'held')
})

test('a level at which the fault hits nothing is no level that holds', async (t) => {
  const { limit } = await search({
    answer: () => ({ ms: 20, status: 200 }),
    prepare (world) {
      const { figures } = world.plane
      // A breaker of the service stops asking payments.
      let asked = 0
      world.plane.figures = async (fault) => {
        const { counters, delays } = await figures(fault)
        return { counters: ++asked > 2 ? { ...counters, injected: 700 } : counters, delays }
      }
    }
  })
  t.ok(limit.levels.some(({ verdict, why }) => verdict === 'inconclusive' && why === 'the fault hit nothing there'))
})

test('guardrails, an interruption and a fault that is taken away end it, with what it knew', async (t) => {
  const guarded = await search({
    answer: (faults) => ({ ms: 20, status: delayOf(faults) > 280 ? 500 : 200 }),
    document: { guardrails: ['success >= 90%'], 'steady-state': { at: 'edge', objectives: ['success >= 95%'] } }
  })
  t.match(guarded.result, { outcome: 'aborted', exitCode: 4, limit: { held: 250 } })
  t.strictSame(guarded.world.active(), [])
  const stopped = await search({ then: (run, now) => { if (now === 31_000) run.control.end('interrupted', 'SIGINT') } })
  t.match(stopped.result, { outcome: 'interrupted', exitCode: 130, limit: { complete: false } })
  t.ok(stopped.limit.held! > 0)
  const taken = await search({
    prepare (world) {
      world.hooks.change = (fault) => { if (world.active()[0]?.spec.delay === 250) void world.plane.remove(fault) }
    }
  })
  t.match(taken.result, { outcome: 'aborted', exitCode: 4 })
  t.match(taken.result.reasons[0], /went away/)
})

test('answers that never come are bad once they are older than the threshold', async (t) => {
  const { limit } = await search({
    answer: (faults) => delayOf(faults) > 280 ? null : { ms: 20, status: 200 },
    document: { 'steady-state': { at: 'edge', objectives: ['p95 <= 300ms'] } }
  })
  t.ok(limit.held! <= 280 && limit.breached! > 280, `${limit.held} ${limit.breached}`)
})

test('without a load, another rate than in the baseline puts what holds in doubt', async (t) => {
  const { load: _, ...passive } = SEARCH
  const { result, limit } = await search({
    document: { ...passive, load: undefined },
    answer: () => ({ ms: 20, status: 200 }),
    prepare (world) {
      world.rate = 100
      world.hooks.change = () => { world.rate = 50 }
    }
  })
  t.match(result, { outcome: 'inconclusive', exitCode: 3 })
  t.ok(limit.levels.every(({ sameTraffic, verdict }) => !sameTraffic && verdict === 'held'))
  t.ok(result.reasons.some((reason) => /^traffic changed/.test(reason)))
})
