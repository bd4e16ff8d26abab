import { test } from 'tap'
import { judge } from '../../src/experiment/verdict.ts'
import { describeJudgement } from '../../src/experiment/words.ts'

const words = (n: number, bad: number, target = 0.99) => describeJudgement(judge(target, [{ n, bad }]), target)

test('each verdict says what was seen and how sure it is', async (t) => {
  t.equal(words(1000, 4), 'held: 99.6% good (4 of 1,000 bad), with 95% confidence at least 99.087%')
  t.equal(words(1000, 16), 'breached: 98.4% good (16 of 1,000 bad), with 95% confidence at most 98.994%')
})

test('inconclusive says how many were missing', async (t) => {
  t.match(words(100, 0), /; about 299 requests like these would be needed$/)
  t.match(words(0, 0), /no traffic, and at least 299 requests are needed$/)
  t.match(words(1000, 10), /; no number of requests that goes like these would be conclusive$/)
})

test('the number that was missing grows with dependence', async (t) => {
  const blocks = [0, 0, 1, 0, 2, 0, 14, 11, 0, 1, 0, 1].map((bad) => ({ n: 500, bad }))
  const found = /about ([\d,]+) requests/.exec(describeJudgement(judge(0.99, blocks), 0.99))
  t.ok(Number(found![1]!.replaceAll(',', '')) > 6000)
})

test('a verdict that only the number of objectives weakened says so', async (t) => {
  const weakened = { ...judge(0.99, [{ n: 1000, bad: 16 }]), verdict: 'inconclusive' as const }
  t.match(describeJudgement(weakened, 0.99), /one objective among several needs stronger evidence/)
})
