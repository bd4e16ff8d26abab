import { test } from 'tap'
import { createGuard, isLoopback } from '../../src/api/guard.ts'
import type { GuardedRequest } from '../../src/api/guard.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { createHarness } from './harness.ts'

const LOCAL = { host: '127.0.0.1:8474' }
const bearer = (token: string) => ({ ...LOCAL, authorization: `Bearer ${token}` })

function judge (guard: ReturnType<typeof createGuard>, request: Partial<GuardedRequest>): string {
  try {
    guard({ method: 'GET', path: '/v1/state', headers: LOCAL, ...request })
    return 'pass'
  } catch (error) {
    return (error as PremortemError).code
  }
}

test('what loopback is', async (t) => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST']) t.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '10.0.0.1', '::', 'localhost.evil.example', '127.0.0.1.evil.example', '']) t.notOk(isLoopback(host), host)
})

test('on loopback: open, to names of loopback only', async (t) => {
  const guard = createGuard({ host: '127.0.0.1', tokens: {} })
  for (const host of ['127.0.0.1:8474', 'localhost', 'LocalHost:1', '[::1]:8474', '127.1.2.3']) {
    t.equal(judge(guard, { headers: { host }, method: 'DELETE' }), 'pass', host)
  }
  for (const host of ['evil.example', 'evil.example:8474', '127.0.0.1.evil.example', 'localhost@evil.example', '127.0.0.1:x', 'a b', '', undefined]) {
    t.equal(judge(guard, { headers: { host } }), 'PMT_ERR_FORBIDDEN', String(host))
  }
  t.equal(judge(guard, { path: '/healthz', headers: { host: '10.1.2.3' } }), 'pass')
  t.equal(judge(guard, { path: '/healthz', method: 'POST', headers: { host: '10.1.2.3' } }), 'PMT_ERR_FORBIDDEN')
})

test('Origin, when there is one, is this address', async (t) => {
  const guard = createGuard({ host: '127.0.0.1', tokens: {} })
  t.equal(judge(guard, { method: 'POST', headers: { ...LOCAL, origin: 'http://127.0.0.1:8474' } }), 'pass')
  for (const origin of ['http://evil.example', 'http://127.0.0.1:3000', 'http://localhost:8474', 'null', 'x']) {
    t.equal(judge(guard, { method: 'POST', headers: { ...LOCAL, origin } }), 'PMT_ERR_FORBIDDEN', origin)
  }
})

test('tokens', async (t) => {
  const guard = createGuard({ host: '127.0.0.1', tokens: { operator: 'root', readOnly: 'look' } })
  t.equal(judge(guard, {}), 'PMT_ERR_UNAUTHORIZED')
  t.equal(judge(guard, { headers: bearer('wrong') }), 'PMT_ERR_UNAUTHORIZED')
  t.equal(judge(guard, { headers: { ...LOCAL, authorization: 'Basic cm9vdA==' } }), 'PMT_ERR_UNAUTHORIZED')
  t.equal(judge(guard, { headers: bearer('look') }), 'pass')
  t.equal(judge(guard, { headers: bearer('look'), method: 'POST' }), 'PMT_ERR_FORBIDDEN')
  t.equal(judge(guard, { headers: bearer('root'), method: 'POST' }), 'pass')
  t.equal(judge(guard, { headers: { ...bearer('root'), host: 'evil.example' } }), 'PMT_ERR_FORBIDDEN')
  t.equal(judge(guard, { path: '/readyz' }), 'pass')
})

test('with one token of the two, the other opens nothing', async (t) => {
  t.equal(judge(createGuard({ host: '127.0.0.1', tokens: { operator: 'root' } }), { headers: bearer('') }), 'PMT_ERR_UNAUTHORIZED')
  t.equal(judge(createGuard({ host: '127.0.0.1', tokens: { readOnly: 'look' } }), { headers: bearer('undefined'), method: 'POST' }), 'PMT_ERR_UNAUTHORIZED')
})

test('beyond loopback: any name, with a token only', async (t) => {
  const guard = createGuard({ host: '0.0.0.0', tokens: { operator: 'root' } })
  t.equal(judge(guard, { headers: { host: 'premortem.internal:8474', authorization: 'Bearer root' } }), 'pass')
  t.equal(judge(guard, { headers: { host: 'premortem.internal:8474' } }), 'PMT_ERR_UNAUTHORIZED')
  t.equal(judge(createGuard({ host: '0.0.0.0', tokens: {} }), {}), 'PMT_ERR_UNAUTHORIZED', 'without tokens nobody may')
})

test('the guard stands before every route, known or not', async (t) => {
  const { api } = await createHarness(t, { tokens: { operator: 'root', readOnly: 'look' } })
  for (const url of ['/v1/state', '/metrics', '/docs/', '/openapi.json', '/v1/events', '/v1/sidecars/x/state', '/nowhere']) {
    const answer = await api.inject(url)
    t.match({ status: answer.statusCode, scheme: answer.headers['www-authenticate'], body: answer.json() }, { status: 401, scheme: 'Bearer', body: { code: 'PMT_ERR_UNAUTHORIZED' } }, url)
  }
  t.equal((await api.inject('/healthz')).statusCode, 200)
  t.equal((await api.inject('/readyz')).statusCode, 200)
  const reading = { authorization: 'Bearer look' }
  t.equal((await api.inject({ url: '/v1/state', headers: reading })).statusCode, 200)
  t.match((await api.inject({ method: 'POST', url: '/v1/halt', headers: reading })).json(), { code: 'PMT_ERR_FORBIDDEN' })
  t.equal((await api.inject({ method: 'POST', url: '/v1/halt', headers: { authorization: 'Bearer root' } })).statusCode, 200)
  t.match((await api.inject({ url: '/v1/state', headers: { host: 'rebound.example' } })).json(), { code: 'PMT_ERR_FORBIDDEN', found: 'rebound.example' })
})
