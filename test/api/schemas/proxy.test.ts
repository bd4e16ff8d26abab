import { test } from 'tap'
import { Check } from 'typebox/value'
import { FaultBody, FaultPatchBody, ProxyBody, ProxyPatchBody, ProxyPatchSchema } from '../../../src/api/schemas/proxy.ts'
import { asSent, isWritten } from '../../../src/api/schemas/schema.ts'
import { CATALOGUE } from '../../../src/faults/catalogue.ts'
import { Recorder } from '../../../src/measure/recorder.ts'
import type { Snapshot } from '../../../src/measure/snapshot.ts'
import { handshake } from '../../helpers/observation.ts'
import { conforms } from '../conform.ts'
import { EDGE } from '../harness.ts'

test('the body of a fault: any type of the catalogue, as its example has it', async (t) => {
  for (const type of CATALOGUE) {
    t.ok(Check(asSent(FaultBody), type.doc.example), type.type)
    t.notOk(Check(asSent(FaultBody), { ...type.doc.example, on: 'edge' }), `${type.type}: the path says on what`)
  }
  t.notOk(Check(FaultBody, { type: 'nothing' }))
})

test('the body of a proxy, and of a change', async (t) => {
  const { name: _, ...unnamed } = EDGE
  t.ok(Check(asSent(ProxyBody), EDGE))
  t.ok(Check(asSent(ProxyBody), unnamed))
  t.notOk(Check(asSent(ProxyBody), { listen: EDGE.listen }))
  t.ok(Check(ProxyPatchSchema, { listen: EDGE.listen }))
  t.notOk(Check(ProxyPatchSchema, EDGE), 'a name does not change')
})

test('all of them reach the handler as they were written', async (t) => {
  for (const schema of [FaultBody, FaultPatchBody, ProxyBody, ProxyPatchBody]) t.ok(isWritten(schema))
})

test('a snapshot: its handshakes, and TLS only where it is seen', async (t) => {
  const recorder = new Recorder('exchange')
  recorder.observe(handshake(0, 'closed-without-data'))
  const snapshot: Snapshot = {
    proxy: 'bank', takenAt: '2026-01-01T00:00:00.000Z', recent: recorder.recent(1000), totals: recorder.totals, open: { connections: 0, exchanges: 0 }, nodes: {}, opaque: 0, malformed: 0, revision: 0
  }
  for (const one of [snapshot, { ...snapshot, tls: { preFault: 2 } }]) t.ok(conforms('Snapshot', JSON.parse(JSON.stringify(one))))
  t.notOk(conforms('Snapshot', { ...snapshot, tls: {} }))
})
