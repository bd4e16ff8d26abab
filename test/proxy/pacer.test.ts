import { test } from 'tap'
import { emptyCounters } from '../../src/faults/plan.ts'
import { Pacer, sharedPacer } from '../../src/proxy/pacer.ts'

test('bytes may leave when the rate allows, counted from when those before were due', async (t) => {
  const pacer = new Pacer(1000)
  t.equal(pacer.reserve(100, 1000, 0), 1100)
  t.equal(pacer.reserve(100, 1000, 0), 1200)
  t.equal(pacer.reserve(50, 1000, 1150), 1250, 'ready before: no time is lost')
  t.equal(pacer.reserve(50, 1000, 5000), 5050, 'ready later: the time between cannot be saved up')
})

test('all connections of a fault share a pacer, one for each direction', async (t) => {
  const [a, b] = [emptyCounters(), emptyCounters()]
  t.equal(sharedPacer(a, 'upstream', 0), sharedPacer(a, 'upstream', 99))
  t.not(sharedPacer(a, 'upstream', 0), sharedPacer(a, 'downstream', 0))
  t.not(sharedPacer(a, 'upstream', 0), sharedPacer(b, 'upstream', 0))
})
