import fc from 'fast-check'
import { test } from 'tap'
import { Histogram } from '../../src/measure/histogram.ts'

const NOTHING = { p50: 0, p90: 0, p95: 0, p99: 0, max: 0 }

test('empty: all zero', async (t) => {
  const histogram = new Histogram()
  t.strictSame(histogram.percentiles(), NOTHING)
  t.equal(histogram.count, 0)
})

test('percentiles are within 1 % of the exact ones', async () => {
  const latencies = fc.array(fc.double({ min: 0.001, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(fc.property(latencies, (values) => {
    const histogram = new Histogram()
    for (const value of values) histogram.record(value)
    const sorted = [...values].sort((a, b) => a - b)
    const exact = (p: number): number => sorted[Math.ceil(p * sorted.length / 100) - 1]!
    const { p50, p90, p95, p99, max } = histogram.percentiles()
    // Half a microsecond is lost by counting in whole ones.
    const near = (shown: number, value: number): boolean => Math.abs(shown - value) <= value * 0.01 + 0.0005
    return near(p50, exact(50)) && near(p90, exact(90)) && near(p95, exact(95)) && near(p99, exact(99)) &&
      near(max, sorted.at(-1)!)
  }))
})

test('what is out of range counts at its end', async (t) => {
  const histogram = new Histogram()
  histogram.record(0)
  histogram.record(-1)
  t.equal(histogram.percentiles().max, 0.001)
  histogram.record(1e12)
  t.equal(histogram.count, 3)
  t.ok(Math.abs(histogram.percentiles().max - 3_600_000) <= 36_000)
})

test('adding and resetting', async (t) => {
  const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()]
  for (let ms = 1; ms <= 100; ms++) {
    (ms % 2 === 0 ? a : b).record(ms)
    both.record(ms)
  }
  a.add(b)
  t.strictSame(a.percentiles(), both.percentiles())
  t.equal(a.count, 100)
  t.equal(b.count, 50, 'what was added stays')
  a.reset()
  t.strictSame(a.percentiles(), NOTHING)
})
