import fc from 'fast-check'
import { test } from 'tap'
import { sprtLines, sprtStep } from '../../../src/measure/statistics/sprt.ts'
import type { Lines } from '../../../src/measure/statistics/sprt.ts'
import { near } from '../../helpers/near.ts'

const NIST = { tolerated: 0.01, refused: 0.10, alpha: 0.05, beta: 0.10 }

test('C2: the lines of NIST\'s e-Handbook, 6.2.6', async (t) => {
  const { slope, accept, reject } = sprtLines(NIST)
  near(t, slope, 0.0397, 5e-5)
  near(t, accept, -0.939, 5e-4)
  near(t, reject, 1.205, 5e-4)
  // NIST's k is in decimal logarithms.
  near(t, Math.log10((1 - NIST.beta) / NIST.alpha) / reject, 1.0414, 5e-5)
})

test('NIST\'s table: the fewest that accept, and from how many bad on it rejects', async (t) => {
  const lines = sprtLines(NIST)
  t.equal(sprtStep(lines, { n: 23, bad: 0 }), 'undecided')
  t.equal(sprtStep(lines, { n: 24, bad: 0 }), 'accept')
  t.equal(sprtStep(lines, { n: 2, bad: 2 }), 'reject')
  t.equal(sprtStep(lines, { n: 19, bad: 2 }), 'reject')
  t.equal(sprtStep(lines, { n: 21, bad: 2 }), 'undecided')
  t.equal(sprtStep(lines, { n: 1, bad: 1 }), 'undecided')
  t.equal(sprtStep(lines, { n: 0, bad: 0 }), 'undecided')
})

/** The chances of either answer for a true share, worked out exchange by exchange. */
function answers (lines: Lines, share: number): { accept: number, reject: number } {
  const told = { accept: 0, reject: 0 }
  let open = new Map([[0, 1]])
  for (let n = 1; n <= 4000 && open.size > 0; n++) {
    const next = new Map<number, number>()
    for (const [bad, chance] of open) {
      if (chance < 1e-12) continue
      for (const [now, weight] of [[bad, 1 - share], [bad + 1, share]] as const) {
        const step = sprtStep(lines, { n, bad: now })
        if (step === 'undecided') next.set(now, (next.get(now) ?? 0) + chance * weight)
        else told[step] += chance * weight
      }
    }
    open = next
  }
  return told
}

test('Wald\'s bounds on both errors hold', async (t) => {
  const cases = fc.record({
    tolerated: fc.double({ min: 0.002, max: 0.1, noNaN: true }), ratio: fc.double({ min: 2, max: 8, noNaN: true }),
    alpha: fc.constantFrom(0.01, 0.05, 0.1), beta: fc.constantFrom(0.05, 0.2)
  })
  fc.assert(fc.property(cases, ({ tolerated, ratio, alpha, beta }) => {
    const refused = tolerated * ratio
    const lines = sprtLines({ tolerated, refused, alpha, beta })
    return answers(lines, tolerated).reject <= alpha / (1 - beta) && answers(lines, refused).accept <= beta / (1 - alpha)
  }), { seed: 17, numRuns: 25 })
  t.pass('held for every example')
})

test('more bad ones never speak for acceptance', async (t) => {
  const order = ['accept', 'undecided', 'reject']
  fc.assert(fc.property(fc.nat(500), fc.nat(500), (n, bad) => {
    const lines = sprtLines(NIST)
    const at = (count: number) => order.indexOf(sprtStep(lines, { n, bad: Math.min(n, count) }))
    return at(bad) <= at(bad + 1)
  }), { seed: 18 })
  t.pass('held for every example')
})
