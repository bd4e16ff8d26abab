import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import { createPrometheusClient, pointsOf } from '../../src/adapters/prometheus-query.ts'
import { decodeSources } from '../../src/experiment/sources.ts'
import type { QuerySource } from '../../src/experiment/sources.ts'

const vector = (result: unknown[]) => JSON.stringify({ status: 'success', data: { resultType: 'vector', result } })

test('what an answer says', async (t) => {
  t.strictSame(pointsOf(200, vector([{ metric: { a: 'b' }, value: [1, '2.5'] }, { metric: {}, value: [1, '+Inf'] }])), [{ labels: { a: 'b' }, value: 2.5 }, { labels: {}, value: Infinity }])
  t.strictSame(pointsOf(200, JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '-Inf'] } })), [{ labels: {}, value: -Infinity }])
  t.strictSame(pointsOf(200, vector([])), [])
  for (const value of [[1, 'NaN'], [1], 7, [1, '']]) t.ok(Number.isNaN(pointsOf(200, vector([{ metric: {}, value }]))[0]!.value), JSON.stringify(value))
})

test('what is no answer says why, briefly', async (t) => {
  t.throws(() => pointsOf(502, '<html>'), { message: 'status 502, and no JSON' })
  t.throws(() => pointsOf(400, JSON.stringify({ status: 'error', error: 'parse error: x'.padEnd(500) })), { message: /^Prometheus says: parse error: x {0,120}/ })
  t.throws(() => pointsOf(503, '{}'), { message: 'status 503' })
  t.throws(() => pointsOf(503, 'null'), { message: 'status 503' })
  t.throws(() => pointsOf(200, JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [] } })), { message: /matrix, not a vector/ })
})

async function serve (t: Test, answer: string) {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    response.end(answer)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close())
  return { seen, port: (server.address() as AddressInfo).port }
}

const source = (change: object): QuerySource =>
  decodeSources({ p: { query: 'up{a="b"} > 1 + 2', expect: '== 1', ...change } }, 'x')[0] as QuerySource

test('it is asked below its path, with headers and token', async (t) => {
  const { seen, port } = await serve(t, vector([{ metric: {}, value: [1, '1'] }]))
  const spec = source({ prometheus: `http://127.0.0.1:${port}/prom/`, headers: { 'x-scope-orgid': 'team' }, 'token-env': 'TOKEN' })
  const client = createPrometheusClient(spec, { TOKEN: 's3cret\n' })
  t.teardown(() => client.close())
  t.strictSame(await client.ask(spec.query, new AbortController().signal), [{ labels: {}, value: 1 }])
  const url = new URL(seen[0]!.url!, 'http://x')
  t.match([url.pathname, url.searchParams.get('query')], ['/prom/api/v1/query', 'up{a="b"} > 1 + 2'])
  t.match(seen[0]!.headers, { authorization: 'Bearer s3cret', 'x-scope-orgid': 'team' })
})

test('nobody there, and a token that is not there', async (t) => {
  const { port } = await serve(t, '')
  const client = createPrometheusClient(source({ prometheus: `http://127.0.0.1:${port}` }), {})
  t.teardown(() => client.close())
  await t.rejects(client.ask('up', new AbortController().signal), { message: 'status 200, and no JSON' })
  await t.rejects(client.ask('up', AbortSignal.abort()))
  const gone = createPrometheusClient(source({ prometheus: 'http://127.0.0.1:1' }), {})
  t.teardown(() => gone.close())
  await t.rejects(gone.ask('up', new AbortController().signal), { message: 'no answer: ECONNREFUSED' })
  t.throws(() => createPrometheusClient(source({ prometheus: 'http://p', 'token-env': 'TOKEN' }), {}), { code: 'PMT_ERR_INVALID', details: { path: 'steady-state.sources.p.token-env' } })
})
