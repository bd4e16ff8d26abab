import { test } from 'tap'
import { seriesOf, withOpen } from '../../src/experiment/series.ts'

const bin = (second: number, n: number, ...bad: number[]) => ({ second, n, of: bad.map(() => n), bad })

test('seconds without traffic are there, with nothing in them', async (t) => {
  t.strictSame(seriesOf([bin(0, 5, 1, 2), bin(3, 7, 0, 4)], 1, 4000), [
    { n: 5, bad: 2 }, { n: 0, bad: 0 }, { n: 0, bad: 0 }, { n: 7, bad: 4 }
  ])
})

test('a phase that ran a moment too long has no extra second, and loses nothing', async (t) => {
  t.strictSame(seriesOf([bin(1, 5, 1), bin(2, 3, 1)], 0, 2003), [{ n: 0, bad: 0 }, { n: 8, bad: 2 }])
  t.strictSame(seriesOf([bin(0, 5, 1)], 0, 400), [{ n: 5, bad: 1 }])
})

test('requests without an answer fill the newest seconds first', async (t) => {
  const series = [{ n: 10, bad: 1 }, { n: 4, bad: 2 }, { n: 1, bad: 1 }]
  t.strictSame(withOpen(series, 12, 10), [{ n: 10, bad: 1 }, { n: 7, bad: 2 }, { n: 10, bad: 1 }])
  t.strictSame(withOpen(series, 20, 10), [{ n: 10, bad: 1 }, { n: 10, bad: 2 }, { n: 15, bad: 1 }], 'what is left began in the last')
  t.strictSame(withOpen(series, 0, 10), series)
  t.strictSame(withOpen([], 5, 10), [])
})
