import { test } from 'tap'
import { brokenGuardrail } from '../../src/experiment/guardrail.ts'
import { decodeSources, paceOf } from '../../src/experiment/sources.ts'
import { parseDuration } from '../../src/kernel/units.ts'
import { parseObjective, parseObjectiveOn } from '../../src/measure/objective.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'
import { EMPTY } from './world.ts'

// One objective counts first, so the guardrail's counts are the second of each bin.
const guarded = { guardrails: [parseObjective('success >= 50%')], first: 1, baselineRates: [50] }

function phaseOf (counts: [n: number, bad: number][]): PhaseReading {
  const bins = counts.map(([n, bad], second) => ({ second, n, of: [n, n], bad: [0, bad] })).filter(({ n }) => n > 0)
  return { name: 'fault', startedAt: 0, endedAt: null, n: 0, of: [0, 0], bad: [0, 0], bins, ...EMPTY }
}

const broken = (counts: [number, number][], elapsed = counts.length * 1000) => brokenGuardrail(guarded, phaseOf(counts), elapsed)

test('broken as soon as there are 20 requests, most of them bad', async (t) => {
  t.equal(broken([[20, 11]]), 'guardrail success >= 50% is broken: 45% good over 1 s (11 of 20 bad)')
  t.equal(broken([[20, 10]]), null, 'half is what it allows')
  t.equal(broken([[19, 19]]), null, 'too few')
  t.match(broken([[10, 10], [10, 10]]), /0% good over 2 s/)
})

test('the window slides over ten seconds', async (t) => {
  const good = Array.from({ length: 10 }, (): [number, number] => [10, 0])
  const bad = Array.from({ length: 10 }, (): [number, number] => [10, 10])
  t.equal(broken([...good, ...bad.slice(0, 5)]), null, 'five of ten seconds')
  t.match(broken([...good, ...bad.slice(0, 6)]), /40% good over 10 s \(60 of 100 bad\)/)
})

test('a window that became bad late, as slow answers came in, is seen', async (t) => {
  const counts: [number, number][] = [[10, 10], [10, 10], ...Array.from({ length: 20 }, (): [number, number] => [10, 0])]
  t.match(broken(counts), /0% good over 2 s/)
})

test('the running second is left out', async (t) => {
  t.equal(broken([[20, 0], [20, 20], [100, 100]], 2900), null)
  t.equal(broken([[20, 20]], 900), null)
})

test('silence for 15 s is broken, where the baseline was not silent', async (t) => {
  const silent = Array.from({ length: 15 }, (): [number, number] => [0, 0])
  t.equal(broken(silent.slice(1)), null)
  t.match(broken(silent), /^guardrails are blind: no request was answered for 15 s, at 50 a second in the baseline/)
  t.equal(broken([...silent, [1, 0]]), null)
  t.equal(brokenGuardrail({ ...guarded, baselineRates: [1] }, phaseOf(silent), 15_000), null)
})

test('without guardrails nothing is broken', async (t) => {
  t.equal(brokenGuardrail({ ...guarded, guardrails: [] }, phaseOf([[100, 100]]), 60_000), null)
})

test('a guardrail on handshakes counts handshakes, and each kind falls silent by itself', async (t) => {
  const both = { guardrails: ['success >= 50%', 'handshake >= 50%'].map(parseObjective), first: 0, baselineRates: [50, 5] }
  const of = (each: (second: number) => [requests: number, handshakes: number, bad: number], seconds = 20): PhaseReading => {
    const bins = Array.from({ length: seconds }, (_, second) => {
      const [requests, handshakes, bad] = each(second)
      return { second, n: requests, of: [requests, handshakes], bad: [0, bad] }
    }).filter(({ of }) => of.some((n) => n > 0))
    return { name: 'fault', startedAt: 0, endedAt: null, n: 0, of: [0, 0], bad: [0, 0], bins, ...EMPTY }
  }
  t.equal(brokenGuardrail(both, of(() => [50, 5, 0]), 20_000), null)
  t.match(brokenGuardrail(both, of(() => [50, 5, 3]), 20_000), /^guardrail handshake >= 50% is broken: 40% good over 4 s \(12 of 20 bad\)/)
  t.match(brokenGuardrail(both, of((second) => [50, second < 5 ? 5 : 0, 0]), 20_000), /^guardrails are blind: no handshake came to its end for 15 s, at 5 a second/)
  t.match(brokenGuardrail(both, of((second) => [second < 5 ? 50 : 0, 5, 0]), 20_000), /^guardrails are blind: no request was answered/)
  t.equal(brokenGuardrail({ ...both, baselineRates: [50, 1] }, of((second) => [50, second < 5 ? 5 : 0, 0]), 20_000), null, 'there were few before')
})

test('a guardrail on probes takes ten of them; on a source that is asked rarely, a longer window', async (t) => {
  const on = (every: string) => ({
    guardrails: [parseObjectiveOn('login >= 50%', ['login'])],
    first: 1,
    baselineRates: [1000 / parseDuration(every)],
    paces: new Map([['login', paceOf(decodeSources({ login: { http: 'http://a', every } }, 'x')[0]!)]])
  })
  const probes = (every: number, bad: (i: number) => number, n: number): [number, number][] =>
    Array.from({ length: every * n }, (_, second) => second % every === 0 ? [1, bad(second / every)] : [0, 0])
  const look = (every: number, counts: [number, number][]) => brokenGuardrail(on(`${every}s`), phaseOf(counts), counts.length * 1000)
  t.equal(look(1, probes(1, () => 1, 9)), null)
  t.match(look(1, probes(1, () => 1, 10)), /^guardrail login >= 50% is broken: 0% good over 10 s \(10 of 10 bad\)/)
  t.equal(look(1, probes(1, (i) => i % 2, 30)), null)
  t.match(look(5, probes(5, () => 1, 10)), /0% good over 46 s \(10 of 10 bad\)/)
  const silent = (seconds: number): [number, number][] =>
    [[1, 0], ...Array.from({ length: seconds }, (): [number, number] => [0, 0])]
  t.match(look(1, silent(15)), /^guardrails are blind: no sample came for 15 s, at 1 a second in the baseline/)
  t.equal(look(10, silent(25)), null)
  t.match(look(10, silent(30)), /no sample came for 30 s, at 0.1 a second in the baseline/)
})
