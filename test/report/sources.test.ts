import { test } from 'tap'
import { sourceLines } from '../../src/report/sources.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { EMPTY } from '../experiment/world.ts'

const phase = (name: string, login: object) => ({
  name, startedAt: 0, endedAt: 1, n: 0, of: [], bad: [], bins: [], ...EMPTY,
  samples: { login: { n: 0, bad: 0, answers: 0, missing: 0, unfinished: 0, why: {}, latency: null, ...login } }
})
const latency = { p50: 12, p90: 20, p95: 30, p99: 40, max: 50 }

test('what each source was asked, and what it said in each phase', async (t) => {
  const sources = [{ name: 'login', type: 'http' as const, what: 'GET http://a/\u001b[31m', every: 1000 }]
  const phases = [
    phase('baseline', { n: 30, answers: 30, latency }), phase('injecting', { n: 1, answers: 1 }),
    phase('fault', { n: 20, bad: 8, answers: 20, missing: 2, why: { 'status 503': 8, timeout: 2 } }), phase('recovery', {})
  ]
  t.strictSame(sourceLines({ sources, phases }, { ...PLAIN, width: 80 }), [
    '  login: GET http://a/, every 1s',
    '    baseline: 30 of 30 good; p50 12ms, p95 30ms',
    '    fault: 12 of 20 good; 2 missing (status 503: 8, timeout: 2)'
  ])
  t.strictSame(sourceLines({ sources: [], phases }, PLAIN), [])
})
