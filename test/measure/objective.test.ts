import fc from 'fast-check'
import { test } from 'tap'
import { counts, isBad, parseObjective, subjectOf } from '../../src/measure/objective.ts'
import type { Outcome } from '../../src/measure/observation.ts'
import { handshake, observation } from '../helpers/observation.ts'

test('what is understood, and how it reads afterwards', async (t) => {
  const table: [string, string, 'success' | 'latency' | 'handshake', number, number][] = [
    ['success >= 99.9%', 'success >= 99.9%', 'success', 0.999, Infinity],
    ['success>=99.90%', 'success >= 99.9%', 'success', 0.999, Infinity],
    ['  success > 50% ', 'success >= 50%', 'success', 0.5, Infinity],
    ['success >= 99.99999%', 'success >= 99.99999%', 'success', 0.9999999, Infinity],
    ['handshake>=99.0%', 'handshake >= 99%', 'handshake', 0.99, Infinity],
    ['p95 <= 300ms', 'p95 <= 300ms', 'latency', 0.95, 300],
    ['p(95)<300ms', 'p95 <= 300ms', 'latency', 0.95, 300],
    ['p99.9<=1.5s', 'p99.9 <= 1.5s', 'latency', 0.999, 1500],
    ['p50 <= 1m30s', 'p50 <= 90s', 'latency', 0.5, 90_000],
    ['p50 <= 150500ms', 'p50 <= 150500ms', 'latency', 0.5, 150_500],
    ['p50 <= 1us', 'p50 <= 1us', 'latency', 0.5, 0.001]
  ]
  for (const [written, text, kind, target, threshold] of table) {
    t.strictSame(parseObjective(written), { text, kind, target, threshold })
  }
})

test('what is not: found, wanted, and a hint where one is known', async (t) => {
  const table: [string, RegExp | undefined][] = [
    ['', undefined], ['fast', undefined], ['success <= 99%', undefined], ['p95 >= 300ms', undefined], ['p(95 <= 300ms', undefined],
    ['p95) <= 300ms', undefined], ['px <= 1s', undefined], ['errors <= 1%', undefined], ['handshakes >= 1%', undefined], ['handshake >= 0.99', /percentage/], ['success >= -5%', /percentage/],
    ['success >= 0.99', /percentage/], ['success >= 99', /percentage/], ['success >= x%', /percentage/],
    ['success >= 100%', /below 100/], ['success >= 0%', /above 0/], ['success >= 120%', undefined], ['p100 <= 1s', /below 100/], ['p0 <= 1s', /above 0/],
    ['p95 <= 300', /unit/], ['p95 <= soon', /duration/], ['p95 <= 0ms', /above 0/]
  ]
  for (const [text, hint] of table) {
    t.throws(() => parseObjective(text), { code: 'PMT_ERR_INVALID', details: { found: text, wanted: /p95 <= 300ms/, ...(hint && { hint }) } }, text)
  }
})

test('its text means the same objective again: it travels as text', async () => {
  const percent = fc.stringMatching(/^[1-9]\d?(\.\d{1,6})?$/)
  const duration = fc.stringMatching(/^[1-9]\d{0,7}(\.\d{1,4})?(us|ms|s|m|h)$/)
  const written = fc.oneof(percent.map((p) => `success >= ${p}%`), percent.map((p) => `handshake >= ${p}%`), fc.tuple(percent, duration).map(([p, d]) => `p${p} <= ${d}`))
  fc.assert(fc.property(written, (text) => {
    const objective = parseObjective(text)
    const again = parseObjective(objective.text)
    return again.text === objective.text && again.target === objective.target && again.threshold === objective.threshold
  }), { numRuns: 2000 })
})

test('what is bad', async (t) => {
  const success = parseObjective('success >= 99%')
  const latency = parseObjective('p95 <= 300ms')
  // status, outcome, how long it took; whether it is bad for success, and for latency
  const table: [number, Outcome, number, boolean, boolean][] = [
    [200, 'complete', 10, false, false],
    [404, 'complete', 10, false, false],
    [499, 'complete', 10, false, false],
    [500, 'complete', 10, true, false],
    [503, 'complete', 10, true, false],
    [200, 'complete', 300, false, false],
    [200, 'complete', 300.01, false, true],
    [503, 'complete', 900, true, true],
    [0, 'complete', 10, false, false],
    [200, 'truncated', 10, true, true],
    [0, 'refused', 1, true, true],
    [0, 'reset', 1, true, true],
    [0, 'client-gone', 1, true, true],
    [400, 'malformed', 1, true, true],
    [0, 'timeout', 1, true, true],
    [0, 'unfinished', 1, true, true]
  ]
  for (const [status, outcome, ms, badForSuccess, badForLatency] of table) {
    const seen = observation(0, { status, outcome, ms })
    t.equal(isBad(success, seen), badForSuccess, `success: ${status} ${outcome}`)
    t.equal(isBad(latency, seen), badForLatency, `latency: ${status} ${outcome} ${ms}`)
  }
})

test('handshakes: good is established, and nothing else is', async (t) => {
  const objective = parseObjective('handshake >= 99%')
  t.equal(isBad(objective, handshake(0)), false)
  for (const result of ['alert:certificate_expired', 'sent-alert:handshake_failure', 'reset', 'closed', 'closed-without-data', 'timeout', 'not-tls', 'failed'] as const) {
    t.equal(isBad(objective, handshake(0, result)), true, result)
  }
})

test('handshakes and traffic are counted apart', async (t) => {
  for (const [text, subject] of [['success >= 99%', 'requests'], ['p95 <= 1s', 'requests'], ['handshake >= 99%', 'handshakes']] as const) {
    const objective = parseObjective(text)
    t.equal(subjectOf(objective), subject)
    t.equal(counts(objective, handshake(0)), subject === 'handshakes', text)
    for (const kind of ['exchange', 'connection'] as const) t.equal(counts(objective, observation(0, { kind })), subject === 'requests', text)
  }
})
