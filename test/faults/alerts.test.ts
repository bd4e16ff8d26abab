import { test } from 'tap'
import { ALERTS, ALERT_NAMES, alertName } from '../../src/faults/alerts.ts'

test('each alert has a code of its own, in one byte', async (t) => {
  t.equal(new Set(Object.values(ALERTS)).size, ALERT_NAMES.length)
  for (const name of ALERT_NAMES) t.ok(Number.isInteger(ALERTS[name]) && ALERTS[name] >= 0 && ALERTS[name] <= 255, name)
})

test('codes as RFC 8446, 6 has them', async (t) => {
  t.match(ALERTS, {
    handshake_failure: 40, certificate_expired: 45, unknown_ca: 48, protocol_version: 70,
    unrecognized_name: 112, certificate_required: 116, no_application_protocol: 120
  })
})

test('names by their codes, and codes that have none', async (t) => {
  for (const name of ALERT_NAMES) t.equal(alertName(ALERTS[name]), name)
  t.equal(alertName(255), '255')
})
