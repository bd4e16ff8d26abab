import { test } from 'tap'
import type { Point, PrometheusClient } from '../../src/adapters/prometheus-query.ts'
import { startPrometheusCounters, startPrometheusQuery } from '../../src/adapters/prometheus-source.ts'
import { decodeSources } from '../../src/experiment/sources.ts'
import type { CounterSource, QuerySource } from '../../src/experiment/sources.ts'
import type { Missing, Sample } from '../../src/measure/sampling.ts'
import { createVirtualClock } from '../helpers/clock.ts'

type Answer = Point[] | Error | 'never'

function setUp () {
  const clock = createVirtualClock(1000)
  const said: (Sample | Missing)[] = []
  const asked: { at: number, query: string }[] = []
  const state: { answer: () => Answer, closed: boolean } = { answer: () => [], closed: false }
  const client: PrometheusClient = {
    ask: (query, signal) => new Promise((resolve, reject) => {
      asked.push({ at: clock.now(), query })
      const answer = state.answer()
      signal.addEventListener('abort', () => reject(new Error('aborted')))
      if (answer === 'never') return
      clock.after(10, () => answer instanceof Error ? reject(answer) : resolve(answer))
    }),
    async close () { state.closed = true }
  }
  const observer = { sample: (one: Sample) => { said.push(one) }, missing: (one: Missing) => { said.push(one) } }
  return { clock, client, observer, said, asked, state }
}

const COUNTERS = decodeSources({ errors: { prometheus: 'http://p', good: 'g', total: 't', every: '5s', timeout: '2s' } }, 'x')[0] as CounterSource
const QUERY = decodeSources({ lag: { prometheus: 'http://p', query: 'lag', expect: '<= 0.3', every: '1s', timeout: '500ms' } }, 'x')[0] as QuerySource

const point = (value: number): Point => ({ labels: {}, value })

test('each answer to a query is a sample; what says nothing is missing', async (t) => {
  const { clock, client, observer, said, asked, state } = setUp()
  const answers: Answer[] = [[point(0.2)], [point(0.4)], [], [point(1), point(2)], [point(NaN)], new Error('no answer: ECONNREFUSED'), 'never']
  state.answer = () => answers.shift() ?? []
  const source = startPrometheusQuery(QUERY, observer, clock, client)
  await clock.advance(6900)
  t.strictSame(asked.map(({ at, query }) => [at, query]), [1000, 2000, 3000, 4000, 5000, 6000, 7000].map((at) => [at, 'lag']))
  t.strictSame(said, [
    { source: 'lag', startedAt: 1000, n: 1, bad: 0, endedAt: 1000, took: null },
    { source: 'lag', startedAt: 2000, n: 1, bad: 1, endedAt: 2000, took: null, why: 'not <= 0.3' },
    { source: 'lag', startedAt: 3000, why: 'the query found nothing' },
    { source: 'lag', startedAt: 4000, why: 'the query found 2 series, not one' },
    { source: 'lag', startedAt: 5000, why: 'the query gave NaN' },
    { source: 'lag', startedAt: 6000, why: 'no answer: ECONNREFUSED' },
    { source: 'lag', startedAt: 7000, why: 'no answer within 500ms' }
  ])
  await source.close()
  t.equal(state.closed, true)
})

/** Counters that count 10 a second, one in ten of them bad while `bad` says so. */
function counting (clock: { now: () => number }) {
  let [good, last] = [0, clock.now()]
  const self = {
    bad: false,
    read (): Point[] {
      good += (clock.now() - last) / 100 * (self.bad ? 0.9 : 1)
      last = clock.now()
      const labels = (part: string) => ({ __name__: 'c', premortem_part: part })
      return [{ labels: labels('part'), value: 100 + good }, { labels: labels('total'), value: 100 + (last - 1000) / 100 }]
    }
  }
  return self
}

test('counters are read at fixed times and where phases begin, so that no interval lies in two', async (t) => {
  const { clock, client, observer, said, state } = setUp()
  const counters = counting(clock)
  state.answer = () => counters.read()
  const source = startPrometheusCounters(COUNTERS, observer, clock, client)
  await clock.advance(7000)
  source.mark()
  t.strictSame(source.awaited(), [{ source: 'errors', startedAt: 6000, counts: 'missing' }])
  await clock.advance(0)
  counters.bad = true
  await clock.advance(3100)
  t.strictSame(source.awaited(), [])
  t.strictSame(said, [
    { source: 'errors', startedAt: 1000, endedAt: 6000, took: null, n: 50, bad: 0 },
    { source: 'errors', startedAt: 6000, endedAt: 8000, took: null, n: 20, bad: 0 },
    { source: 'errors', startedAt: 8000, endedAt: 11_000, took: null, n: 30, bad: 3 }
  ])
  source.stop()
  await clock.advance(20_000)
  t.equal(said.length, 3)
  await source.close()
})

test('a reading that fails leaves its interval to the next one', async (t) => {
  const { clock, client, observer, said, state } = setUp()
  const counters = counting(clock)
  state.answer = () => clock.now() === 6000 ? new Error('no answer: ECONNREFUSED') : clock.now() === 11_000 ? 'never' : counters.read()
  startPrometheusCounters(COUNTERS, observer, clock, client)
  await clock.advance(15_100)
  t.strictSame(said, [
    { source: 'errors', startedAt: 6000, why: 'no answer: ECONNREFUSED' },
    { source: 'errors', startedAt: 11_000, why: 'no answer within 2s' },
    { source: 'errors', startedAt: 1000, endedAt: 16_000, took: null, n: 150, bad: 0 }
  ])
})

test('but not where a phase began in between: nobody can tell how much was counted before', async (t) => {
  const { clock, client, observer, said, state } = setUp()
  const counters = counting(clock)
  state.answer = () => clock.now() === 3000 ? new Error('no answer: ECONNRESET') : counters.read()
  const source = startPrometheusCounters(COUNTERS, observer, clock, client)
  await clock.advance(2000)
  source.mark()
  await clock.advance(8100)
  t.strictSame(said, [
    { source: 'errors', startedAt: 3000, why: 'no answer: ECONNRESET' },
    { source: 'errors', startedAt: 1000, why: 'no reading where a phase began' },
    { source: 'errors', startedAt: 6000, endedAt: 11_000, took: null, n: 50, bad: 0 }
  ])
})

test('a slow Prometheus is asked one thing at a time, and closing forgets what is asked', async (t) => {
  const { clock, client, observer, said, asked, state } = setUp()
  state.answer = () => 'never'
  const source = startPrometheusCounters({ ...COUNTERS, timeout: 60_000 }, observer, clock, client)
  source.mark()
  await clock.advance(30_000)
  t.equal(asked.length, 1)
  await source.close()
  await clock.advance(1000)
  t.strictSame(said, [])
  t.equal(clock.pending(), 0)
})
