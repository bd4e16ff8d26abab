import { test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import type { StreamAction } from '../../src/faults/fault.ts'
import { ActiveFault, Plan, diceOf, emptyCounters } from '../../src/faults/plan.ts'
import type { Decision } from '../../src/faults/plan.ts'
import { clopperPearson } from '../../src/measure/statistics/clopper-pearson.ts'
import { handshake } from '../helpers/handshakes.ts'
import { requestHead, responseHead } from '../helpers/heads.ts'

const active = (id: string, written: Record<string, unknown> = { type: 'hang' }, seed = 1): ActiveFault =>
  new ActiveFault(id, decodeFault(written), seed)

const decide = (fault: ActiveFault, count: number): Decision[] => Array.from({ length: count }, () => fault.decide(requestHead()))

const hits = (fault: ActiveFault, count: number): boolean[] => decide(fault, count).map(({ verdict }) => verdict === 'hit')

const verdicts = (fault: ActiveFault, count: number): string[] => decide(fault, count).map(({ verdict }) => verdict)

/** Ordinals, from 1, of those that were hit. */
const ordinals = (fault: ActiveFault, count: number): number[] => hits(fault, count).flatMap((hit, i) => hit ? [i + 1] : [])

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
  const faults = [active('a'), active('b', { type: 'refuse' }), active('c', { type: 'status' }), active('d', { type: 'timeout' }), active('e', { type: 'tls/stall' })]
  const plan = new Plan(1, faults)
  t.strictSame(plan.http.map((fault) => fault.id), ['a', 'c'])
  t.strictSame(plan.stream.map((fault) => fault.id), ['b', 'd'])
  t.strictSame(plan.tls.map((fault) => fault.id), ['e'])
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
  const answers: Decision[] = []
  for (let i = 0; i < 500; i++) {
    t.same(mixed.decide(requestHead({ path: '/other' })), { n: 0, verdict: 'unmatched', detail: 'path' })
    answers.push(mixed.decide(requestHead({ path: '/pay' })))
  }
  t.strictSame(answers, Array.from({ length: 500 }, () => plain.decide(requestHead({ path: '/pay' }))))
  t.equal(mixed.counters.eligible, 500)
})

test('changing the share leaves the rest alone: who is hit at 10 % is hit at 30 %', async (t) => {
  const [few, more] = [hits(active('a', { type: 'hang', share: '10%' }), 5000), hits(active('a', { type: 'hang', share: '30%' }), 5000)]
  t.ok(few.every((hit, i) => !hit || more[i]))
})

test('the share is kept to, within 99.9 % binomial bounds, for five seeds', async (t) => {
  const n = 10_000
  for (const seed of [1, 2, 3, 4, 0xffffffff]) {
    for (const share of [0.01, 0.1, 0.5, 0.99]) {
      const fault = active('a', { type: 'hang', share }, seed)
      const injected = hits(fault, n).filter(Boolean).length
      // Two-sided, exact: the share must lie within the bounds that what was seen has at 99.9 %.
      const { lower, upper } = clopperPearson(injected, n, 0.0005)
      t.ok(lower <= share && share <= upper, `${share} of ${n} under ${seed}: ${injected}`)
      t.match(fault.counters, { eligible: n, injected, skipped: n - injected, passed: 0, capped: 0, unfit: 0, active: injected })
    }
  }
})

test('all or nothing', async (t) => {
  t.ok(hits(active('a'), 1000).every(Boolean))
  t.notOk(hits(active('a', { type: 'hang', share: 0 }), 1000).some(Boolean))
})

test('by keeps each of 1,000 users in one arm, over connections and restarts, and close to the share', async (t) => {
  for (const by of ['header:x-user', 'cookie:sid']) {
    const armsOf = (seed: number): boolean[] => {
      const fault = active('a', { type: 'hang', share: '30%', by }, seed)
      const arm = (user: number): boolean => {
        const headers: Record<string, string> = by === 'cookie:sid' ? { cookie: `theme=dark; sid=user-${user}` } : { 'x-user': `user-${user}` }
        return fault.decide(requestHead({ headers, client: `10.0.0.${user % 250}` })).verdict === 'hit'
      }
      const first = Array.from({ length: 1000 }, (_, user) => arm(user))
      // In another order, and several times.
      for (let user = 999; user >= 0; user--) for (let i = 0; i < 3; i++) if (arm(user) !== first[user]) t.fail(`user ${user} changed arms`)
      return first
    }
    for (const seed of [1, 2, 3, 4, 5]) {
      const arms = armsOf(seed)
      t.strictSame(armsOf(seed), arms, 'the same after a restart')
      const { lower, upper } = clopperPearson(arms.filter(Boolean).length, 1000, 0.0005)
      t.ok(lower <= 0.3 && upper >= 0.3, `${arms.filter(Boolean).length} of 1000 users under ${seed}`)
    }
    t.notSame(armsOf(1), armsOf(2))
  }
})

test('by client keeps connections in one arm, and a growing share moves nobody out of it', async (t) => {
  const arm = (share: string, client: number): boolean =>
    active('a', { type: 'refuse', share, by: 'client' }).decideOnConnection(`10.0.${client >> 8}.${client & 255}`).verdict === 'hit'
  const clients = Array.from({ length: 1000 }, (_, i) => i)
  t.ok(clients.every((client) => !arm('20%', client) || arm('50%', client)))
  t.ok(clients.filter((client) => arm('20%', client)).length > 100)
})

test('who has no key is passed over', async (t) => {
  const fault = active('a', { type: 'hang', by: 'header:x-user' })
  t.same(fault.decide(requestHead()), { n: 1, verdict: 'by', detail: 'by header:x-user' })
  t.equal(fault.decide(requestHead({ headers: { 'x-user': 'ada' } })).verdict, 'hit')
  t.match(fault.counters, { eligible: 2, injected: 1, passed: 1, skipped: 0 })
})

test('select: after, first, for, every', async (t) => {
  const of = (select: object, count = 12): number[] => ordinals(active('a', { type: 'hang', select }), count)
  t.same(of({ first: 3 }), [1, 2, 3])
  t.same(of({ after: 9 }), [10, 11, 12])
  t.same(of({ after: 2, for: 3 }), [3, 4, 5])
  t.same(of({ after: 2, first: 3 }), [3, 4, 5])
  t.same(of({ every: 3 }), [3, 6, 9, 12])
  t.same(of({ every: 1 }), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  t.same(of({ after: 2, every: 4 }), [6, 10])
  t.same(of({ after: 1, for: 6, every: 3 }), [4, 7])
  t.same(of({}), of({ after: 0 }))
  const fault = active('a', { type: 'hang', select: { after: 1, for: 2, every: 2 } })
  t.same(decide(fault, 4), [
    { n: 1, verdict: 'after', detail: 'after 1' }, { n: 2, verdict: 'every', detail: 'every 2nd after the first 1' },
    { n: 3, verdict: 'hit', detail: '' }, { n: 4, verdict: 'for', detail: 'for 2 after the first 1' }
  ])
  t.match(fault.counters, { eligible: 4, passed: 3, injected: 1, skipped: 0 })
})

test('ordinals are written as people say them', async (t) => {
  const said = (every: number): string => active('a', { type: 'hang', select: { every } }).decide(requestHead()).detail
  t.same([2, 3, 4, 11, 12, 13, 21, 22, 103, 111, 112].map(said), [
    '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '22nd', '103rd', '111th', '112th'
  ].map((word) => `every ${word}`))
})

test('of those that select leaves, the share is drawn: the same ones that would be without it', async (t) => {
  const plain = ordinals(active('a', { type: 'hang', share: '50%' }), 100)
  t.same(ordinals(active('a', { type: 'hang', share: '50%', select: { every: 2 } }), 100), plain.filter((n) => n % 2 === 0))
})

test('max.concurrent caps those at a time, max.total those in all', async (t) => {
  const fault = active('a', { type: 'hang', max: { concurrent: 2, total: 3 } })
  t.same(verdicts(fault, 3), ['hit', 'hit', 'concurrent'])
  fault.release()
  t.same(verdicts(fault, 2), ['hit', 'total'], 'of both reasons the one that lasts is told')
  fault.release()
  fault.release()
  t.same(decide(fault, 1), [{ n: 6, verdict: 'total', detail: 'max.total 3' }])
  t.match(fault.counters, { eligible: 6, injected: 3, capped: 3, active: 0 })
})

test('one that was unfit does not count against max.total, and is told apart', async (t) => {
  const fault = active('a', { type: 'hang', max: { total: 1 } })
  t.same(verdicts(fault, 1), ['hit'])
  fault.unfit()
  fault.release()
  t.same(verdicts(fault, 2), ['hit', 'total'])
  t.match(fault.counters, { eligible: 3, injected: 1, unfit: 1, capped: 1, active: 1 })
  t.same(diceOf(fault.counters), { thrown: 3, hit: 3 })
})

test('a recorded list of ordinals is hit again, and nothing else', async (t) => {
  const recorded = ordinals(active('a', { type: 'hang', share: '20%' }, 9), 500)
  t.ok(recorded.length > 50)
  const again = active('b', { type: 'hang', replay: recorded }, 77)
  t.same(ordinals(again, 500), recorded, 'whatever the seed')
  t.match(again.counters, { injected: recorded.length, skipped: 500 - recorded.length })
  t.same(verdicts(active('c', { type: 'hang', replay: [2] }), 3), ['replay', 'hit', 'replay'])
  t.same(ordinals(active('d', { type: 'hang', replay: [] }), 5), [])
})

test('a match on the response is decided there, and only then counted', async (t) => {
  const fault = active('a', { type: 'status', when: 'after', match: { path: '/pay', status: '5xx' }, select: { every: 2 } })
  const head = requestHead({ path: '/pay' })
  t.same(fault.decide(head), { n: 0, verdict: 'pending', detail: '' })
  t.equal(fault.decide(requestHead()).verdict, 'unmatched', 'what the request rules out waits for nothing')
  t.equal(fault.counters.eligible, 0)
  t.same(fault.decideOnResponse(head, responseHead(200)), { n: 0, verdict: 'unmatched', detail: 'status' })
  t.same([503, 500].map((status) => fault.decideOnResponse(head, responseHead(status)).verdict), ['every', 'hit'])
  t.match(fault.counters, { eligible: 2, injected: 1, passed: 1 })
})

test('a hit tells its ordinal, which names its own generator', async (t) => {
  const fault = active('a', { type: 'delay', delay: 1, share: '50%' })
  const found = decide(fault, 100).filter(({ verdict }) => verdict === 'hit').map(({ n }) => n)
  t.equal(found.length, fault.counters.injected)
  t.ok(found.every((n, i) => i === 0 || n > found[i - 1]!))
  t.equal(fault.randomOf(5).next(), active('b', { type: 'delay', delay: 1 }).randomOf(5).next())
  t.not(fault.randomOf(5).next(), fault.randomOf(6).next())
})

test('a stream fault begins anew on each connection it hits, each with its own numbers', async (t) => {
  const written = { type: 'latency', latency: '100ms', jitter: '50ms' }
  const fault = active('a', written)
  t.equal(fault.http, undefined)
  const chunks = (of: ActiveFault, n: number): (StreamAction | undefined)[] => {
    const behaviour = of.begin(n)
    return [1, 2, 3].map(() => behaviour.chunk?.(new Uint8Array(1), 0))
  }
  const [first, second] = [chunks(fault, fault.decideOnConnection('::1').n), chunks(fault, fault.decideOnConnection('::1').n)]
  t.notSame(first, second)
  t.strictSame(chunks(active('b', written), 1), first)
  t.match(fault.counters, { eligible: 2, injected: 2, skipped: 0 })
})

test('connections are matched by their client', async (t) => {
  const fault = active('a', { type: 'refuse', match: { client: '10.0.0.0/8' } })
  t.same(fault.decideOnConnection('192.0.2.1'), { n: 0, verdict: 'unmatched', detail: 'client' })
  t.same(fault.decideOnConnection('10.2.3.4'), { n: 1, verdict: 'hit', detail: '' })
  t.match(fault.counters, { eligible: 1, injected: 1 })
})

test('handshakes are matched by name and client, and numbered', async (t) => {
  const fault = active('a', { type: 'tls/expired', match: { sni: '*.test' }, select: { every: 2 } })
  t.same(fault.decideOnHandshake(handshake({ sni: 'api.internal' })), { n: 0, verdict: 'unmatched', detail: 'sni' })
  t.same(fault.decideOnHandshake(handshake({ sni: undefined })), { n: 0, verdict: 'unmatched', detail: 'sni' })
  t.same([1, 2, 3].map(() => fault.decideOnHandshake(handshake({ sni: 'a.test' })).verdict), ['every', 'hit', 'every'])
  t.match(fault.counters, { eligible: 3, injected: 1, passed: 2, active: 1 })
})

test('by sni keeps each name in one arm; who asks for none is passed over', async (t) => {
  const fault = active('a', { type: 'tls/stall', share: '50%', by: 'sni' })
  const arm = (sni: string | undefined, client = '::1'): string => fault.decideOnHandshake(handshake({ sni }, { client })).verdict
  const names = Array.from({ length: 200 }, (_, i) => `${i}.test`)
  const arms = names.map((name) => arm(name))
  t.same(names.map((name) => arm(name, '10.0.0.1')), arms)
  t.ok(arms.includes('hit') && arms.includes('share'))
  t.equal(arm(undefined), 'by')
})

test('a tls fault begins once, and no connection begins it', async (t) => {
  const fault = active('a', { type: 'tls/stall' })
  t.strictSame([fault.http, fault.begin(1)], [undefined, {}])
  t.strictSame(fault.tls?.handshake(handshake(), { random: fault.randomOf(1), elapsed: 0 }), { do: 'hang' })
  t.equal(active('b').tls, undefined)
})

test('shadow decides as the real one does, and holds nothing', async (t) => {
  const written = { type: 'refuse', share: '50%', select: { after: 3 } }
  const shadow = active('a', { ...written, mode: 'shadow' })
  const real = active('a', written)
  t.equal(shadow.shadow, true)
  t.equal(real.shadow, false)
  for (let i = 0; i < 1000; i++) {
    const [would, did] = [shadow.decideOnConnection('::1'), real.decideOnConnection('::1')]
    if (did.verdict === 'hit') real.release()
    t.same(would, did.verdict === 'hit' ? { ...did, verdict: 'shadow' } : did)
  }
  t.strictSame(shadow.counters, real.counters)
  t.equal(shadow.counters.active, 0)
})

test('an http fault begins once', async (t) => {
  const fault = active('a', { type: 'status', status: 500 })
  t.strictSame(fault.counters, emptyCounters())
  const request = requestHead()
  t.match(fault.http?.request?.(request, { random: fault.randomOf(1), elapsed: 0, request }), { do: 'respond', status: 500 })
  t.strictSame(fault.begin(1), {}, 'and no connection begins it')
})

test('node narrows it down', async (t) => {
  t.ok(active('a').concerns('any'))
  const narrowed = active('a', { type: 'refuse', node: 'n2' })
  t.strictSame([narrowed.concerns('n1'), narrowed.concerns('n2')], [false, true])
})
