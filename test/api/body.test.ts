import { test } from 'tap'
import { EDGE, createHarness } from './harness.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

test('a body that cannot be read is refused in our shape', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  const post = async (payload: string, headers: Record<string, string> = JSON_TYPE) => {
    const answer = await api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload, headers })
    t.notMatch(answer.body, /node_modules|\.ts:/, 'no stack trace')
    return { status: answer.statusCode, body: answer.json() }
  }
  t.match(await post('{"type":\n "delay",}'), { status: 400, body: { code: 'PMT_ERR_SYNTAX', line: 2, column: Number } })
  t.match(await post('{"type":'), { status: 400, body: { code: 'PMT_ERR_SYNTAX', line: 1, column: 9 } })
  t.match(await post(''), { status: 400, body: { code: 'PMT_ERR_REQUEST', message: 'the body is empty' } })
  t.match(await post('', {}), { status: 400, body: { code: 'PMT_ERR_REQUEST', message: 'the body is empty' } })
  t.match(await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), { status: 415, body: { code: 'PMT_ERR_MEDIA_TYPE', hint: String } })
  t.match(await post('{}', { 'content-type': 'not a type' }), { status: 415, body: { code: 'PMT_ERR_MEDIA_TYPE' } })
  t.match(await post(JSON.stringify('x'.repeat(1024 * 1024))), { status: 413, body: { code: 'PMT_ERR_TOO_LARGE', wanted: 'at most 1 MiB' } })
  t.match(await post('[1]'), { status: 400, body: { code: 'PMT_ERR_INVALID', wanted: String } })
  t.match(await post('null'), { status: 400, body: { code: 'PMT_ERR_REQUEST' } })
  t.match(await post('{"type":"dalay","__proto__":{"a":1}}'), { status: 400, body: { code: 'PMT_ERR_FAULT_UNKNOWN', path: 'type', hint: 'did you mean `delay`?' } })
  t.match(await post('type: delay\ndelay: soon', { 'content-type': 'application/yaml' }), { status: 400, body: { code: 'PMT_ERR_INVALID', path: 'delay', found: 'soon', line: 2, column: 8 } })
  t.match(await post('type: [', { 'content-type': 'text/x-yaml' }), { status: 400, body: { code: 'PMT_ERR_SYNTAX', line: Number, column: Number } })
})

test('queries are checked as bodies are', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  const refused = (await api.inject('/v1/proxies/edge/snapshot?seconds=1000')).json()
  t.match(refused, { code: 'PMT_ERR_INVALID', path: 'query.seconds', found: 1000, wanted: 'a whole number from 1 to 59' })
  t.match((await api.inject('/v1/proxies/edge/snapshot?secnods=10')).json(), { code: 'PMT_ERR_INVALID', path: 'query.secnods', hint: 'did you mean `seconds`?' })
  t.match((await api.inject('/v1/proxies/edge/snapshot?seconds=5')).json(), { recent: { seconds: 5 } })
})
