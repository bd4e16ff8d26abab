import { test } from 'tap'
import { createHarness } from '../harness.ts'

test('healthy and ready are two things', async (t) => {
  const { api, proxies } = await createHarness(t)
  t.same((await api.inject('/healthz')).json(), { status: 'ok' })
  t.same((await api.inject('/readyz')).json(), { status: 'ready' })
  await proxies.stop()
  t.same((await api.inject('/healthz')).json(), { status: 'ok' })
  const answer = await api.inject('/readyz')
  t.match({ status: answer.statusCode, body: answer.json() }, { status: 503, body: { code: 'PMT_ERR_NOT_READY', message: 'the proxies are stopped' } })
})

test('metrics are Prometheus\' text', async (t) => {
  const { api } = await createHarness(t)
  const answer = await api.inject('/metrics')
  t.match(answer.headers['content-type'], 'text/plain; version=0.0.4')
  t.match(answer.body, 'premortem_build_info{version="1.2.3"} 1\n')
})
