import { test } from 'tap'
import { Injection } from '../../src/experiment/injection.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { DOCUMENT, createContext, createWorld } from './world.ts'

const TWO = { ...DOCUMENT, faults: [{ type: 'delay', on: 'payments', delay: '500ms', ttl: 'never' }, { type: 'refuse', on: 'payments', node: 'payments-1', id: 'lost' }] }

function setUp (document: object = TWO) {
  const clock = createVirtualClock()
  const world = createWorld(clock)
  const context = createContext(clock, world, document)
  return { clock, world, context, injection: new Injection(context) }
}

test('faults are named by the run, leased, and carry neither `on` nor `ttl`', async (t) => {
  const { world, injection, context } = setUp()
  await injection.apply(30_000)
  t.match(world.applied, [{ on: 'payments', id: 'run-1.0', ttl: 10_000 }, { on: 'payments', id: 'lost', ttl: 10_000 }])
  t.strictSame(world.applied[0]!.spec, { type: 'delay', delay: '500ms', id: 'run-1.0' })
  t.match(context.events, [{ type: 'run.fault', data: { action: 'applied', on: 'payments', id: 'run-1.0', revision: 1 } }, { data: { id: 'lost' } }])
})

test('a short phase has a short lease', async (t) => {
  const { world, injection } = setUp()
  await injection.apply(3000)
  t.equal(world.applied[0]!.ttl, 5000)
})

test('leases are renewed every three seconds, whatever the calls', async (t) => {
  const { clock, world, injection } = setUp(DOCUMENT)
  await injection.apply(30_000)
  for (let second = 1; second <= 7; second++) {
    await clock.advance(1000)
    await injection.renew(30_000 - second * 1000)
  }
  t.strictSame(world.renewals, [3000, 6000])
})

test('a renewal that fails once is tried again a second later', async (t) => {
  const { clock, world, injection, context } = setUp(DOCUMENT)
  await injection.apply(30_000)
  await clock.advance(3000)
  world.hooks.renew = () => { throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE') }
  await injection.renew(27_000)
  world.hooks = {}
  await clock.advance(1000)
  await injection.renew(26_000)
  t.strictSame(world.renewals, [4000])
  t.notOk(context.control.ended)
})

test('what the data plane refused is not ours to remove; what it may have applied is', async (t) => {
  for (const [code, removed] of [['PMT_ERR_FAULT_EXISTS', ['run-1.0']], ['PMT_ERR_SIDECAR_UNREACHABLE', ['run-1.0', 'lost']]] as const) {
    const { world, injection } = setUp()
    const found: string[] = []
    world.hooks = {
      apply: ({ id }) => { if (id === 'lost') throw new PremortemError(code) },
      remove: ({ id }) => { found.push(id) }
    }
    await t.rejects(injection.apply(8000), { code })
    await injection.remove()
    t.strictSame(found, removed)
    t.match(injection.results(), code === 'PMT_ERR_FAULT_EXISTS' ? [{ id: 'run-1.0', removed: true }, { id: null, removed: true }] : [{ removed: true }, { id: 'lost', removed: true }])
  }
})

test('removal never gives up before ten seconds, and says what is left', async (t) => {
  const { clock, world, injection, context } = setUp()
  await injection.apply(8000)
  world.hooks.remove = ({ id }) => { if (id === 'lost') throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE') }
  let doneAt = -1
  void injection.remove().then(() => { doneAt = clock.now() })
  await clock.advance(9000)
  t.equal(doneAt, -1)
  await clock.advance(2000)
  t.equal(doneAt, 9750)
  t.match(context.control.endings, [{ outcome: 'not-recovered', reason: /^removal not confirmed: lost on payments;/ }])
  t.strictSame(context.events.slice(2).map(({ data }) => [data.action, data.id]), [['removed', 'run-1.0'], ['not-removed', 'lost']])
})

test('removing twice, or nothing, asks for nothing', async (t) => {
  const { world, injection, context } = setUp()
  await injection.remove()
  await injection.apply(8000)
  await injection.remove()
  world.hooks.remove = () => { t.fail('it is gone') }
  await injection.remove()
  t.notOk(context.control.ended)
})

test('a fault landed if it hit something, and otherwise it is said why not', async (t) => {
  const { world, injection } = setUp()
  await injection.apply(8000)
  t.match(injection.missed(), [/^the fault run-1.0 \(delay on payments\) did not land: its counters could not be read/, /lost/])
  await injection.count()
  t.match(injection.missed(), [/did not land: no request fitted it/, /^the fault lost \(refuse on payments\) did not land: no connection fitted it/])
  Object.assign(world.applied[0]!.counters, { eligible: 12, skipped: 12 })
  await injection.count()
  t.match(injection.missed()[0], /12 fitted it, and all were spared by its share of 100%/)
  world.applied[0]!.counters.injected = 1
  world.applied[1]!.counters.existing.reset = 3
  await injection.count()
  t.strictSame(injection.missed(), [])
  t.match(injection.results(), [{ landed: true, counters: { eligible: 12, injected: 1 } }, { landed: true }])
})

test('counters that cannot be read again stay as they were', async (t) => {
  const { world, injection, context } = setUp(DOCUMENT)
  await injection.apply(8000)
  world.applied[0]!.counters.injected = 5
  await injection.count()
  context.ports.plane = { ...world.plane, figures: async () => { throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE') } }
  await injection.count()
  t.match(injection.results(), [{ counters: { injected: 5 } }])
})

test('a fault changes where it is, and its result says so', async (t) => {
  const { world, injection, context } = setUp()
  await injection.change(0, { delay: 1 })
  t.strictSame(context.events, [], 'there is nothing to change yet')
  await injection.apply(30_000)
  await injection.change(0, { delay: 700 })
  t.equal(world.active()[0]!.spec.delay, 700)
  t.match(context.events.at(-1), { type: 'run.fault', data: { action: 'changed', id: 'run-1.0', patch: { delay: 700 } } })
  world.applied[0]!.counters.injected = 12
  await injection.count()
  t.equal(injection.hits(0), 12)
  t.match(injection.results(), [{ fault: { delay: 700 } }, { fault: { type: 'refuse' } }])
  world.hooks.change = () => { throw new Error('no route') }
  await t.rejects(injection.change(0, { delay: 5 }), { message: 'no route' })
  t.match(injection.results(), [{ fault: { delay: 700 } }, {}])
})

test('to change a fault that is gone ends the run', async (t) => {
  const { injection, context, world } = setUp()
  await injection.apply(30_000)
  await world.plane.remove({ on: 'payments', id: 'run-1.0', revision: 1 })
  await injection.change(0, { delay: 5 })
  t.match(context.control.endings, [{ outcome: 'aborted', reason: /run-1\.0 on payments went away/ }])
})
