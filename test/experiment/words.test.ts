import { test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import { emptyCounters } from '../../src/faults/plan.ts'
import type { FaultCounters } from '../../src/faults/plan.ts'
import { judge } from '../../src/experiment/verdict.ts'
import { describeJudgement, whyMissed } from '../../src/experiment/words.ts'
import { parseObjective } from '../../src/measure/objective.ts'

const success = parseObjective('success >= 99%')
const words = (n: number, bad: number, objective = success) => describeJudgement(judge(objective.target, [{ n, bad }]), objective)

test('each verdict says what was seen and how sure it is', async (t) => {
  t.equal(words(1000, 4), 'held: 99.6% good (4 of 1,000 bad), with 95% confidence at least 99.087%')
  t.equal(words(1000, 16), 'breached: 98.4% good (16 of 1,000 bad), with 95% confidence at most 98.994%')
})

test('inconclusive says how many were missing', async (t) => {
  t.match(words(100, 0), /; about 299 requests like these would be needed$/)
  t.match(words(0, 0), /no traffic, and at least 299 requests are needed$/)
  t.match(words(1000, 10), /; no number of requests that goes like these would be conclusive$/)
})

test('handshakes are called so', async (t) => {
  const handshake = parseObjective('handshake >= 99%')
  t.match(words(100, 0, handshake), /; about 299 handshakes like these would be needed$/)
  t.match(words(0, 0, handshake), /^inconclusive: no handshakes, and at least 299 handshakes are needed$/)
  t.match(words(1000, 10, handshake), /; no number of handshakes that goes like these/)
  t.equal(whyMissed(decodeFault({ type: 'tls/expired' }), emptyCounters()), 'no handshake fitted it')
})

test('the number that was missing grows with dependence', async (t) => {
  const blocks = [0, 0, 1, 0, 2, 0, 14, 11, 0, 1, 0, 1].map((bad) => ({ n: 500, bad }))
  const found = /about ([\d,]+) requests/.exec(describeJudgement(judge(0.99, blocks), success))
  t.ok(Number(found![1]!.replaceAll(',', '')) > 6000)
})

test('a verdict that only the number of objectives weakened says so', async (t) => {
  const weakened = { ...judge(0.99, [{ n: 1000, bad: 16 }]), verdict: 'inconclusive' as const }
  t.match(describeJudgement(weakened, success), /one objective among several needs stronger evidence/)
})

test('why a fault hit nothing', async (t) => {
  const why = (counters: Partial<FaultCounters>, more: object = {}): string =>
    whyMissed(decodeFault({ type: 'delay', delay: '1s', ...more }), { ...emptyCounters(), ...counters })
  t.equal(why({}), 'no request fitted it')
  t.equal(whyMissed(decodeFault({ type: 'refuse' }), emptyCounters()), 'no connection fitted it')
  t.equal(whyMissed(decodeFault({ type: 'tls/stall' }), emptyCounters()), 'no handshake fitted it')
  t.equal(why({ existing: { affect: 0, reset: 0, drain: 0, ignore: 3 } }), 'no request fitted it; 3 that were open before it were left alone')
  t.equal(why({ eligible: 1200, skipped: 1200 }, { share: '1%' }), '1,200 fitted it, and all were spared by its share of 1%')
  t.equal(why({ eligible: 5, skipped: 5 }, { replay: [9] }), '5 fitted it, and all were spared by its replay')
  t.equal(why({ eligible: 5, passed: 5 }, { select: { after: 100 } }), '5 fitted it, and all were passed over by its select')
  t.equal(why({ eligible: 5, passed: 5 }, { by: 'header:x-user' }), '5 fitted it, and all were passed over by its by')
  t.equal(why({ eligible: 5, capped: 5 }, { max: { total: 1 } }), '5 fitted it, and all were spared by its max')
  t.equal(why({ eligible: 5, unfit: 5 }), '5 fitted it, and all were such that it could do nothing to them')
  t.equal(why({ eligible: 2000, passed: 1500, skipped: 400, unfit: 100 }, { select: { every: 4 }, by: 'client', share: '20%' }),
    '2,000 fitted it, and 400 were spared by its share of 20%, 1,500 were passed over by its select or by, 100 were such that it could do nothing to them')
})
