import type { Judgement, RunResult } from '../../src/experiment/result.ts'
import { emptyCounters } from '../../src/faults/plan.ts'
import type { PhaseReading } from '../../src/measure/watch.ts'

type Verdict = Judgement['verdict']
type Counts = Record<string, number>

type Five = [number, number, number, number, number]

function judged (verdict: Verdict, n: number, bad: number, lower: number, upper: number, more: Partial<Judgement> = {}) {
  return { verdict, n, bad, effective: n, good: n === 0 ? 1 : 1 - bad / n, lower, upper, needed: 299, ...more }
}

function phase (name: string, n: number, latency: Five, statuses: Counts, outcomes: Counts): PhaseReading {
  const [p50, p90, p95, p99, max] = latency
  const percentiles = { p50, p90, p95, p99, max }
  const handshakes = { n: 0, unfinished: 0, counts: [] }
  const counts = { n, of: [], bad: [], unfinished: 0, bins: [] }
  const none = { handshakes, survivors: null, arms: null }
  return { name, startedAt: 0, endedAt: 0, ...counts, latency: percentiles, statuses, outcomes, ...none }
}

const lag = { p50: 0.12, p99: 1.4, max: 6.25 }

const counted = emptyCounters()

/** A run that answers: the service did not hold. */
export function breached (): RunResult {
  return {
    id: '2026-01-01T00-00-00-4f2a',
    title: 'What if payments answers 500 ms slower?',
    outcome: 'breached',
    exitCode: 1,
    reasons: ['p95 <= 300ms was breached in the fault phase: 0 % of 1,000 were good, and at most 0.3 % can be.'],
    notes: ['The arrival rate in the fault phase was 1.02 times that of the baseline.'],
    seed: 42,
    documentHash: '3fa94c2155c0a1f4d2b1c0ffee3fa94c2155c0a1f4d2b1c0ffee3fa94c2155c0a1',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:23.500Z',
    took: 23_500,
    rehearsal: null,
    restored: { faultsGone: true, heldByFaults: 0, recovered: true },
    at: 'edge',
    source: 'load',
    sources: [],
    objectives: [
      {
        objective: 'success >= 99%',
        counts: 'requests',
        baseline: judged('held', 500, 0, 0.994027, 1),
        fault: judged('held', 1000, 1, 0.995266, 0.999949, { effective: 871.4 }),
        recovery: judged('inconclusive', 120, 0, 0.975345, 1),
        timeToRecover: { kind: 'unaffected' }
      },
      {
        objective: 'p95 <= 300ms',
        counts: 'requests',
        baseline: judged('held', 500, 0, 0.994027, 1, { needed: 59 }),
        fault: judged('breached', 1000, 1000, 0, 0.002992, { needed: 59 }),
        recovery: judged('held', 120, 2, 0.948516, 0.997018, { needed: 59 }),
        timeToRecover: { kind: 'recovered', ms: 1240 }
      }
    ],
    comparison: null,
    limit: null,
    detection: null,
    paging: [],
    budget: null,
    faults: [{
      fault: { type: 'delay', on: 'payments', delay: '500ms', jitter: '50ms' },
      id: 'delay-1',
      landed: true,
      removed: true,
      counters: { ...counted, eligible: 1000, injected: 1000, delays: 1000, delayRequested: 500_000, delayAchieved: 500_210 },
      delays: {
        requested: { p50: 500, p90: 540, p95: 545, p99: 549, max: 550 },
        achieved: { p50: 500.2, p90: 540.3, p95: 545.4, p99: 550.1, max: 552 }
      }
    }],
    phases: [
      phase('baseline', 500, [22.1, 25, 27.3, 31.2, 44.8], { 200: 500 }, { complete: 500 }),
      phase('injecting', 1, [22.1, 22.1, 22.1, 22.1, 22.1], { 200: 1 }, { complete: 1 }),
      phase('fault', 1000, [523.4, 528, 531, 540.2, 561], { 200: 997, 502: 1, 503: 1, 0: 1 }, { complete: 999, timeout: 1 }),
      phase('recovery', 120, [22, 25.1, 27, 480, 498], { 200: 120 }, { complete: 120 })
    ],
    tls: [],
    load: { sent: 1670, unsent: 0, lag },
    lag,
    folder: 'premortem.data/runs/2026-01-01T00-00-00-4f2a'
  }
}

/** A run that could not conclude, with everything a report must not choke on. */
export function awkward (): RunResult {
  return {
    ...breached(),
    title: 'What if \u001b[31mredis\u001b[0m and a node of payments, which is a title far longer than a terminal is wide, go?',
    outcome: 'fault-did-not-land',
    exitCode: 6,
    reasons: [],
    notes: [
      'THE FAULT IS ON payments, WHICH IS ALSO WHERE THE OBJECTIVES ARE MEASURED: the injected delay or error is in the result itself.',
      'AB tests and other things in capitals are not loud for that.'
    ],
    source: 'proxy',
    load: null,
    at: 'payments',
    objectives: [{
      objective: 'success >= 99.9%',
      counts: 'requests',
      baseline: judged('inconclusive', 0, 0, 0, 1, { needed: 2995 }),
      fault: null,
      recovery: null,
      timeToRecover: { kind: 'unknown' }
    }],
    comparison: null,
    faults: [
      {
        fault: { type: 'refuse', on: 'payments', node: 'payments-2', share: '20%' },
        id: 'refuse-1',
        landed: false,
        removed: false,
        counters: { ...counted, eligible: 30, skipped: 20, passed: 4, capped: 2, unfit: 4 },
        delays: null
      },
      { fault: { type: 'status', on: 'payments', status: 418, headers: { a: 'b' }, mode: 'shadow' }, id: null, landed: false, removed: true, counters: null, delays: null }
    ],
    phases: [
      phase('baseline', 0, [0, 0, 0, 0, 0], {}, {}),
      phase('fault', 9, [1, 1, 1, 1, 1], { 0: 9 }, { complete: 5, reset: 2, refused: 1, timeout: 1 })
    ]
  }
}

/** A run with a certificate that clients turned down. */
export function turnedDown (): RunResult {
  const counts = (result: string, count: number, resumed = false) => ({ result, version: 'TLSv1.3', resumed, count })
  const { objectives, ...run } = breached()
  return {
    ...run,
    title: 'What if the certificate of bank expires?',
    reasons: ['handshake >= 99% under the fault breached: 0% good (40 of 40 bad), with 95% confidence at most 7.216%'],
    notes: [],
    at: 'bank',
    source: 'proxy',
    load: null,
    objectives: [
      objectives[0]!,
      {
        objective: 'handshake >= 99%',
        counts: 'handshakes',
        baseline: judged('inconclusive', 0, 0, 0, 1),
        fault: judged('breached', 40, 40, 0, 0.072156),
        recovery: judged('inconclusive', 12, 0, 0.779, 1),
        timeToRecover: { kind: 'unknown' }
      }
    ],
    comparison: null,
    faults: [{
      fault: { type: 'tls/expired', on: 'bank' }, id: 'run-1.0', landed: true, removed: true, counters: { ...counted, eligible: 40, injected: 40, existing: { ...counted.existing, drain: 4 } }, delays: null
    }],
    tls: [
      {
        at: 'bank',
        phases: [
          { name: 'baseline', handshakes: { n: 40, unfinished: 0, counts: [counts('established', 30), counts('established', 10, true)] } },
          { name: 'fault', handshakes: { n: 44, unfinished: 2, counts: [counts('alert:certificate_expired', 30), counts('reset', 6), counts('closed', 3), counts('timeout', 2), counts('failed', 1)] } },
          { name: 'recovery', handshakes: { n: 0, unfinished: 0, counts: [] } }
        ],
        survival: {
          from: 'baseline',
          sessions: true,
          subject: 'requests',
          watched: 30_000,
          n: 1200,
          old: 852,
          resumed: 192,
          fresh: 156,
          lastOld: 29_950,
          lastResumed: 12_000,
          share: 0.87,
          last: 29_950,
          words: 'had the certificate just lapsed, 87% of the requests at bank would have gone on: 71% on connections opened before, 16% on resumed sessions, for at least the 30s that were watched'
        }
      },
      { at: 'quiet', phases: [{ name: 'fault', handshakes: { n: 0, unfinished: 0, counts: [] } }], survival: null }
    ]
  }
}
