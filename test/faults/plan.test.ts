import { test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import type { StreamAction } from '../../src/faults/fault.ts'
import { ActiveFault, Plan, emptyCounters } from '../../src/faults/plan.ts'
import { requestHead } from '../helpers/heads.ts'

const active = (id: string, written: Record<string, unknown> = { type: 'hang' }, seed = 1): ActiveFault =>
  new ActiveFault(id, decodeFault(written), seed)

const hits = (fault: ActiveFault, count: number): boolean[] => Array.from({ length: count }, () => fault.hits(requestHead()) > 0)

test('a plan never changes; each change is the next revision', async (t) => {
  const [a, b] = [active('a'), active('b', { type: 'latency', latency: 1 })]
  const one = Plan.EMPTY.with(a)
  const two = one.with(b)
  t.strictSame([Plan.EMPTY.revision, one.revision, two.revision], [0, 1, 2])
  t.strictSame([Plan.EMPTY.faults.length, one.faults.length, two.faults.length], [0, 1, 2])
  const three = two.without('a')
  t.strictSame([three.revision, three.faults], [3, [b]])
  t.strictSame(two.faults, [a, b], 'the plan before is as it was')
  t.equal(two.without('unknown').revision, 3)
})

test('a plan sorts its faults by layer, in the order they were set', async (t) => {
  const faults = [active('a'), active('b', { type: 'refuse' }), active('c', { type: 'status' }), active('d', { type: 'timeout' })]
  const plan = new Plan(1, faults)
  t.strictSame(plan.http.map((fault) => fault.id), ['a', 'c'])
  t.strictSame(plan.stream.map((fault) => fault.id), ['b', 'd'])
  t.equal(plan.find('c'), faults[2])
  t.equal(plan.find('z'), undefined)
})

test('an update takes the place of the one before, and can keep its counters', async (t) => {
  const before = active('b', { type: 'delay', delay: '1s', share: '50%' })
  const plan = Plan.EMPTY.with(active('a')).with(before).with(active('c'))
  hits(before, 1000)
  const after = new ActiveFault('b', decodeFault({ type: 'delay', delay: '2s', share: '50%' }), 1, before.counters)
  const next = plan.with(after)
  t.strictSame(next.faults.map((fault) => fault.id), ['a', 'b', 'c'])
  t.equal(next.revision, 4)
  t.equal(after.counters.eligible, 1000)
  hits(after, 1)
  t.equal(after.counters.eligible, 1001)
  t.equal(plan.find('b'), before)
})

test('same seed, same decisions, over 10,000 requests; another seed, others', async (t) => {
  const share = { type: 'hang', share: '20%' }
  const first = hits(active('a', share, 42), 10_000)
  t.strictSame(hits(active('b', share, 42), 10_000), first, 'the id does not matter, the seed does')
  t.notSame(hits(active('a', share, 43), 10_000), first)
  t.strictSame(hits(active('a', { ...share, seed: 42 }, 7), 10_000), first, 'a seed in the fault wins')
})

test('the n-th fitting request gets the same answer, whatever does not fit in between', async (t) => {
  const written = { type: 'hang', share: '50%', match: { path: '/pay' } }
  const plain = active('a', written)
  const mixed = active('b', written)
  const answers: number[] = []
  for (let i = 0; i < 500; i++) {
    t.equal(mixed.hits(requestHead({ path: '/other' })), 0)
    answers.push(mixed.hits(requestHead({ path: '/pay' })))
  }
  t.strictSame(answers, Array.from({ length: 500 }, () => plain.hits(requestHead({ path: '/pay' }))))
  t.equal(mixed.counters.eligible, 500)
})

test('changing the share leaves the rest alone: who is hit at 10 % is hit at 30 %', async (t) => {
  const [few, more] = [hits(active('a', { type: 'hang', share: '10%' }), 5000), hits(active('a', { type: 'hang', share: '30%' }), 5000)]
  t.ok(few.every((hit, i) => !hit || more[i]))
})

test('the share is kept to, within 99.9 % binomial bounds, for five seeds', async (t) => {
  const n = 20_000
  for (const seed of [1, 2, 3, 4, 0xffffffff]) {
    for (const share of [0.01, 0.2, 0.5, 0.99]) {
      const fault = active('a', { type: 'hang', share }, seed)
      const injected = hits(fault, n).filter(Boolean).length
      // 3.29 standard errors either side.
      t.ok(Math.abs(injected - n * share) <= 3.29 * Math.sqrt(n * share * (1 - share)), `${share} of ${n} under ${seed}: ${injected}`)
      t.match(fault.counters, { eligible: n, injected, skipped: n - injected })
    }
  }
})

test('all or nothing', async (t) => {
  t.ok(hits(active('a'), 1000).every(Boolean))
  t.notOk(hits(active('a', { type: 'hang', share: 0 }), 1000).some(Boolean))
})

test('a hit tells its ordinal, which names its own generator', async (t) => {
  const fault = active('a', { type: 'delay', delay: 1, share: '50%' })
  const ordinals = Array.from({ length: 100 }, () => fault.hits(requestHead())).filter((n) => n > 0)
  t.equal(ordinals.length, fault.counters.injected)
  t.ok(ordinals.every((n, i) => i === 0 || n > ordinals[i - 1]!))
  t.equal(fault.randomOf(5).next(), active('b', { type: 'delay', delay: 1 }).randomOf(5).next())
  t.not(fault.randomOf(5).next(), fault.randomOf(6).next())
})

test('a stream fault begins anew on each connection it hits, each with its own numbers', async (t) => {
  const fault = active('a', { type: 'latency', latency: '100ms', jitter: '50ms' })
  t.equal(fault.http, undefined)
  const chunks = (): (StreamAction | undefined)[] => {
    const behaviour = fault.beginOn()
    return [behaviour?.chunk?.(1), behaviour?.chunk?.(1)]
  }
  const [first, second] = [chunks(), chunks()]
  t.notSame(first, second)
  const again = active('b', { type: 'latency', latency: '100ms', jitter: '50ms' }).beginOn()
  t.strictSame([again?.chunk?.(1), again?.chunk?.(1)], first)
  t.match(fault.counters, { eligible: 2, injected: 2, skipped: 0 })
})

test('a spared connection gets no behaviour', async (t) => {
  const fault = active('a', { type: 'refuse', share: '50%' })
  const begun = Array.from({ length: 1000 }, () => fault.beginOn()).filter((behaviour) => behaviour !== undefined).length
  t.equal(begun, fault.counters.injected)
  t.equal(fault.counters.skipped, 1000 - begun)
})

test('shadow counts what would be hit, and yields no behaviour', async (t) => {
  const shadow = active('a', { type: 'refuse', share: '50%', mode: 'shadow' })
  const real = active('a', { type: 'refuse', share: '50%' })
  t.equal(shadow.shadow, true)
  t.equal(real.shadow, false)
  for (let i = 0; i < 1000; i++) {
    t.equal(shadow.beginOn(), undefined)
    real.beginOn()
  }
  t.strictSame(shadow.counters, real.counters)
})

test('an http fault begins once, and no connection begins it', async (t) => {
  const fault = active('a', { type: 'status', status: 500 })
  t.equal(fault.beginOn(), undefined)
  t.strictSame(fault.counters, emptyCounters())
  t.match(fault.http?.request?.(requestHead(), fault.randomOf(1)), { do: 'respond', status: 500 })
})

test('node narrows it down', async (t) => {
  t.ok(active('a').concerns('any'))
  const narrowed = active('a', { type: 'refuse', node: 'n2' })
  t.strictSame([narrowed.concerns('n1'), narrowed.concerns('n2')], [false, true])
})
