import { test } from 'tap'
import { emptyCounters } from '../../src/faults/plan.ts'
import { faultWords, hitWords, othersWords, placeWords, recoverWords } from '../../src/report/words.ts'

test('a fault in a few words', async (t) => {
  t.equal(faultWords({ type: 'delay', on: 'payments', delay: '500ms', jitter: '50ms', share: '20%', ttl: '5s' }), 'delay 500ms jitter=50ms')
  t.equal(faultWords({ type: 'bandwidth', on: 'redis', rate: '64KB/s' }), 'bandwidth rate=64KB/s')
  t.equal(faultWords({ type: 'status', on: 'a', status: 503, headers: { a: 'b' } }), 'status 503 headers={"a":"b"}')
  t.equal(faultWords({ type: 'refuse', on: 'payments', node: 'payments-2' }), 'refuse')
  t.equal(faultWords({ type: 'delay', recorded: ['10ms', 20] }), 'delay recorded=["10ms",20]')
  t.equal(faultWords({ type: 'delay', recorded: Array(10_000).fill(5) }), 'delay recorded=(10000 values)')
})

test('a long list is only counted', async (t) => {
  t.equal(faultWords({ type: 'delay', recorded: Array.from({ length: 1200 }, () => 5) }), 'delay recorded=(1200 values)')
  t.equal(faultWords({ type: 'delay', recorded: [5, 6] }), 'delay recorded=[5,6]')
})

test('why others were not hit, if there is more to say than the share', async (t) => {
  t.equal(othersWords({ ...emptyCounters(), skipped: 5 }), '')
  t.equal(othersWords({ ...emptyCounters(), passed: 1200 }), '1,200 passed over')
  t.equal(othersWords({ ...emptyCounters(), skipped: 1, passed: 2, capped: 3, unfit: 4 }), '1 spared by share, 2 passed over, 3 spared by max, 4 unfit')
})

test('where a fault is', async (t) => {
  t.equal(placeWords({ type: 'refuse', on: 'payments', node: 'payments-2' }), 'payments, node payments-2')
  t.equal(placeWords({ type: 'refuse', on: 'other/payments' }), 'other/payments')
})

test('times to recover, those not seen as a bound', async (t) => {
  t.equal(recoverWords({ kind: 'recovered', ms: 1240 }), '1.24s')
  t.equal(recoverWords({ kind: 'recovered', ms: 0 }), 'at once')
  t.equal(recoverWords({ kind: 'recovered', ms: -12_000, sinceOnset: 3000 }), '-12s')
  t.equal(recoverWords({ kind: 'not-seen', ms: 6000 }), '> 6s')
  t.equal(recoverWords({ kind: 'unaffected' }), 'unaffected')
  t.equal(recoverWords({ kind: 'unknown' }), 'unknown')
})

test('what a fault hits', async (t) => {
  t.strictSame(['delay', 'latency', 'tls/stall', 'of-later'].map((type) => hitWords({ type })), ['requests', 'connections', 'handshakes', 'connections'])
})
