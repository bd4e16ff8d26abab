import { test } from 'tap'
import { createRandom } from '../../../src/kernel/random.ts'
import { evidenceOn, fewestForEvidence } from '../../../src/measure/statistics/evidence.ts'
import { near } from '../../helpers/near.ts'

/** The mixture of likelihood ratios over one side of `tolerated`, summed up share by share. */
function summed (n: number, bad: number, tolerated: number, side: (share: number) => boolean): number {
  let [mass, mixed] = [0, 0]
  const steps = 400_000
  for (let i = 0; i < steps; i++) {
    // Even steps of the angle are Jeffreys' prior on the share.
    const share = Math.sin((i + 0.5) / steps * Math.PI / 2) ** 2
    if (!side(share)) continue
    mass++
    mixed += Math.exp(bad * Math.log(share / tolerated) + (n - bad) * Math.log((1 - share) / (1 - tolerated)))
  }
  return Math.log(mixed / mass)
}

test('it is the likelihood ratio, mixed over the shares of one side', async (t) => {
  for (const [n, bad, tolerated] of [[40, 3, 0.05], [100, 0, 0.05], [300, 12, 0.01], [10, 10, 0.01], [7, 2, 0.2]] as const) {
    const { held, breached } = evidenceOn({ n, bad }, tolerated)
    near(t, held, summed(n, bad, tolerated, (share) => share < tolerated), 1e-3)
    near(t, breached, summed(n, bad, tolerated, (share) => share > tolerated), 1e-3)
  }
})

test('nothing seen says nothing', async (t) => {
  const { held, breached } = evidenceOn({ n: 0, bad: 0 }, 0.01)
  near(t, held, 0, 1e-12)
  near(t, breached, 0, 1e-12)
})

test('what is far off is told on one side only, whatever the numbers', async (t) => {
  for (const n of [1e4, 1e6]) {
    const good = evidenceOn({ n, bad: 0 }, 0.05)
    t.ok(good.held > 500 && good.breached < 0, JSON.stringify(good))
    const bad = evidenceOn({ n, bad: n / 10 }, 0.05)
    t.ok(bad.breached > 100 && bad.held < 0, JSON.stringify(bad))
  }
  t.ok(evidenceOn({ n: 4, bad: 4 }, 0.05).breached > Math.log(100), 'a few that are all bad are enough')
})

test('fewer of the same say less, so counts that are worth less may be scaled', async (t) => {
  for (const [n, bad] of [[200, 0], [200, 2], [60, 30]] as const) {
    const whole = evidenceOn({ n, bad }, 0.05)
    const half = evidenceOn({ n: n / 2, bad: bad / 2 }, 0.05)
    const side = bad / n < 0.05 ? 'held' : 'breached'
    t.ok(half[side] < whole[side])
  }
})

test('looked at after each exchange, it is wrong as rarely as was asked', async (t) => {
  const random = createRandom(11)
  const [tolerated, sequences, length] = [0.05, 600, 1000]
  const wrong = { held: 0, breached: 0 }
  for (let i = 0; i < sequences; i++) {
    let bad = 0
    const seen = { held: false, breached: false }
    for (let n = 1; n <= length; n++) {
      if (random.next() < tolerated) bad++
      if (n % 5 !== 0) continue
      const { held, breached } = evidenceOn({ n, bad }, tolerated)
      seen.held ||= held >= Math.log(20)
      seen.breached ||= breached >= Math.log(20)
    }
    if (seen.held) wrong.held++
    if (seen.breached) wrong.breached++
  }
  // At most 30 of 600 are expected; 43 would be three standard deviations more.
  t.ok(wrong.held <= 43, `held: ${wrong.held}`)
  t.ok(wrong.breached <= 43, `breached: ${wrong.breached}`)
  t.ok(wrong.held + wrong.breached > 5, 'and not so rarely that it could never tell')
})

test('the fewest that can show a target, for one question and for thirteen', async (t) => {
  t.equal(fewestForEvidence(0.95, 0.05), 74)
  t.equal(fewestForEvidence(0.95, 0.05 / 13), 130)
  t.equal(fewestForEvidence(0.99, 0.05 / 13), 660)
  t.ok(evidenceOn({ n: 130, bad: 0 }, 0.05).held >= Math.log(260))
  t.ok(evidenceOn({ n: 129, bad: 0 }, 0.05).held < Math.log(260))
})
