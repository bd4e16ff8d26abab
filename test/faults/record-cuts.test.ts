import { test } from 'tap'
import { cuttingAfter, cuttingAfterHello } from '../../src/faults/record-cuts.ts'
import { record } from '../helpers/handshakes.ts'

const PASS = { do: 'pass' }

test('behind the first record, however it comes', async (t) => {
  t.strictSame(cuttingAfterHello('close').chunk!(Buffer.concat([record(22, 90), record(22, 10)]), 0), { do: 'cut', bytes: 95, how: 'close' })
  const behaviour = cuttingAfterHello('reset')
  const hello = record(22, 90)
  t.strictSame(behaviour.chunk!(hello.subarray(0, 3), 0), PASS)
  t.strictSame(behaviour.chunk!(hello.subarray(3, 60), 0), PASS)
  t.strictSame(behaviour.chunk!(Buffer.concat([hello.subarray(60), record(22, 10)]), 0), { do: 'cut', bytes: 35, how: 'reset' })
})

test('behind the record in which the byte lies, counted over chunks', async (t) => {
  const handshake = Buffer.concat([record(22, 90), record(20, 1), record(22, 40)])
  const cuts = (after: number): unknown[] => {
    const behaviour = cuttingAfter(after, 'close')
    const chunks = [handshake, record(23, 100), Buffer.concat([record(23, 50), record(21, 2), record(23, 50)])]
    return chunks.map((chunk) => behaviour.chunk!(chunk, 0))
  }
  const cut = (bytes: number): unknown => ({ do: 'cut', bytes, how: 'close' })
  t.strictSame(cuts(0).slice(0, 2), [PASS, cut(0)])
  t.strictSame(cuts(1).slice(0, 2), [PASS, cut(105)])
  t.strictSame(cuts(100).slice(0, 2), [PASS, cut(105)])
  t.strictSame(cuts(101), [PASS, PASS, cut(55)])
  t.strictSame(cuts(200), [PASS, PASS, cut(117)])
  t.strictSame(cuts(201), [PASS, PASS, PASS])
})

test('a record that comes in pieces goes out whole', async (t) => {
  const behaviour = cuttingAfter(10, 'reset')
  const whole = record(23, 100)
  t.strictSame(behaviour.chunk!(whole.subarray(0, 50), 0), PASS)
  t.strictSame(behaviour.chunk!(Buffer.concat([whole.subarray(50), record(23, 5)]), 0), { do: 'cut', bytes: 55, how: 'reset' })
})

test('bytes that are no TLS pass', async (t) => {
  for (const behaviour of [cuttingAfter(0, 'close'), cuttingAfterHello('close')]) t.strictSame(behaviour.chunk!(Buffer.from('HTTP/1.1 400'), 0), PASS)
})
