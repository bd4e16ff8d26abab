import { test } from 'tap'
import { loadDocument } from '../../src/demo/experiments.ts'
import { KNOWN_LIMIT, LIMIT_PATIENCE, adaptSearch, limitStory, runLimitDemo } from '../../src/demo/limit.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import type { LimitResult } from '../../src/experiment/limit/result.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { breached } from '../report/results.ts'

const found = (held: number, high: number): LimitResult => ({
  fault: 0,
  on: 'payments',
  type: 'delay',
  parameter: 'delay',
  from: 0,
  to: 2000,
  held,
  breached: high,
  estimate: (held + high) / 2,
  shown: { held: `${held}ms`, breached: `${high}ms`, estimate: `${(held + high) / 2}ms`, atLeast: null },
  atLeast: null,
  confidence: 0.9,
  complete: true,
  verdict: 'held',
  levels: [],
  words: []
})

test('the known limit: the slowest twentieth of answers just misses the patience of the edge', async (t) => {
  t.equal(KNOWN_LIMIT, LIMIT_PATIENCE - 20 - 3.6)
})

test('the sample at the demo\'s pace takes less than three minutes', async (t) => {
  const { limit, phases, load, objectives } = decodeExperiment(adaptSearch(await loadDocument('limit-payments.yaml'), '127.0.0.1:80'))
  t.match(limit, { parameter: 'delay', from: 0, to: 2000 })
  t.ok(limit!.to > KNOWN_LIMIT)
  t.ok(Object.values(phases).reduce((sum, length) => sum + length, 0) < 180_000)
  t.equal(load!.url, 'http://127.0.0.1:80/checkout')
  const within = objectives.every(({ threshold }) => threshold > LIMIT_PATIENCE && threshold < 2 * LIMIT_PATIENCE)
  t.ok(within, 'giving up once is allowed, starting over is not')
})

test('known and found stand beside each other, and agree within a tenth', async (t) => {
  const near = limitStory({ ...breached(), limit: found(750, 790) }, PLAIN)
  t.ok(near.asExpected)
  t.match(near.text, /known {2}776ms\n {2}found {2}770ms, between 750ms and 790ms \(-0\.8%\)/)
  const far = limitStory({ ...breached(), limit: found(500, 600) }, PLAIN)
  t.notOk(far.asExpected)
  t.match(far.text, /\(-29\.2%\)[^]*did not find what it should have/)
  const none = { ...found(500, 600), estimate: null, shown: { ...found(1, 1).shown, estimate: null } }
  t.notOk(limitStory({ ...breached(), limit: none }, PLAIN).asExpected)
  t.match(limitStory({ ...breached(), limit: null }, PLAIN).text, /found {2}nothing/)
})

test('Ctrl-C before it begins', async (t) => {
  let text = ''
  const signal = AbortSignal.abort('interrupted by SIGINT')
  const out = (words: string): void => { text += words }
  t.equal(await runLimitDemo({ quick: false, out, color: false, dataFolder: t.testdir(), signal }), 130)
  t.match(text.replace(/\s+/g, ' '), 'the limit is known: 776ms')
})
