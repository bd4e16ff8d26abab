import { test } from 'tap'
import { falseEnds, timesToEnd } from '../../docs/guardrail-calibration.ts'

test('traffic that holds a guardrail ends at most one run in a hundred, also where it fails in bursts', async (t) => {
  const promised = falseEnds().filter(({ promised }) => promised)
  t.ok(promised.length >= 16)
  for (const { guardrail, bad, traffic, falseEnds: share } of promised) {
    t.ok(share <= 0.01, `${guardrail} with ${bad} bad, ${traffic}: ${share}`)
  }
})

test('what breaks a guardrail ends the run, the sooner the worse it is', async (t) => {
  const times = timesToEnd()
  for (const { guardrail, bad, median } of times) {
    if (bad === 1) t.equal(median, 3, `${guardrail}: the third second`)
    if (bad >= 0.1) t.ok(median !== null && median <= 30, `${guardrail} with ${bad} bad: ${median} s`)
  }
  const strict = times.filter(({ guardrail }) => guardrail === 'success >= 99%').map(({ median }) => median ?? Infinity)
  t.strictSame(strict, strict.toSorted((a, b) => b - a))
})
