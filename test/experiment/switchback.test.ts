import { test } from 'tap'
import { joinStretches, pairDifferences } from '../../src/experiment/switchback.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { EMPTY } from './world.ts'

const stretch = (name: string, startedAt: number, n: number, bad: number): PhaseReading => ({
  ...EMPTY, name, startedAt, endedAt: startedAt + 2000, n, of: [n], bad: [bad], bins: [{ second: 1, n, of: [n], bad: [bad] }],
  statuses: { 200: n }, spread: [[5, n]]
})

const phases = [
  stretch('fault', 0, 10, 5), stretch('settling', 2000, 3, 1), stretch('control', 4000, 10, 1), stretch('control', 6000, 20, 0),
  stretch('fault', 8000, 20, 4)
]
const reading = { objectives: ['success >= 99%'], phases }

test('stretches of a kind are one phase, one after the other', async (t) => {
  const { phases } = joinStretches(reading)
  t.strictSame(phases.map(({ name }) => name), ['fault', 'settling', 'control'])
  t.match(phases[0], {
    n: 30, of: [30], bad: [9], startedAt: 0, endedAt: 4000, bins: [{ second: 1, n: 10 }, { second: 3, n: 20 }],
    statuses: { 200: 30 }, spread: [[5, 30]], latency: { p50: 5 }
  })
  t.equal(phases[1], reading.phases[1], 'one alone stays as it is')
})

test('pairs are what stood beside each other', async (t) => {
  t.strictSame(pairDifferences(reading, 0), [0.5 - 0.1, 0.2])
  t.strictSame(pairDifferences({ ...reading, phases: reading.phases.slice(0, 3) }, 0), [0.4])
  t.strictSame(pairDifferences({ ...reading, phases: [stretch('fault', 0, 10, 5), stretch('control', 0, 0, 0)] }, 0), [], 'nothing was counted in one')
})
