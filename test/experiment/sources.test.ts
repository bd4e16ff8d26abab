import { test } from 'tap'
import { checkTimes, decodeSources, hasTimes, paceOf, sourceResult } from '../../src/experiment/sources.ts'
import { parseObjectiveOn } from '../../src/measure/objective.ts'

const decode = (written: Record<string, unknown>) => decodeSources(written, 'sources')
const one = (written: object) => decode({ login: written })[0]!

test('an http probe, with what it is when nobody says', async (t) => {
  t.match(one({ http: 'http://127.0.0.1:8080/login' }), {
    type: 'http', name: 'login', url: 'http://127.0.0.1:8080/login', every: 1000, timeout: 5000, method: 'GET', headers: {}, status: [], body: undefined
  })
  const full = one({ http: 'https://a/', every: '250ms', timeout: '1s', method: 'post', headers: { 'x-a': '1' }, expect: { status: [200, 302], body: '/o[k]+/' } })
  t.match(full, { every: 250, timeout: 1000, method: 'POST', headers: { 'x-a': '1' }, status: [200, 302] })
  t.ok(full.type === 'http' && full.body!.test('it is okkk') && !full.body!.test('OK'))
  t.match(one({ http: 'http://a', expect: { status: 204 } }), { status: [204] })
})

test('a process and a Prometheus', async (t) => {
  t.match(one({ process: ['pg_isready', '-q'] }), { type: 'process', command: ['pg_isready', '-q'], every: 5000, timeout: 30_000, exit: 0, stdout: undefined })
  const checked = one({ process: ['ls'], expect: { exit: 2, stdout: 'accepting' } })
  t.ok(checked.type === 'process' && checked.exit === 2 && checked.stdout!.test('is accepting connections'))
  t.match(one({ prometheus: 'http://p:9090', good: 'a', total: 'b', 'token-env': 'PREMORTEM_TOKEN' }), { type: 'prometheus', url: 'http://p:9090', every: 5000, counts: 'good', part: 'a', total: 'b', tokenEnv: 'PREMORTEM_TOKEN' })
  t.match(one({ prometheus: 'http://p', bad: 'a', total: 'b' }), { counts: 'bad', part: 'a' })
  t.match(one({ prometheus: 'http://p', query: 'up', expect: '== 1' }), { query: 'up', check: { text: '== 1' } })
})

test('what does not fit is refused with its path', async (t) => {
  const table: [object, string, RegExp | undefined][] = [
    [{}, 'sources.login', /one of http, process, prometheus/],
    [{ htpp: 'http://a' }, 'sources.login', /one of http/],
    [{ http: 'http://a', process: ['x'] }, 'sources.login', /one of http/],
    [{ http: 'ftp://a' }, 'sources.login.http', /http:\/\//],
    [{ http: 'http://' }, 'sources.login.http', /URL/],
    [{ http: 'http://a', every: '50ms' }, 'sources.login.every', /100ms/],
    [{ http: 'http://a', timeout: 0 }, 'sources.login.timeout', /above 0/],
    [{ http: 'http://a', evry: '1s' }, 'sources.login.evry', /one of/],
    [{ http: 'http://a', expect: { status: 99 } }, 'sources.login.expect.status', /status/],
    [{ http: 'http://a', expect: { status: [] } }, 'sources.login.expect.status', /status/],
    [{ http: 'http://a', expect: { body: '(' } }, 'sources.login.expect.body', /regular expression/],
    [{ http: 'http://a', expect: { body: '(a)\\1' } }, 'sources.login.expect.body', /regular expression/],
    [{ http: 'http://a', headers: { 'a b': 'x' } }, 'sources.login.headers.a b', undefined],
    [{ process: 'ls -l' }, 'sources.login.process', /program and its arguments/],
    [{ process: ['', 'x'] }, 'sources.login.process.0', /program/],
    [{ process: ['a', 'b\0'] }, 'sources.login.process.1', /./],
    [{ process: [] }, 'sources.login.process', /program and its arguments/],
    [{ process: ['ls'], expect: { exit: 256 } }, 'sources.login.expect.exit', /from 0 to 255/],
    [{ prometheus: 'http://a' }, 'sources.login', /`good`/],
    [{ prometheus: 'http://a', good: 'x' }, 'sources.login', /`good`/],
    [{ prometheus: 'http://a', good: 'x', bad: 'x', total: 'y' }, 'sources.login', /`good`/],
    [{ prometheus: 'http://a', query: 'x' }, 'sources.login', /`query` and `expect`/],
    [{ prometheus: 'http://a', query: 'x', expect: 'small' }, 'sources.login.expect', /<= 0.3/],
    [{ prometheus: 'http://a', query: 'x', expect: '< 1', 'token-env': 'A B' }, 'sources.login.token-env', /environment variable/]
  ]
  for (const [written, path, wanted] of table) {
    t.throws(() => one(written), { code: 'PMT_ERR_INVALID', details: { path, ...wanted && { wanted } } }, JSON.stringify(written))
  }
  t.throws(() => one({ htpp: 'http://a' }), { code: 'PMT_ERR_INVALID', details: { hint: 'did you mean `http`?' } })
  for (const name of ['success', 'handshake', 'p99', '1st', 'a b']) {
    t.throws(() => decode({ [name]: { http: 'http://a' } }), { code: 'PMT_ERR_INVALID', details: { path: `sources.${name}`, found: name } })
  }
  t.throws(() => decode({ login: 'http://a' }), { code: 'PMT_ERR_INVALID', details: { path: 'sources.login' } })
})

test('Prometheus has no times of answers to judge', async (t) => {
  const sources = decode({ web: { http: 'http://a' }, errors: { prometheus: 'http://p', good: 'a', total: 'b' } })
  t.strictSame(sources.map(hasTimes), [true, false])
  const objectives = ['errors >= 99%', 'web p95 <= 1s', 'errors p95 <= 1s'].map((text) => parseObjectiveOn(text, ['web', 'errors']))
  t.throws(() => checkTimes(objectives, sources, 'list'), { code: 'PMT_ERR_INVALID', details: { path: 'list.2', found: 'errors p95 <= 1s' } })
  checkTimes(objectives.slice(0, 2), sources, 'list')
})

test('when a guardrail on it is blind', async (t) => {
  t.strictSame(paceOf(one({ http: 'http://a' })), { silence: 15, enough: 2 })
  t.strictSame(paceOf(one({ process: ['x'], every: '30s' })), { silence: 90, enough: 2 })
  t.strictSame(paceOf(one({ prometheus: 'http://p', good: 'a', total: 'b' })), { silence: 15, enough: 20 })
})

test('what results say of it', async (t) => {
  t.strictSame(sourceResult(one({ http: 'http://a/', method: 'HEAD' })), { name: 'login', type: 'http', what: 'HEAD http://a/', every: 1000 })
  t.match([
    one({ process: ['ls', '-l'] }), one({ prometheus: 'http://p', bad: 'a', total: 'b' }), one({ prometheus: 'http://p', query: 'up', expect: '==1' })
  ].map((spec) => sourceResult(spec).what), ['ls -l', 'a of b at http://p', 'up == 1 at http://p'])
})
