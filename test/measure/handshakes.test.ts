import { test } from 'tap'
import { HandshakeCounts, byResult, resumedOf } from '../../src/measure/handshakes.ts'
import type { HandshakeResult } from '../../src/measure/observation.ts'

const of = (result: HandshakeResult, resumed = false, version = 'TLSv1.3') => ({ result, resumed, version })

test('counted by result, version and resumption together', async (t) => {
  const counts = new HandshakeCounts()
  counts.add(of('established'))
  counts.add(of('established'))
  counts.add(of('established', true))
  counts.add(of('established', false, 'TLSv1.2'))
  counts.add(of('alert:certificate_expired', false, ''))
  t.equal(counts.n, 5)
  t.strictSame(counts.read(), [
    { result: 'established', version: 'TLSv1.3', resumed: false, count: 2 },
    { result: 'established', version: 'TLSv1.3', resumed: true, count: 1 },
    { result: 'established', version: 'TLSv1.2', resumed: false, count: 1 },
    { result: 'alert:certificate_expired', version: '', resumed: false, count: 1 }
  ])
  t.strictSame(byResult(counts.read()), [['established', 4], ['alert:certificate_expired', 1]])
  t.equal(resumedOf(counts.read()), 1)
})

test('a reading is a copy', async (t) => {
  const counts = new HandshakeCounts()
  counts.add(of('reset'))
  const before = counts.read()
  counts.add(of('reset'))
  t.match(before, [{ count: 1 }])
  t.match(counts.list, [{ count: 2 }])
})

test('names that a peer makes up do not fill the memory, and all of them are counted', async (t) => {
  const counts = new HandshakeCounts()
  for (let i = 0; i < 5000; i++) {
    counts.add(of(`alert:${i}`))
    counts.add(of('reset', i % 2 === 0, `v${i}`))
  }
  t.ok(counts.list.length < 210, `${counts.list.length} kinds`)
  t.equal(counts.n, 10_000)
  t.equal(counts.read().reduce((sum, { count }) => sum + count, 0), 10_000)
  t.ok(counts.list.some(({ result, version, count }) => result === 'alert:other' && version === 'other' && count > 4000))
})
