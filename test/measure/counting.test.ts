import { test } from 'tap'
import { Counting } from '../../src/measure/counting.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import { handshake, observation } from '../helpers/observation.ts'

const objectives = ['success >= 99%', 'p95 <= 300ms', 'handshake >= 99%'].map(parseObjective)

test('counts by the second of the start, each objective its own', async (t) => {
  const counting = new Counting(objectives, 1000)
  counting.add(observation(1000, { ms: 400 }))
  counting.add(observation(2500, { status: 503 }))
  counting.add(handshake(2600, 'reset'))
  const reading = counting.read([], [], false)
  t.match(reading, { n: 2, unfinished: 0, of: [2, 2, 1], bad: [1, 1, 1] })
  t.strictSame(reading.bins, [
    { second: 0, n: 1, of: [1, 1, 0], bad: [0, 1, 0] }, { second: 1, n: 1, of: [1, 1, 1], bad: [1, 0, 1] }
  ])
  t.equal(reading.spread, undefined, 'while more are waited for')
})

test('what is open is bad, in the reading only; handshakes are no requests', async (t) => {
  const counting = new Counting(objectives, 0)
  t.match(counting.read([5, 1005], [10], true), {
    n: 2, unfinished: 2, of: [2, 2, 1], bad: [2, 2, 1], bins: [{ second: 0 }, { second: 1 }], spread: []
  })
  t.match(counting.read([], [], true), { n: 0, of: [0, 0, 0], bins: [] })
})
