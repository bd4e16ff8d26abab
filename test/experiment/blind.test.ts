import { test } from 'tap'
import { blindSources, missingWords, reasonsOf } from '../../src/experiment/blind.ts'
import { parseObjectiveOn } from '../../src/measure/objective.ts'
import { EMPTY } from './world.ts'

const READING = { n: 8, bad: 0, answers: 8, missing: 2, unfinished: 0, why: { timeout: 2 }, latency: null }

const reading = (missing: number) => ({
  objectives: [],
  phases: ['baseline', 'fault'].map((name) => ({
    name, startedAt: 0, endedAt: 10, n: 0, of: [], bad: [], bins: [], ...EMPTY, samples: { errors: { ...READING, missing: name === 'fault' ? missing : 50 }, other: { ...READING, missing: 99 } }
  }))
})

test('a source with more than a fifth of its samples missing under the fault was blind', async (t) => {
  const experiment = { objectives: ['success >= 99%', 'errors >= 99%', 'errors >= 90%'].map((text) => parseObjectiveOn(text, ['errors'])) }
  t.strictSame([...blindSources(experiment, reading(2))], [])
  t.strictSame([...blindSources(experiment, reading(3))], [
    ['errors', 'errors was blind under the fault: 3 of 11 samples (27.273%) are missing (timeout: 2). What was not seen may have been bad']
  ])
  t.strictSame([...blindSources(experiment, { objectives: [], phases: [] })], [])
})

test('in words', async (t) => {
  t.equal(missingWords(READING), '2 of 10 samples (20%) are missing (timeout: 2)')
  t.equal(reasonsOf({}), '')
  t.equal(reasonsOf({ a: 1, b: 3 }), ' (b: 3, a: 1)')
})
