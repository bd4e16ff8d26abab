import { test } from 'tap'
import { SHAPES, compileShape } from '../../src/faults/shape.ts'

const at = (shape: (elapsed: number) => number, ...times: number[]): number[] =>
  times.map((time) => Math.round(shape(time) * 1000) / 1000)

test('each shape over its period', async (t) => {
  t.strictSame(at(compileShape('constant', 8), 0, 3, 99), [1, 1, 1])
  t.strictSame(at(compileShape('ramp', 8), 0, 2, 8, 99), [0, 0.25, 1, 1])
  t.strictSame(at(compileShape('saw', 8), 0, 2, 7, 8, 10), [0, 0.25, 0.875, 0, 0.25])
  t.strictSame(at(compileShape('sine', 8), 0, 2, 4, 6, 8, 12), [0, 0.5, 1, 0.5, 0, 1])
  t.strictSame(at(compileShape('square', 8), 0, 3.9, 4, 8), [1, 1, 0, 1])
  t.strictSame(at(compileShape('burst', 10), 0, 0.9, 1, 10), [1, 1, 0, 1])
})

test('a duty of one\'s own', async (t) => {
  t.strictSame(at(compileShape('square', 8, 0.25), 1.9, 2), [1, 0])
  t.strictSame(at(compileShape('burst', 8, 0), 0, 4), [0, 0])
  t.strictSame(at(compileShape('burst', 8, 1), 0, 7.9), [1, 1])
})

test('always a factor from 0 to 1', async (t) => {
  for (const shape of SHAPES) {
    for (const period of [0.001, 1e9, 1e300]) {
      const factor = compileShape(shape, period)
      for (const elapsed of [0, 1, 12_345.678, 1e12]) t.ok(factor(elapsed) >= 0 && factor(elapsed) <= 1, `${shape} ${period} ${elapsed}`)
    }
  }
})
