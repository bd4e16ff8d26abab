import { test } from 'tap'
import type { Observation } from '../../../src/measure/observation.ts'
import { HandshakeRecord, failureOf, receivedAlert } from '../../../src/proxy/tls/outcome.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

function setUp () {
  const clock = createVirtualClock(1000)
  const seen: Observation[] = []
  let failed = 0
  const hello = { sni: 'a.b', alpn: [], versions: [], resumes: false }
  const record = new HandshakeRecord(hello, clock, { observe: (observation) => { seen.push(observation) } }, {
    at: 'payments', node: () => 'a', failed: () => { failed++ }
  })
  record.faults = ['f']
  return { clock, seen, record, failed: () => failed }
}

test('alerts by name, whatever the version of OpenSSL calls them', async (t) => {
  t.equal(receivedAlert('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'), 'certificate_expired')
  t.equal(receivedAlert('ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED'), 'certificate_expired')
  t.equal(receivedAlert('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'unknown_ca')
  t.equal(receivedAlert('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'certificate_required')
  t.equal(receivedAlert('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'), 'bad_certificate')
  t.equal(receivedAlert('ERR_SSL_TLSV1_UNRECOGNIZED_NAME'), 'unrecognized_name')
  t.equal(receivedAlert('ERR_SSL_WRONG_VERSION_NUMBER'), undefined)
  t.equal(receivedAlert('ECONNRESET'), undefined)
  t.equal(receivedAlert(undefined), undefined)
})

test('a failure by its code', async (t) => {
  t.equal(failureOf('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'alert:unknown_ca')
  t.equal(failureOf('ECONNRESET'), 'reset')
  t.equal(failureOf('ERR_SSL_NO_SHARED_CIPHER'), 'sent-alert:handshake_failure')
  t.equal(failureOf('ERR_SSL_UNSUPPORTED_PROTOCOL'), 'sent-alert:protocol_version')
  t.equal(failureOf('ERR_SSL_ODD'), 'failed')
  t.equal(failureOf(undefined), 'failed')
})

test('a client that goes on is content, and so is one that is silent for a while', async (t) => {
  const used = setUp()
  await used.clock.advance(5)
  used.record.finished('TLSv1.3', true)
  t.equal(used.seen.length, 0)
  used.record.used()
  used.record.closed('closed')
  t.match(used.seen, [{
    at: 'payments', kind: 'handshake', node: 'a', startedAt: 1000, endedAt: 1005, outcome: 'complete', faults: ['f'],
    handshake: { result: 'established', version: 'TLSv1.3', resumed: true, sni: 'a.b' }
  }])
  t.equal(used.failed(), 0)
  const silent = setUp()
  silent.record.finished('TLSv1.2', false)
  await silent.clock.advance(99)
  t.equal(silent.seen.length, 0)
  await silent.clock.advance(1)
  t.match(silent.seen, [{ handshake: { result: 'established' } }])
  const slow = setUp()
  await slow.clock.advance(50)
  slow.record.finished('TLSv1.2', false)
  await slow.clock.advance(499)
  slow.record.closed('closed')
  t.match(slow.seen, [{ outcome: 'truncated', handshake: { result: 'closed-without-data' } }], 'ten times as long as the handshake took')
  t.equal(slow.failed(), 1)
})

test('one that is over before is what ended it, once', async (t) => {
  const reset = setUp()
  reset.record.closed('reset')
  reset.record.used()
  reset.record.settle('timeout')
  t.match(reset.seen, [{ outcome: 'reset', handshake: { result: 'reset', version: '' } }])
  const refused = setUp()
  refused.record.settle('sent-alert:handshake_failure')
  t.match(refused.seen, [{ outcome: 'refused' }])
})
