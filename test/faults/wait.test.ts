import { test } from 'tap'
import type { Test } from 'tap'
import { WAIT, checkWait, compileWait } from '../../src/faults/wait.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { Strict, decode } from '../../src/kernel/schema.ts'
import { near } from '../helpers/near.ts'

const N = 20_000

const paramsOf = (written: Record<string, unknown>) => decode(Strict(WAIT), written)

/** So many waits, sorted. */
function drawn (base: number | undefined, written: Record<string, unknown>): number[] {
  const wait = compileWait(base, paramsOf(written))
  const random = createRandom(9)
  return Array.from({ length: N }, () => wait(random, 0)).sort((a, b) => a - b)
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length
const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

/** Asserts which shares of the waits are up to a limit, within four standard errors. */
function shares (t: Test, waits: readonly number[], expected: readonly (readonly [limit: number, share: number])[]): void {
  for (const [limit, share] of expected) {
    near(t, waits.filter((ms) => ms <= limit).length / waits.length, share, 4 * Math.sqrt(share * (1 - share) / waits.length))
  }
}

test('without jitter, always the same', async (t) => {
  for (const distribution of ['uniform', 'normal', 'lognormal', 'pareto']) t.strictSame([...new Set(drawn(50, { distribution }))], [50])
})

test('uniform: evenly, more or less', async (t) => {
  const seen = drawn(100, { jitter: 20 })
  near(t, mean(seen), 100, 4 * (40 / Math.sqrt(12)) / Math.sqrt(N))
  near(t, deviation(seen), 40 / Math.sqrt(12), 0.2)
  shares(t, seen, [[84, 0.1], [100, 0.5], [116, 0.9]])
  t.ok(seen[0]! >= 80 && seen.at(-1)! <= 120)
})

test('normal: jitter is the standard deviation', async (t) => {
  const seen = drawn(100, { jitter: 10, distribution: 'normal' })
  near(t, mean(seen), 100, 4 * 10 / Math.sqrt(N))
  near(t, deviation(seen), 10, 4 * 10 / Math.sqrt(2 * N))
  shares(t, seen, [[90, 0.1587], [100, 0.5], [110, 0.8413], [120, 0.9772]])
})

test('lognormal: the base is the median, base and jitter the 84th percentile', async (t) => {
  const seen = drawn(100, { jitter: 50, distribution: 'lognormal' })
  shares(t, seen, [[100 / 1.5, 0.1587], [100, 0.5], [150, 0.8413], [225, 0.9772]])
  const sigma = Math.log(1.5)
  const theory = 100 * Math.exp(sigma ** 2 / 2)
  near(t, mean(seen), theory, 4 * theory * Math.sqrt(Math.exp(sigma ** 2) - 1) / Math.sqrt(N))
})

test('pareto: the base is the least, jitter the mean above it', async (t) => {
  // alpha is 5, so that there is a variance to have errors from.
  const seen = drawn(100, { jitter: 25, distribution: 'pareto' })
  t.ok(seen[0]! >= 100)
  near(t, mean(seen), 125, 4 * Math.sqrt(100 ** 2 * 5 / (4 ** 2 * 3)) / Math.sqrt(N))
  shares(t, seen, [110, 150, 200].map((limit) => [limit, 1 - (100 / limit) ** 5]))
})

test('percentiles', async (t) => {
  shares(t, drawn(undefined, { percentiles: 'p50=20ms,p95=200ms,p99=2s' }), [[20, 0.5], [200, 0.95], [1999.9, 0.99]])
})

test('recorded: as what was measured, linear in between', async (t) => {
  const seen = drawn(undefined, { recorded: ['30ms', '10ms', '20ms', '100ms', 20] })
  shares(t, seen, [[15, 0.125], [20, 0.5], [25, 0.625], [30, 0.75], [65, 0.875]])
  t.ok(seen[0]! >= 10 && seen.at(-1)! <= 100)
  t.strictSame([...new Set(drawn(undefined, { recorded: [7] }))], [7])
})

test('never below 0, never above the longest', async (t) => {
  t.equal(drawn(5, { jitter: 50, distribution: 'normal' })[0], 0)
  t.equal(drawn(100, { jitter: 900, distribution: 'pareto', longest: '300ms' }).at(-1), 300)
  t.equal(drawn(10, { from: 50, longest: 20 })[0], 20)
})

test('shapes lead from the lowest to what is drawn', async (t) => {
  const wait = compileWait(100, paramsOf({ shape: 'ramp', period: '10s', from: 20 }))
  const random = createRandom(1)
  t.strictSame([wait(random, 0), wait(random, 5000), wait(random, 20_000)], [20, 60, 100])
  const burst = compileWait(100, paramsOf({ shape: 'burst', period: '10s', duty: '20%' }))
  t.strictSame([burst(random, 1999), burst(random, 2000), burst(random, 10_000)], [100, 0, 100])
  t.equal(compileWait(10, paramsOf({ shape: 'sine', from: 50 }))(random, 30_000), 50, 'what is drawn below the lowest')
})

test('extremes stay numbers', async (t) => {
  for (const distribution of ['uniform', 'normal', 'lognormal', 'pareto']) {
    for (const [base, jitter] of [[1e-320, 1e300], [1e308, 1e308], [1e300, 1e-300]] as const) {
      const wait = compileWait(base, { ...paramsOf({ distribution, shape: 'burst', period: 1 }), jitter })
      const random = createRandom(2)
      for (let i = 0; i < 200; i++) {
        const ms = wait(random, i / 7)
        if (!(ms >= 0)) t.fail(`${distribution} ${base} ${jitter}: ${ms}`)
      }
    }
  }
  t.pass()
})

test('what contradicts itself is refused', async (t) => {
  const table: [number | undefined, Record<string, unknown>, string][] = [
    [undefined, {}, 'delay'],
    [1, { percentiles: 'p50=1' }, 'percentiles'],
    [1, { recorded: [1] }, 'recorded'],
    [undefined, { percentiles: 'p50=1', recorded: [1] }, 'recorded'],
    [undefined, { recorded: [1], jitter: 5 }, 'jitter'],
    [undefined, { recorded: [1], distribution: 'normal' }, 'distribution'],
    [0, { jitter: 1, distribution: 'pareto' }, 'delay'],
    [0, { jitter: 1, distribution: 'lognormal' }, 'delay'],
    [1, { period: 0 }, 'period']
  ]
  for (const [base, written, path] of table) {
    const check = (): void => checkWait('delay', base, paramsOf(written), (param) => `f.${param}`)
    t.throws(check, { code: 'PMT_ERR_INVALID', details: { path: `f.${path}`, wanted: /./ } }, JSON.stringify(written))
  }
  for (const written of [{ recorded: [] }, { recorded: Array(10_001).fill(1) }, { recorded: [1, 'soon'] }, { duty: 2 }, { shape: 'wave' }]) {
    t.throws(() => paramsOf(written), { code: 'PMT_ERR_INVALID' }, JSON.stringify(written).slice(0, 50))
  }
  t.doesNotThrow(() => checkWait('delay', 0, paramsOf({ jitter: 1 }), (param) => param))
})
