import { test } from 'tap'
import { secondsOver } from '../../../src/experiment/limit/seconds.ts'
import { parseObjective } from '../../../src/measure/objective.ts'
import type { PhaseReading } from '../../../src/measure/watch.ts'

const [P95, SUCCESS] = ['p95 <= 300ms', 'success >= 99%'].map(parseObjective)

/** A phase with so many, and so many bad ones, in each second. */
function phase (...seconds: [n: number, bad: number][]): PhaseReading {
  const bins = seconds.map(([n, bad], second) => ({ second, n, of: [n], bad: [bad] })).filter(({ n }) => n > 0)
  return { bins } as unknown as PhaseReading
}

test('of a latency objective: once what is open is slower than the threshold, and then it is bad', async (t) => {
  // In the second second, five of ten are still open.
  const read = { ended: phase([10, 0], [5, 0]), all: phase([10, 0], [10, 5], [3, 3]) }
  t.strictSame(secondsOver(P95!, 0, read, 2000, 5000), [{ n: 10, bad: 0 }])
  t.strictSame(secondsOver(P95!, 0, read, 2299, 5000), [{ n: 10, bad: 0 }])
  t.strictSame(secondsOver(P95!, 0, read, 2300, 5000), [{ n: 10, bad: 0 }, { n: 10, bad: 5 }])
})

test('of a success objective: once all has ended, or is older than patience', async (t) => {
  const read = { ended: phase([10, 1], [5, 0], [7, 0]), all: phase([10, 1], [10, 5], [7, 0]) }
  t.strictSame(secondsOver(SUCCESS!, 0, read, 3000, 5000), [{ n: 10, bad: 1 }], 'what comes after an open second waits as well')
  t.strictSame(secondsOver(SUCCESS!, 0, read, 7000, 5000).slice(0, 3), [{ n: 10, bad: 1 }, { n: 10, bad: 5 }, { n: 7, bad: 0 }])
})

test('a second without anything is a second', async (t) => {
  const read = { ended: phase([4, 0], [0, 0], [4, 0]), all: phase([4, 0], [0, 0], [4, 0]) }
  t.strictSame(secondsOver(SUCCESS!, 0, read, 3000, 5000), [{ n: 4, bad: 0 }, { n: 0, bad: 0 }, { n: 4, bad: 0 }])
  t.strictSame(secondsOver(SUCCESS!, 0, read, 900, 5000), [])
})
