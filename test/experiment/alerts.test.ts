import { test } from 'tap'
import { readAlerts } from '../../src/experiment/alerts.ts'

test('Alertmanager: each alert by its own status', async (t) => {
  t.strictSame(readAlerts({
    version: '4',
    status: 'firing',
    alerts: [
      { status: 'firing', labels: { alertname: 'HighErrorRate', severity: 'page' }, annotations: { summary: 'too many' } },
      { status: 'resolved', labels: { alertname: 'Slow' } },
      { status: 'firing', labels: {}, annotations: { summary: 'checkout is slow' } },
      { labels: { alertname: 'AsTheGroup' } }
    ]
  }), { firing: ['HighErrorRate', 'checkout is slow', 'AsTheGroup'], others: 1 })
  t.strictSame(readAlerts({ status: 'resolved', alerts: [{ labels: { alertname: 'A' } }] }), { firing: [], others: 1 })
  t.strictSame(readAlerts({ alerts: [] }), { firing: [], others: 0 })
})

test('any object is one alert', async (t) => {
  t.strictSame(readAlerts({ title: ' CPU ' }), { firing: ['CPU'], others: 0 })
  t.strictSame(readAlerts({}), { firing: ['an alert without a title'], others: 0 })
  t.strictSame(readAlerts({ title: 5, message: 'it burns' }), { firing: ['it burns'], others: 0 })
  t.strictSame(readAlerts({ title: 'x'.repeat(500) }).firing[0]!.length, 200)
  for (const over of [{ status: 'RESOLVED' }, { state: 'ok' }, { state: 'pending' }]) t.strictSame(readAlerts({ title: 'x', ...over }), { firing: [], others: 1 })
})

test('anything else is refused', async (t) => {
  for (const body of [null, undefined, 'fire', 5, [{ title: 'x' }]]) t.throws(() => readAlerts(body), { code: 'PMT_ERR_INVALID' })
})
