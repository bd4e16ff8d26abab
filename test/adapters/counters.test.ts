import { test } from 'tap'
import { Counters, counterQuery } from '../../src/adapters/counters.ts'
import type { Point } from '../../src/adapters/prometheus-query.ts'

const point = (part: string, value: number, labels: Record<string, string> = { __name__: 'c' }): Point =>
  ({ labels: { ...labels, premortem_part: part }, value })

/** One reading of plain counters. */
const reading = (part: number, total: number) => [point('part', part), point('total', total)]

test('both counters are asked in one query, which a comment in one of them does not break', async (t) => {
  t.equal(counterQuery({ part: 'a{code="200"} # good', total: 'sum(b)' }),
    'label_replace((\na{code="200"} # good\n), "premortem_part", "part", "", "") or label_replace((\nsum(b)\n), "premortem_part", "total", "", "")')
})

test('what was counted between two readings, whichever of good and bad is asked', async (t) => {
  const good = new Counters('good')
  t.equal(good.read(reading(90, 100)), null)
  t.strictSame(good.read(reading(95, 110)), { n: 10, bad: 5 })
  t.strictSame(good.read(reading(95, 110)), { n: 0, bad: 0 })
  const bad = new Counters('bad')
  t.equal(bad.read(reading(1, 100)), null)
  t.strictSame(bad.read(reading(4, 150)), { n: 50, bad: 3 })
})

test('a counter that started again has counted what it shows; a new series has counted from 0', async (t) => {
  const counters = new Counters('bad')
  const [a, b] = [{ __name__: 'c', instance: 'a' }, { __name__: 'c', instance: 'b' }]
  counters.read([point('part', 2, a), point('total', 1000, a), point('total', 500, b)])
  t.strictSame(counters.read([point('part', 3, a), point('part', 7, b), point('total', 1010, a), point('total', 40, b)]), { n: 50, bad: 8 })
})

test('of a sum that went down nothing can be told, and it goes on from there', async (t) => {
  const counters = new Counters('good')
  const sum = (part: number, total: number) => [point('part', part, {}), point('total', total, {})]
  counters.read(sum(90, 100))
  t.match(counters.read(sum(30, 40)), { why: /started again/, stays: false })
  t.strictSame(counters.read(sum(39, 50)), { n: 10, bad: 1 })
})

test('what is not there or no number is told, and counting goes on from the reading before', async (t) => {
  const counters = new Counters('good')
  t.match(counters.read([]), { why: /`total` found nothing/, stays: true })
  t.equal(counters.read(reading(90, 100)), null)
  t.match(counters.read([point('total', 110)]), { why: /`good` found nothing/, stays: true })
  t.match(counters.read(reading(95, NaN)), { why: /not a number/, stays: true })
  t.strictSame(counters.read(reading(99, 110)), { n: 10, bad: 1 })
  t.match(counters.read(reading(150, 120)), { why: 'more good than in total', stays: false })
  t.strictSame(counters.read(reading(155, 125)), { n: 5, bad: 0 })
})
