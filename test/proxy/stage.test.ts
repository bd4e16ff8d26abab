import { test } from 'tap'
import { emptyCounters } from '../../src/faults/plan.ts'
import { Stage } from '../../src/proxy/stage.ts'

test('a stage has a pacer of its own, or the one of its fault', async (t) => {
  const active = { counters: emptyCounters(), beganAt: 5 }
  const make = (): Stage => new Stage({}, active, 'downstream', 100)
  const [first, second] = [make(), make()]
  t.equal(first.beganAt, 5)
  t.equal(first.retired, false)
  t.equal(first.pacer(false), first.pacer(false))
  t.not(first.pacer(false), second.pacer(false))
  t.equal(make().pacer(true), make().pacer(true))
})
