import { test } from 'tap'
import type { Conclusion } from '../../src/experiment/conclude.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import { concludeRehearsal, rehearse, rehearsedOf } from '../../src/experiment/rehearsal.ts'
import type { FaultResult } from '../../src/experiment/result.ts'
import { emptyCounters } from '../../src/faults/plan.ts'
import { DOCUMENT } from './world.ts'

test('every fault is in shadow mode, whatever the document says, which stays as it is', async (t) => {
  const experiment = decodeExperiment({ ...DOCUMENT, faults: [{ type: 'delay', on: 'payments', delay: 1, mode: 'inject', share: '20%' }] })
  const rehearsal = rehearse(experiment)
  t.equal(rehearsal.rehearsal, true)
  t.match(rehearsal.faults, [{ mode: 'shadow', share: 0.2, spec: { mode: 'shadow', share: '20%' } }])
  t.equal(experiment.faults[0]!.spec.mode, 'inject')
  t.equal(rehearsal.document, experiment.document)
})

test('what ended it early says so; otherwise it was rehearsed', async (t) => {
  const of = (outcome: Conclusion['outcome']): Conclusion => ({ outcome, reasons: ['because'], notes: [], objectives: [], comparison: null })
  t.match(concludeRehearsal(of('held'), []), { outcome: 'rehearsed', reasons: ['nothing was injected', 'because'] })
  t.match(concludeRehearsal(of('breached'), []), { outcome: 'rehearsed', reasons: [/happened by itself/, 'because'] })
  t.match(concludeRehearsal(of('aborted'), [{ outcome: 'aborted', reason: 'x' }]), { outcome: 'aborted', reasons: ['because'] })
})

test('whom it would have hit: by route, ids aside, and by connection', async (t) => {
  const fault: FaultResult = {
    fault: { type: 'delay', on: 'payments', delay: 1 }, id: 'r.0', landed: true, removed: true, delays: null, counters: { ...emptyCounters(), eligible: 2000, injected: 400 }
  }
  const asked = (path: string, connection: number, hit: boolean, method = 'GET') => ({ method, path, connection, hit })
  const decisions = [
    asked('/charge/17', 1, true), asked('/charge/18?a=1', 1, true), asked('/charge/19', 2, false),
    asked('/user/0a1b2c3d-1111-2222-3333-444455556666', 3, true), asked('/health', 4, false), asked('', 5, true, '')
  ]
  t.strictSame(rehearsedOf([fault], [{ complete: false, decisions }]), [{
    fault: 'r.0',
    on: 'payments',
    eligible: 2000,
    hit: 400,
    decisions: 6,
    complete: false,
    connections: 3,
    routes: [{ route: 'GET /charge/*', n: 3, hit: 2 }, { route: 'GET /user/*', n: 1, hit: 1 }, { route: 'GET /health', n: 1, hit: 0 }]
  }])
  t.match(rehearsedOf([fault], [null]), [{ hit: 400, decisions: 0, complete: false, routes: [] }], 'the counters are known all the same')
  t.strictSame(rehearsedOf([{ ...fault, id: null }], [null]), [], 'one that was never there')
  const many = Array.from({ length: 30 }, (_, i) => asked(`/page-${String.fromCharCode(97 + i % 26)}${i}`, i, true))
  t.equal(rehearsedOf([fault], [{ complete: true, decisions: many }])[0]!.routes.length, 10)
})
