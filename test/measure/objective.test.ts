import fc from 'fast-check'
import { test } from 'tap'
import { counts, isBad, isSourceName, parseObjective, parseObjectiveOn, subjectOf } from '../../src/measure/objective.ts'
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
    ['p(95)<300', 'p95 <= 300ms', 'latency', 0.95, 300],
    ['p(99)<=300ms', 'p99 <= 300ms', 'latency', 0.99, 300],
    ['success within 300ms >= 99%', 'success within 300ms >= 99%', 'success', 0.99, 300],
    ['p99.9<=1.5s', 'p99.9 <= 1.5s', 'latency', 0.999, 1500],
    ['p50 <= 1m30s', 'p50 <= 90s', 'latency', 0.5, 90_000],
    ['p50 <= 150500ms', 'p50 <= 150500ms', 'latency', 0.5, 150_500],
    ['p50 <= 1us', 'p50 <= 1us', 'latency', 0.5, 0.001]
  ]
  for (const [written, text, kind, target, threshold] of table) {
    t.strictSame(parseObjective(written), { text, kind, target, threshold })
  }
})

test('what counts samples names its source, which must be there', async (t) => {
  const sources = ['login', 'error-budget']
  t.strictSame(parseObjectiveOn('login>=99%', sources), { text: 'login >= 99%', kind: 'sample', target: 0.99, threshold: Infinity, source: 'login' })
  t.strictSame(parseObjectiveOn('login p(95)<300', sources), { text: 'login p95 <= 300ms', kind: 'latency', target: 0.95, threshold: 300, source: 'login' })
  t.strictSame(parseObjectiveOn('success >= 99%', sources), { text: 'success >= 99%', kind: 'success', target: 0.99, threshold: Infinity })
  t.equal(parseObjectiveOn('anything >= 99%', 'any').source, 'anything')
  t.throws(() => parseObjectiveOn('logni >= 99%', sources), { code: 'PMT_ERR_INVALID', message: 'no source of samples is called logni', details: { found: 'logni >= 99%', wanted: 'success, handshake, or a name under `sources`', hint: 'did you mean `login`?' } })
  t.throws(() => parseObjectiveOn('succes >= 99%', sources), { code: 'PMT_ERR_INVALID', details: { hint: 'did you mean `success`?' } })
  t.throws(() => parseObjective('succes >= 99%'), { code: 'PMT_ERR_INVALID', message: 'not an objective', details: { hint: 'did you mean `success`?' } })
  t.throws(() => parseObjectiveOn('login within 1s >= 99%', sources), { code: 'PMT_ERR_INVALID', details: { hint: 'only success takes `within`' } })
  t.throws(() => parseObjective('success within 300 >= 99%'), { code: 'PMT_ERR_INVALID', details: { hint: /unit/ } })
  t.throws(() => parseObjectiveOn('login p95 <= 0s', sources), { code: 'PMT_ERR_INVALID', details: { hint: /above 0/ } })
  t.strictSame(['login', 'error-budget', 'p95x', 'success', 'handshake', 'p95', '1st', 'a b', ''].map(isSourceName), [true, true, true, false, false, false, false, false, false])
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

test('success within a time: an error is bad, and so is what came late', async (t) => {
  const objective = parseObjective('success within 300ms >= 99%')
  t.equal(subjectOf(objective), 'requests')
  for (const [status, ms, bad] of [[200, 300, false], [200, 301, true], [404, 10, false], [500, 10, true]] as const) {
    t.equal(isBad(objective, observation(0, { status, ms })), bad, `${status} after ${ms}`)
  }
  t.equal(isBad(objective, observation(0, { outcome: 'reset' })), true)
})

test('samples are no traffic: what counts them counts no observation', async (t) => {
  for (const text of ['login >= 99%', 'login p95 <= 1s']) {
    const objective = parseObjectiveOn(text, ['login'])
    t.equal(subjectOf(objective), 'samples')
    for (const seen of [observation(0), observation(0, { kind: 'connection' }), handshake(0)]) t.equal(counts(objective, seen), false, text)
  }
})
