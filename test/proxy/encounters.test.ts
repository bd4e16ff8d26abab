import { test } from 'tap'
import { ActiveFault, Plan } from '../../src/faults/plan.ts'
import type { StreamAction, StreamBehaviour } from '../../src/faults/fault.ts'
import { Decisions } from '../../src/proxy/decisions.ts'
import { Encounters } from '../../src/proxy/encounters.ts'
import type { Meeting } from '../../src/proxy/encounters.ts'
import { Stage } from '../../src/proxy/stage.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { customHttp, customStream } from '../helpers/custom.ts'

/** A connection that writes down what faults do to it. */
function setUp () {
  const clock = createVirtualClock(1000)
  const said: string[] = []
  let plan = Plan.EMPTY
  const decisions = new Decisions()
  const meeting = {
    id: 7,
    clock,
    get plan () { return plan },
    decisions,
    address: '10.0.0.1',
    node: 'a',
    openedAt: 1000,
    over: false,
    drain: () => { said.push('drain') },
    resetByFault: () => { said.push('reset') },
    closeByFault: () => { said.push('close') },
    abandon: (keep: string) => { said.push(`keep ${keep}`) },
    stage: (active, behaviour, direction) => new Stage(behaviour, active, direction, clock.now())
  } satisfies Meeting
  const encounters = new Encounters(meeting)
  const set = (...faults: ActiveFault[]): void => { plan = new Plan(plan.revision + 1, faults) }
  return { clock, said, decisions, encounters, set }
}

let ids = 0
const stream = (behaviour: StreamBehaviour, envelope = {}, direction?: 'upstream' | 'both'): ActiveFault =>
  new ActiveFault(`s${++ids}`, customStream(() => behaviour, direction, envelope), 1)

const opening = (action: StreamAction): StreamBehaviour => ({ open: () => action })

test('a fault is met once, put to work in its direction, and let go at the end', async (t) => {
  const { encounters, set, decisions } = setUp()
  const [down, up, both] = [stream({}), stream({}, {}, 'upstream'), stream({}, {}, 'both')]
  set(down, up, both)
  encounters.meet(true)
  encounters.meet(false)
  t.same(encounters.ids, [down.id, up.id, both.id])
  t.same([encounters.up.length, encounters.down.length], [2, 2])
  t.match(down.counters, { eligible: 1, injected: 1, active: 1 })
  t.match(decisions.list(), [{ connection: 7, exchange: 0, revision: 1, met: [{ fault: down.id, decision: { n: 1, verdict: 'hit' } }, {}, {}] }])
  encounters.leave()
  t.equal(down.counters.active, 0)
})

test('another node\'s fault is none of its business, and that is written down', async (t) => {
  const { encounters, set, decisions } = setUp()
  const other = stream({}, { node: 'b' })
  set(other)
  encounters.meet(true)
  t.equal(other.counters.eligible, 0)
  t.same(encounters.ids, [])
  t.match(decisions.list(), [{ met: [{ decision: { verdict: 'node' } }] }])
})

test('what the opening and the dial wait for', async (t) => {
  const { encounters, set } = setUp()
  const [accept, dial] = [stream(opening({ do: 'delay', ms: 30 })), stream({ dial: () => ({ do: 'delay', ms: 20 }) })]
  set(accept, dial)
  encounters.meet(true)
  t.same(encounters.openings, [{ active: accept, ms: 30 }])
  t.same(encounters.dials(), [{ active: dial, ms: 20 }])
})

test('what opening may end in, at once or after a time', async (t) => {
  for (const [action, end] of [
    [{ do: 'reset', ms: 5 }, 'reset'], [{ do: 'hold', ms: 5 }, 'reset'], [{ do: 'close', ms: 5 }, 'close'],
    [{ do: 'drop', ms: 5 }, 'close'], [{ do: 'abandon', keep: 'node', ms: 5 }, 'keep node']
  ] as const) {
    const { encounters, set, said, clock } = setUp()
    const fault = stream(opening(action))
    set(fault)
    encounters.meet(true)
    t.same(said, [])
    await clock.advance(5)
    t.same(said, [end])
    t.same(encounters.ids, [fault.id], 'it is to blame')
    const now = setUp()
    now.set(stream(opening({ ...action, ms: 0 })))
    now.encounters.meet(true)
    t.same(now.said, [end])
  }
})

test('a drop counts from the last one, a reset from the first', async (t) => {
  const { encounters, set, said, clock } = setUp()
  set(stream({}), stream({}))
  encounters.meet(true)
  const [first, second] = encounters.down
  for (let i = 0; i < 3; i++) {
    encounters.end(first!, { do: 'drop', ms: 10 })
    encounters.end(second!, { do: 'reset', ms: 25 })
    await clock.advance(8)
  }
  t.same(said, [])
  await clock.advance(1)
  t.same(said, ['reset'])
  await clock.advance(1)
  t.same(said, ['reset', 'close'])
})

test('a fault that goes has a last word; one that is replaced has none, unless the new one spares the connection', async (t) => {
  for (const [last, end] of [['close', ['close']], ['reset', ['reset']], ['delay', []]] as const) {
    const { encounters, set, said } = setUp()
    const behaviour: StreamBehaviour = { gone: () => ({ do: last, ms: 0 }) }
    const before = new ActiveFault('f', customStream(() => behaviour), 1)
    set(before)
    encounters.meet(true)
    set(new ActiveFault('f', customStream(() => behaviour), 1, before.counters))
    encounters.meet(false)
    t.same(said, [])
    set(new ActiveFault('f', customStream(() => behaviour, 'downstream', { share: 0 }), 1, before.counters))
    encounters.meet(false)
    t.same(said, end)
    t.equal(before.counters.active, 0)
  }
})

test('a timer goes with its fault', async (t) => {
  const { encounters, set, clock, said } = setUp()
  set(stream(opening({ do: 'reset', ms: 5 })))
  encounters.meet(true)
  set()
  encounters.meet(false)
  await clock.advance(10)
  t.same([said, clock.pending()], [[], 0])
})

test('existing: what was open before is affected, reset, drained or ignored, and counted', async (t) => {
  for (const existing of ['affect', 'reset', 'drain', 'ignore'] as const) {
    const { encounters, set, said } = setUp()
    const [one, http] = [stream({}, { existing }), new ActiveFault('h', customHttp({}, { existing }), 1)]
    set(one, http)
    encounters.meet(false)
    const wanted = { affect: 0, reset: 0, drain: 0, ignore: 0, [existing]: 1 }
    for (const { counters } of [one, http]) t.same(counters.existing, wanted)
    t.same(said, existing === 'reset' || existing === 'drain' ? [existing, existing] : [])
    t.equal(encounters.spares(http), existing === 'ignore')
    t.same(encounters.down.length, existing === 'affect' ? 1 : 0)
    t.equal(http.counters.eligible, 0, 'requests are what it counts')
  }
})

test('how old the connection is when a fault begins', async (t) => {
  const { encounters, set, clock } = setUp()
  const ages: number[] = []
  await clock.advance(400)
  set(stream({ open: (age) => { ages.push(age); return { do: 'pass' } } }))
  encounters.meet(false)
  t.same(ages, [400])
})
