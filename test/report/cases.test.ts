import { test } from 'tap'
import { EXIT_CODES } from '../../src/experiment/result.ts'
import type { Judgement, RunOutcome, RunResult, TimeToRecover } from '../../src/experiment/result.ts'
import { casesOf, secondsOf } from '../../src/report/cases.ts'
import type { Case } from '../../src/report/cases.ts'
import { awkward, breached, turnedDown } from './results.ts'

const told = (cases: Case[]): string[] => cases.map(({ name, state, message }) => `${state} ${name}${message === '' ? '' : `: ${message}`}`)

/** A run whose first objective came out like this, alone. */
function like (outcome: RunOutcome, fault: Judgement['verdict'] | null, timeToRecover: TimeToRecover, more: Partial<RunResult> = {}): RunResult {
  const { objectives: [first], ...run } = breached()
  const judged = fault === null ? null : { ...first!.fault!, verdict: fault }
  return { ...run, outcome, exitCode: EXIT_CODES[outcome], reasons: ['because of it'], objectives: [{ ...first!, fault: judged, timeToRecover }], ...more }
}

const red = (cases: Case[]): Case[] => cases.filter(({ state }) => state === 'failure' || state === 'error')
const stateOf = (run: RunResult, name: string): string | undefined => casesOf(run).find((one) => one.name === name)?.state

test('a run that breached', async (t) => {
  t.same(told(casesOf(breached())), [
    'passed the baseline is steady',
    'passed lands: delay 500ms jitter=50ms on payments',
    'passed success >= 99%: held: 99.9% good (1 of 1,000 bad), with 95% confidence at least 99.527%',
    'failure p95 <= 300ms: breached: 0% good (1,000 of 1,000 bad), with 95% confidence at most 0.299%',
    'passed the faults are removed',
    'passed recovers: success >= 99%: unaffected',
    'passed recovers: p95 <= 300ms: 1.24s',
    'passed the run reaches a verdict: The service did not keep its objectives while it was being broken.'
  ])
  t.equal(casesOf(breached()).find(({ name }) => name === 'recovers: p95 <= 300ms')?.seconds, 1.24)
  t.equal(secondsOf(breached()), 23.5)
})

test('a fault that did not land, and one that was never applied', async (t) => {
  t.same(told(casesOf(awkward())), [
    'passed the baseline is steady',
    'error lands: refuse on payments, node payments-2: A fault hit nothing, so the figures say nothing about it.',
    'skipped lands: status 418 headers={"a":"b"} on payments: it was never applied',
    'skipped success >= 99.9%: the run ended before this',
    'error the faults are removed: not confirmed: refuse on payments, node payments-2',
    'skipped recovers: success >= 99.9%: the run ended before this',
    'error the run reaches a verdict: A fault hit nothing, so the figures say nothing about it.'
  ])
  const missed = { ...awkward(), reasons: ['the fault refuse-1 (refuse on payments) did not land: all were spared'] }
  t.match(casesOf(missed)[1], { message: /all were spared/ })
  const [first] = awkward().faults
  t.equal(stateOf({ ...awkward(), outcome: 'interrupted', faults: [first!] }, 'lands: refuse on payments, node payments-2'), 'skipped')
  t.equal(stateOf({ ...awkward(), faults: [{ ...first!, counters: null }] }, 'lands: refuse on payments, node payments-2'), 'error')
})

test('what held under a fault that did not land says nothing', async (t) => {
  t.equal(stateOf(like('fault-did-not-land', 'held', { kind: 'unaffected' }), 'success >= 99%'), 'skipped')
})

test('what was not seen to hold again is a failure if it had been broken', async (t) => {
  const lost: TimeToRecover = { kind: 'not-seen', ms: 6000 }
  t.equal(stateOf(like('not-recovered', 'breached', lost), 'recovers: success >= 99%'), 'failure')
  t.equal(stateOf(like('inconclusive', 'inconclusive', lost), 'recovers: success >= 99%'), 'skipped')
  t.equal(stateOf(like('held', 'held', { kind: 'unknown' }), 'recovers: success >= 99%'), 'skipped')
})

test('a baseline: not steady, silent, or not reached', async (t) => {
  const [baseline] = breached().phases
  const early = { phases: [baseline!] }
  const notSteady = like('baseline-not-steady', null, { kind: 'unknown' }, early)
  t.match(casesOf(notSteady)[0], { state: 'error', message: 'because of it' })
  t.match(casesOf(like('inconclusive', null, { kind: 'unknown' }, early))[0], { state: 'error' })
  t.match(casesOf(like('interrupted', null, { kind: 'unknown' }, early))[0], { state: 'skipped' })
  t.equal(casesOf({ ...notSteady, phases: [{ ...baseline!, startedAt: 1000, endedAt: 31_000 }] })[0]!.seconds, 30)
})

test('something is red exactly if the exit code is not 0', async (t) => {
  const times: TimeToRecover[] = [{ kind: 'unaffected' }, { kind: 'recovered', ms: 1 }, { kind: 'unknown' }]
  for (const outcome of Object.keys(EXIT_CODES) as RunOutcome[]) {
    for (const verdict of outcome === 'held' ? ['held'] as const : ['held', 'inconclusive', null] as const) {
      for (const time of times) {
        const run = like(outcome, verdict, time)
        t.equal(red(casesOf(run)).length > 0, run.exitCode !== 0, `${outcome}, ${verdict}, ${time.kind}`)
      }
    }
  }
  for (const run of [breached(), awkward(), turnedDown()]) t.ok(red(casesOf(run)).length > 0)
})

test('traffic that changed leaves a verdict in doubt, though every objective held', async (t) => {
  const cases = casesOf(like('inconclusive', 'held', { kind: 'unaffected' }))
  t.same(red(cases).map(({ name, message }) => [name, message]), [['the run reaches a verdict', 'The figures can neither show that the objectives held nor that they were breached. because of it']])
})

test('no two cases have one name', async (t) => {
  const [fault] = breached().faults
  const names = casesOf({ ...breached(), faults: [fault!, fault!] }).map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  t.ok(names.includes('lands: delay 500ms jitter=50ms on payments (2)'))
})
