import { X509Certificate } from 'node:crypto'
import { test } from 'tap'
import { createHarness } from '../harness.ts'

test('the root of the CA, and nothing else of it', async (t) => {
  const { api } = await createHarness(t)
  const answer = await api.inject({ url: '/v1/tls/ca.pem' })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], /application\/x-pem-file/)
  t.equal(new X509Certificate(answer.body).ca, true)
  t.notMatch(answer.body, /PRIVATE/)
  t.equal((await api.inject({ url: '/v1/tls/ca.pem' })).body, answer.body)
})
