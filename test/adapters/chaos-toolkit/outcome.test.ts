import { test } from 'tap'
import { ALL_FINE, ROWS } from '../../../docs/chaos-toolkit-rows.ts'
import { Interruption } from '../../../src/adapters/chaos-toolkit/failure.ts'
import { compatExit, endOf, verdictOf } from '../../../src/adapters/chaos-toolkit/outcome.ts'
import type { NativeFindings } from '../../../src/adapters/chaos-toolkit/native.ts'
import type { Facts } from '../../../src/adapters/chaos-toolkit/outcome.ts'

for (const { id, facts, theirs } of ROWS) {
  test(`${id}: as the Chaos Toolkit does it`, async (t) => {
    const end = endOf(facts, true)
    t.strictSame([end.status, end.deviated, end.rollbacks, compatExit(end)], theirs)
  })
}

const OURS: Record<string, [string, boolean, boolean, string, number]> = {
  fine: ['completed', false, true, 'held', 0],
  'gate-unmet': ['failed', false, false, 'baseline-not-steady', 5],
  'gate-failed': ['failed', false, false, 'baseline-not-steady', 5],
  'after-unmet': ['completed', true, true, 'breached', 1],
  'after-failed': ['failed', true, true, 'breached', 1],
  'action-failed': ['completed', false, true, 'fault-did-not-land', 6],
  dips: ['completed', true, true, 'breached', 1],
  'fail-fast': ['completed', true, true, 'breached', 1],
  'during-fail-fast': ['failed', true, true, 'breached', 1],
  crash: ['aborted', false, true, 'failed', 70],
  interrupted: ['interrupted', false, true, 'interrupted', 130],
  'interrupted-always': ['interrupted', false, true, 'interrupted', 130],
  'interrupted-hard': ['interrupted', false, false, 'interrupted', 130]
}

for (const { id, facts } of ROWS) {
  test(`${id}: as premortem does it`, async (t) => {
    const end = endOf(facts, false)
    const { outcome, exitCode } = verdictOf(facts, end, [])
    t.strictSame([end.status, end.deviated, end.rollbacks, outcome, exitCode], OURS[id])
  })
}

test('strategies for rollbacks', async (t) => {
  const plays = (facts: Partial<Facts>, compat = false): boolean => endOf({ ...ALL_FINE, ...facts }, compat).rollbacks
  for (const compat of [true, false]) {
    t.equal(plays({ rollbacks: 'never' }, compat), false)
    t.equal(plays({ rollbacks: 'deviated' }, compat), false)
    t.equal(plays({ rollbacks: 'deviated', after: 'unmet' }, compat), true)
    t.equal(plays({ rollbacks: 'always', begun: false, before: 'failed' }, compat), true)
  }
})

test('what the extension found is taken in', async (t) => {
  const nothing = { judged: true, breached: [], inconclusive: [], missed: [], left: [] }
  const verdict = (found: Partial<NativeFindings>, facts: Partial<Facts> = {}) =>
    verdictOf({ ...ALL_FINE, ...facts }, endOf({ ...ALL_FINE, ...facts }, false), [], { ...nothing, ...found })
  t.match(verdict({}), { outcome: 'held', reasons: [/every objective/] })
  t.match(verdict({}, { probes: 0, before: null, after: null }), { outcome: 'held' }, 'there need not be a hypothesis')
  t.match(verdict({ judged: false }, { probes: 0 }), { outcome: 'inconclusive' })
  t.match(verdict({ breached: ['b'], missed: ['m'] }), { outcome: 'breached', exitCode: 1, reasons: ['b', 'm hit nothing'] })
  t.match(verdict({ inconclusive: ['i'] }), { outcome: 'inconclusive', exitCode: 3, reasons: ['i'] })
  t.match(verdict({ missed: ['m'], inconclusive: ['i'] }), { outcome: 'fault-did-not-land', exitCode: 6 })
  t.match(verdict({ left: ['l'], breached: ['b'] }), { outcome: 'not-recovered', exitCode: 7, reasons: [/l$/] })
})

test('what else premortem says', async (t) => {
  const verdict = (facts: Partial<Facts>, failedRollbacks: string[] = []) => {
    const all = { ...ALL_FINE, ...facts }
    return verdictOf(all, endOf(all, false), failedRollbacks)
  }
  t.match(verdict({}, ['r']), { outcome: 'not-recovered', exitCode: 7, reasons: [/`r`/] })
  t.match(verdict({ after: 'unmet', failedActions: ['a'] }), { outcome: 'breached', reasons: [/after the method/, /`a`/] })
  t.match(verdict({ during: { n: 3, unmet: 1 } }), { outcome: 'breached', reasons: [/1 of 3 verifications/] })
  t.match(verdict({ probes: 0 }), { outcome: 'inconclusive', exitCode: 3 })
  t.match(verdict({ after: null, hypothesis: 'before-method-only' }), { outcome: 'inconclusive', exitCode: 3 })
  t.match(verdict({ after: null, during: { n: 2, unmet: 0 } }), { outcome: 'held', reasons: [/as long as the method ran/] })
  t.match(verdict({ dry: 'activities' }), { outcome: null, exitCode: 0, reasons: [/rehearsal without activities/] })
  t.match(verdict({ dry: 'pause' }), { outcome: 'held' })
  t.match(verdict({ interruption: new Interruption('guard', { by: 'safeguard' }) }), { outcome: 'aborted', exitCode: 4, reasons: ['guard'] })
})
