import { test } from 'tap'
import { request } from 'undici'
import { EDGE, createHarness, listen } from './harness.ts'

test('closing ends what is open', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  const url = await listen(api)
  const { body, headers } = await request(`${url}/v1/events`)
  t.match(headers['content-type'], 'text/event-stream')
  const [text] = await Promise.all([body.text(), api.close()])
  t.match(text, /^retry: \d+\n\n/)
})

test('long names are names, endless ones are not', async (t) => {
  const { api } = await createHarness(t)
  t.match((await api.inject(`/v1/proxies/${'x'.repeat(200)}`)).json(), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  t.match((await api.inject(`/v1/proxies/${'x'.repeat(300)}`)).json(), { code: 'PMT_ERR_REQUEST' })
  t.match((await api.inject('/v1/proxies/%')).json(), { code: 'PMT_ERR_REQUEST' })
})

test('HEAD answers as GET does, without a body', async (t) => {
  const { api } = await createHarness(t)
  const answer = await api.inject({ method: 'HEAD', url: '/v1/state' })
  t.match({ status: answer.statusCode, body: answer.body }, { status: 200, body: '' })
  t.equal((await api.inject({ method: 'HEAD', url: '/v1/events' })).statusCode, 404)
})
