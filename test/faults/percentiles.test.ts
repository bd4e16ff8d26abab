import { test } from 'tap'
import { Percentiles, parsePercentiles, quantilesOf } from '../../src/faults/percentiles.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { decode } from '../../src/kernel/schema.ts'
import { near } from '../helpers/near.ts'

test('text or a mapping, in any order', async (t) => {
  const quantiles = [{ at: 0, ms: 0 }, { at: 0.5, ms: 20 }, { at: 0.999, ms: 2000 }, { at: 1, ms: 2000 }]
  t.strictSame(parsePercentiles('p99.9=2s, p50=20ms'), quantiles)
  t.strictSame(decode(Percentiles, { p50: 20, 'p99.9': '2s' }), quantiles)
  t.strictSame(parsePercentiles('p0=5ms,p100=9ms'), [{ at: 0, ms: 5 }, { at: 1, ms: 9 }])
  t.strictSame(parsePercentiles('p50=5ms,p90=5ms')[2], { at: 0.9, ms: 5 }, 'level is no fall')
})

test('what is drawn has these percentiles, and is linear in between', async (t) => {
  const draw = quantilesOf(parsePercentiles('p50=20ms,p95=200ms,p99=2s'))
  const random = createRandom(4)
  const n = 20_000
  const seen = Array.from({ length: n }, () => draw(random))
  const share = (ms: number): number => seen.filter((each) => each <= ms).length / n
  for (const [ms, expected] of [[10, 0.25], [20, 0.5], [110, 0.725], [200, 0.95], [1100, 0.97], [1999.9, 0.99]] as const) {
    near(t, share(ms), expected, 4 * Math.sqrt(expected * (1 - expected) / n))
  }
  t.equal(Math.max(...seen), 2000, 'nothing is longer than the last')
})

test('what is refused', async (t) => {
  const table: [unknown, unknown][] = [
    ['', ''], ['p50', ''], ['p50=', ''], ['p101=1s', 'p101'], ['p-1=1s', 'p-1'], ['median=1s', 'median'], ['p50=1s,p50=1s', 'p50'], ['p50=2s,p9=3s', 'p50'],
    ['p50=soon', 'soon'], ['p50=1s,', ''], [{ p50: -1 }, -1], [{}, {}], [{ p50: null }, { p50: null }], [5, 5], [['p50=1s'], ['p50=1s']], [null, null]
  ]
  for (const [written, found] of table) {
    t.throws(() => decode(Percentiles, written, 'percentiles'), { code: 'PMT_ERR_INVALID', details: { path: 'percentiles', found } }, JSON.stringify(written))
  }
})
