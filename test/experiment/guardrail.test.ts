import { test } from 'tap'
import { brokenGuardrail, decodeGuardrail, guard, guardrailOf, planGuardrail, refusedOf, soonestAbort } from '../../src/experiment/guardrail.ts'
import { decodeSources, paceOf } from '../../src/experiment/sources.ts'
import { parseObjective, parseObjectiveOn } from '../../src/measure/objective.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { EMPTY } from './world.ts'

type Counts = [n: number, bad: number][]

const phases = { baseline: 10_000, fault: 60_000 }

// One objective counts first, so the guardrail's counts are the second of each bin.
function phaseOf (counts: Counts): PhaseReading {
  const bins = counts.map(([n, bad], second) => ({ second, n, of: [n, n], bad: [0, bad] })).filter(({ n }) => n > 0)
  return { name: 'fault', startedAt: 0, endedAt: null, n: 0, of: [0, 0], bad: [0, 0], bins, ...EMPTY }
}

const seconds = (many: number, n: number, bad: number): Counts => Array.from({ length: many }, () => [n, bad])

const guarding = (text: string, baseline = phaseOf(seconds(10, 50, 0))) =>
  guard([guardrailOf(parseObjective(text))], 1, baseline, phases)

const broken = (counts: Counts, elapsed = counts.length * 1000, open = 0) =>
  brokenGuardrail(guarding('success >= 50%'), phaseOf(counts), elapsed, open)

test('a few seconds of failures end the run, one does not', async (t) => {
  t.equal(broken(seconds(1, 50, 50)), null)
  t.equal(broken(seconds(2, 50, 50)), null, 'a burst may lie on both sides of a second')
  t.match(broken(seconds(3, 50, 50)), /^guardrail success >= 50% is broken: 0% good over 3 s \(150 of 150 bad\), after 3 s of its phase: far likelier if 75% are bad/)
})

test('half is what it allows, and a little more may be chance', async (t) => {
  t.equal(broken(seconds(60, 50, 25)), null)
  t.equal(broken(seconds(10, 4, 3)), null, '30 of 40, but not without the two worst seconds')
  t.match(broken(seconds(60, 50, 35)), /^guardrail success >= 50% is broken: 30% good over \d+ s/)
})

test('what is bad beyond chance in ten seconds, and not as bad as what is refused, is told so', async (t) => {
  const guarded = guard([{ ...guardrailOf(parseObjective('success >= 95%')), refused: 0.8 }], 1, phaseOf(seconds(10, 50, 0)), phases)
  t.match(brokenGuardrail(guarded, phaseOf(seconds(30, 50, 12)), 30_000), /^guardrail success >= 95% is broken: 76% good over 3 s \(36 of 150 bad\), after 3 s of its phase: more than chance explains$/)
})

test('a stretch that became bad late, as slow answers came in, is seen', async (t) => {
  t.match(broken([...seconds(4, 50, 50), ...seconds(20, 50, 0)]), /0% good over 3 s/)
})

test('the running second is left out', async (t) => {
  t.equal(broken([...seconds(2, 50, 50), [100, 100]], 2900), null)
  t.equal(broken(seconds(1, 50, 50), 900), null)
})

test('failures that are fast do not outvote answers that are only slow', async (t) => {
  // 50 a second begin; two fail at once, the others need ten seconds.
  const guarded = guarding('success >= 90%')
  const fast = phaseOf(seconds(10, 2, 2))
  t.match(brokenGuardrail(guarded, fast, 10_000), /is broken/)
  t.equal(brokenGuardrail(guarded, fast, 10_000, 480), null)
  // Where all fail after ten seconds, the oldest have by then.
  t.match(brokenGuardrail(guarded, phaseOf([...seconds(5, 50, 50), ...seconds(10, 0, 0)]), 15_000, 500), /is broken: 0% good over 3 s/)
})

test('failures that came in bursts in the baseline are no evidence when they do again', async (t) => {
  const bursts: Counts = Array.from({ length: 60 }, (_, second) => [50, second % 20 === 7 ? 30 : 0])
  const guarded = (baseline: Counts) => guard([guardrailOf(parseObjective('success >= 95%'))], 1, phaseOf(baseline), { baseline: 60_000, fault: 60_000 })
  const longer: Counts = [...seconds(5, 50, 0), ...seconds(4, 50, 15), ...seconds(20, 50, 0)]
  t.match(brokenGuardrail(guarded(seconds(60, 50, 0)), phaseOf(longer), 29_000), /is broken/)
  t.equal(brokenGuardrail(guarded(bursts), phaseOf(longer), 29_000), null)
  t.match(brokenGuardrail(guarded(bursts), phaseOf(seconds(30, 50, 50)), 30_000), /is broken/, 'when nothing works it still ends the run')
})

test('silence for 15 s is broken, where the baseline was not silent', async (t) => {
  const silent = seconds(15, 0, 0)
  t.equal(broken(silent.slice(1)), null)
  t.match(broken(silent), /^guardrails are blind: no request was answered for 15 s, at 50 a second in the baseline/)
  t.equal(broken([...silent, [1, 0]]), null)
  t.equal(brokenGuardrail(guarding('success >= 50%', phaseOf(seconds(10, 1, 0))), phaseOf(silent), 15_000), null)
})

test('without guardrails nothing is broken', async (t) => {
  t.equal(brokenGuardrail([], phaseOf([[100, 100]]), 60_000), null)
})

test('a guardrail on handshakes counts handshakes, and each kind falls silent by itself', async (t) => {
  const of = (each: (second: number) => [requests: number, handshakes: number, bad: number], length = 20): PhaseReading => {
    const bins = Array.from({ length }, (_, second) => {
      const [requests, handshakes, bad] = each(second)
      return { second, n: requests, of: [requests, handshakes], bad: [0, bad] }
    }).filter(({ of }) => of.some((n) => n > 0))
    return { name: 'fault', startedAt: 0, endedAt: null, n: 0, of: [0, 0], bad: [0, 0], bins, ...EMPTY }
  }
  const both = (handshakes: number) => guard(['success >= 50%', 'handshake >= 50%'].map((text) => guardrailOf(parseObjective(text))), 0, of(() => [50, handshakes, 0], 10), phases)
  t.equal(brokenGuardrail(both(5), of(() => [50, 5, 0]), 20_000), null)
  t.match(brokenGuardrail(both(5), of(() => [50, 5, 5]), 20_000, 10_000), /^guardrail handshake >= 50% is broken: 0% good over/, 'open requests are no handshakes')
  t.match(brokenGuardrail(both(5), of((second) => [50, second < 5 ? 5 : 0, 0]), 20_000), /^guardrails are blind: no handshake came to its end for 15 s, at 5 a second/)
  t.match(brokenGuardrail(both(5), of((second) => [second < 5 ? 50 : 0, 5, 0]), 20_000), /^guardrails are blind: no request was answered/)
  t.equal(brokenGuardrail(both(1), of((second) => [50, second < 5 ? 5 : 0, 0]), 20_000), null, 'there were few before')
})

test('what is refused when nobody says', async (t) => {
  for (const [text, refused] of [['success >= 99%', 0.1], ['success >= 95%', 0.5], ['success >= 90%', 0.55], ['success >= 50%', 0.75], ['success >= 20%', 0.9]] as const) {
    t.ok(Math.abs(refusedOf(parseObjective(text)) - refused) < 1e-12, text)
  }
})

test('as text or as a mapping', async (t) => {
  t.match(decodeGuardrail('success>=99%', 'guardrails.0'), { text: 'success >= 99%', target: 0.99, alpha: 0.01 })
  const found = decodeGuardrail({ objective: 'p95 <= 300ms', unacceptable: '60%', alpha: '5%' }, 'guardrails.0')
  t.match(found, { text: 'p95 <= 300ms', kind: 'latency', threshold: 300, alpha: 0.05 })
  t.ok(Math.abs(found.refused - 0.4) < 1e-12)
  t.match(decodeGuardrail({ objective: 'success >= 99%' }, 'guardrails.0'), { alpha: 0.01 })
})

test('what is wrong with a guardrail is named with its path', async (t) => {
  const wrong: [written: unknown, path: string, found: unknown][] = [
    ['always', 'g.0', 'always'],
    [5, 'g.0', 5],
    [['success >= 99%'], 'g.0', ['success >= 99%']],
    [{ objective: 'sucess >= 99%' }, 'g.0.objective', 'sucess >= 99%'],
    [{ unacceptable: '90%' }, 'g.0.objective', 'nothing'],
    [{ objective: 'success >= 99%', unaceptable: '90%' }, 'g.0.unaceptable', 'unaceptable'],
    [{ objective: 'success >= 99%', unacceptable: '99.5%' }, 'g.0.unacceptable', '99.5%'],
    [{ objective: 'success >= 99%', unacceptable: 0 }, 'g.0.unacceptable', '0%'],
    [{ objective: 'success >= 99%', unacceptable: 'bad' }, 'g.0.unacceptable', 'bad'],
    [{ objective: 'success >= 99%', alpha: 0 }, 'g.0.alpha', '0%'],
    [{ objective: 'success >= 99%', alpha: '60%' }, 'g.0.alpha', '60%']
  ]
  for (const [written, path, found] of wrong) {
    t.throws(() => decodeGuardrail(written, 'g.0'), { code: 'PMT_ERR_INVALID', details: { path, found } }, JSON.stringify(written))
  }
})

test('what it will do, before a run', async (t) => {
  const guardrail = guardrailOf(parseObjective('success >= 99%'))
  const plan = planGuardrail(guardrail, 50, 60_000)
  t.match(plan, { guardrail: 'success >= 99%', alpha: 0.01, most: 3000, threshold: Math.log(300_000), soonest: 3000 })
  t.match(plan.words, /^success >= 99%: ends the run when more than 1% are bad, .*; if all fail, after 3 s\. Among 3,000 requests .* 1% at most \(CUSUM from 1% to 10% bad, threshold ln\(3,000 \/ 0.01\) = 12.61\)$/)
  t.match(planGuardrail(guardrail, 0, 60_000), { soonest: null, words: /no requests are seen now/ })
  t.match(planGuardrail(guardrail, 0.5, 5000), { soonest: null, words: /even if all fail, not within the fault phase/ })
  t.equal(soonestAbort(guardrail, 1, 60_000), 6000)
})

test('a guardrail on probes, of which there are few, and on a source that is asked rarely', async (t) => {
  type Counts = [n: number, bad: number][]
  const of = (counts: Counts): PhaseReading => {
    const bins = counts.map(([n, bad], second) => ({ second, n: 0, of: [n], bad: [bad] })).filter(({ of: [n] }) => n! > 0)
    return { name: 'fault', startedAt: 0, endedAt: null, n: 0, of: [0], bad: [0], bins, ...EMPTY }
  }
  const probes = (every: number, bad: (i: number) => number, n: number): Counts =>
    Array.from({ length: every * n }, (_, second) => second % every === 0 ? [1, bad(second / every)] : [0, 0])
  const look = (every: number, counts: Counts) => {
    const paces = new Map([['login', paceOf(decodeSources({ login: { http: 'http://a', every: `${every}s` } }, 'x')[0]!)]])
    const lengths = { baseline: 60_000, fault: counts.length * 1000 }
    const guarded = guard([guardrailOf(parseObjectiveOn('login >= 90%', ['login']))], 0, of(probes(every, () => 0, 60 / every)), lengths, paces)
    return brokenGuardrail(guarded, of(counts), counts.length * 1000)
  }
  t.equal(look(1, probes(1, () => 1, 3)), null)
  t.match(look(1, probes(1, () => 1, 20)), /^guardrail login >= 90% is broken: 0% good/)
  t.equal(look(1, probes(1, (i) => Number(i % 20 === 0), 60)), null)
  t.match(look(5, probes(5, () => 1, 20)), /^guardrail login >= 90% is broken: 0% good/)
  const silent = (seconds: number): Counts => [[1, 0], ...Array.from({ length: seconds }, (): [number, number] => [0, 0])]
  t.match(look(1, silent(15)), /^guardrails are blind: no sample came for 15 s, at 1 a second in the baseline/)
  t.equal(look(10, silent(25)), null)
  t.match(look(10, silent(30)), /no sample came for 30 s, at 0.1 a second in the baseline/)
})

test('a guardrail on a source that is not there is refused', async (t) => {
  t.match(decodeGuardrail('login >= 50%', 'g.0', ['login']), { source: 'login' })
  t.throws(() => decodeGuardrail({ objective: 'logn >= 50%' }, 'g.0', ['login']), { code: 'PMT_ERR_INVALID', details: { path: 'g.0.objective', hint: 'did you mean `login`?' } })
})
