import { test } from 'tap'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import type { FaultInput } from '../../src/faults/input.ts'

/** Whether a type is one of faults as they may be written. */
type Fits<T> = T extends FaultInput ? true : false

/** Compile only for `true`, and only for `false`. */
const holds: <T extends true>() => T | true = () => true
const fails: <T extends false>() => T | true = () => true

test('what fits a type of fault compiles, and what does not does not', async (t) => {
  t.ok(holds<Fits<{ type: 'delay', delay: '500ms' }>>())
  t.ok(holds<Fits<{ type: 'delay', delay: 500, jitter: '50ms', distribution: 'lognormal', shape: 'sine', at: 'chunk' }>>())
  t.ok(holds<Fits<{ type: 'delay', percentiles: { p50: 20, p99: '2s' } }>>())
  t.ok(holds<Fits<{ type: 'latency', recorded: (string | number)[], direction: 'both', match: { client: '10.0.0.0/8' } }>>())
  t.ok(holds<Fits<{ type: 'status', status: 503, share: '20%', by: 'client', match: { status: '5xx' }, select: { every: 3 } }>>())
  t.ok(holds<Fits<{ type: 'redirect-loop', status: 307 }>>())
  t.ok(holds<Fits<{ type: 'refuse' }>>())
  t.ok(holds<Fits<{ type: 'body', merge: { price: null } }>>())
  t.ok(holds<Fits<{ type: 'tls/expired', ago: '2d', realism: 'natural', match: { sni: '*.internal' }, existing: 'keep' }>>())
  t.ok(holds<Fits<{ type: 'tls/alert', alert: 'unknown_ca', by: 'sni' }>>())

  t.ok(fails<Fits<{ type: 'tls/alert', alert: 'unknown' }>>(), 'no such alert')
  t.ok(fails<Fits<{ type: 'tls/protocol-version', only: 'TLSv1.4' }>>(), 'no such version')
  t.ok(fails<Fits<{ type: 'latncy', latency: 1 }>>(), 'no such type')
  t.ok(fails<Fits<{ type: 'bandwidth' }>>(), 'its rate is missing')
  t.ok(fails<Fits<{ type: 'rate-limit', window: '1s' }>>(), 'its limit is missing')
  t.ok(fails<Fits<{ type: 'delay', delay: true }>>(), 'no duration')
  t.ok(fails<Fits<{ type: 'delay', delay: 1, distribution: 'poisson' }>>(), 'no such word')
  t.ok(fails<Fits<{ type: 'redirect-loop', status: 304 }>>(), 'no such number')
  t.ok(fails<Fits<{ type: 'latency', latency: 1, match: { client: 5 } }>>(), 'no address')
  t.ok(fails<'dely' extends keyof Extract<FaultInput, { type: 'delay' }> ? true : false>(), 'no such parameter')
})

test('each type is there, and all of them can be written where any fault can', async (t) => {
  t.ok(holds<FaultInput extends FaultSpec ? true : false>())
  t.ok(holds<'latency' | 'slow-body' | 'connection-close' extends FaultInput['type'] ? true : false>())
  t.ok(fails<string extends FaultInput['type'] ? true : false>(), 'names are fixed')
  const all: Record<FaultInput['type'], true> = {
    latency: true, bandwidth: true, slicer: true, 'limit-data': true, 'limit-time': true, 'slow-close': true, timeout: true, 'reset-peer': true,
    refuse: true, 'slow-accept': true, 'connect-delay': true, 'half-open': true, corrupt: true, stall: true,
    delay: true, status: true, abort: true, 'empty-reply': true, hang: true, truncate: true, 'slow-body': true, 'corrupt-body': true,
    body: true, header: true, 'rate-limit': true, duplicate: true, 'bad-framing': true, stale: true, 'redirect-loop': true, 'connection-close': true,
    'tls/expired': true, 'tls/not-yet-valid': true, 'tls/expiring': true, 'tls/wrong-host': true, 'tls/self-signed': true, 'tls/untrusted-root': true,
    'tls/incomplete-chain': true, 'tls/expired-intermediate': true, 'tls/wrong-eku': true, 'tls/stall': true, 'tls/slow': true, 'tls/reset': true, 'tls/close': true,
    'tls/plaintext': true, 'tls/alert': true, 'tls/protocol-version': true, 'tls/no-common-cipher': true, 'tls/alpn-mismatch': true, 'tls/unrecognized-name': true,
    'tls/truncated-close': true, 'tls/corrupt-record': true, 'tls/client-certificate-required': true, 'tls/client-certificate-rejected': true,
    'tls/upstream-client-certificate': true
  }
  t.strictSame(Object.keys(all), CATALOGUE.map(({ type }) => type))
  const written: FaultInput = { type: 'delay', delay: '500ms', match: { path: '/charge/**' } }
  t.equal(decodeFault(written).params.delay, 500)
})
