import { test } from 'tap'
import { NOTHING_LEFT, SETTLE, restoreWords, restoredOf, whyNotRestored } from '../../src/experiment/restore.ts'
import type { ObjectiveResult, TimeToRecover } from '../../src/experiment/result.ts'

const GONE = { active: false, held: 0 }
const objectives = (...kinds: TimeToRecover['kind'][]): ObjectiveResult[] =>
  kinds.map((kind) => ({ timeToRecover: { kind, ms: 0 } }) as ObjectiveResult)

test('restored is what the data plane says, not what was hoped', async (t) => {
  t.equal(restoredOf([], []), null)
  t.strictSame(restoredOf([GONE, GONE], objectives('unaffected', 'recovered')), { faultsGone: true, heldByFaults: 0, recovered: true })
  t.strictSame(restoredOf([GONE, null], []), { faultsGone: null, heldByFaults: null, recovered: true }, 'one that nobody can be asked about')
  t.strictSame(restoredOf([{ active: true, held: 2 }, null], []), { faultsGone: false, heldByFaults: 2, recovered: true }, 'what is known is told')
  t.strictSame(restoredOf([{ active: false, held: 2 }, { active: false, held: 3 }], [])?.heldByFaults, 5)
  t.equal(restoredOf([GONE], objectives('recovered', 'unknown'))?.recovered, null)
  t.equal(restoredOf([GONE], objectives('unknown', 'not-seen'))?.recovered, false)
})

test('each thing that is not confirmed has its reason', async (t) => {
  t.equal(whyNotRestored(NOTHING_LEFT), null)
  t.match(whyNotRestored({ faultsGone: false, heldByFaults: 0 }), /still has a fault/)
  t.match(whyNotRestored({ faultsGone: null, heldByFaults: null }), /could not be asked/)
  t.match(whyNotRestored({ faultsGone: true, heldByFaults: 2 }), `2 requests or connections that the faults hit had not ended ${SETTLE.limit / 1000} s`)
})

test('in words', async (t) => {
  t.match(restoreWords(NOTHING_LEFT), [/^confirmed after the recovery: no fault is active/])
  t.match(restoreWords({ ...NOTHING_LEFT, recovered: null }), [/no fault of this run is active/, /nothing that they hit is still open/, /not known/])
  t.match(restoreWords({ faultsGone: false, heldByFaults: 2, recovered: false }), [/STILL ACTIVE/, /2 that they hit STILL OPEN/, /NOT SEEN/])
  t.match(restoreWords({ faultsGone: null, heldByFaults: null, recovered: null }), [/NOT KNOWN/, /not known/, /not known/])
})
