import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import type { HttpAction } from '../../../src/faults/fault.ts'
import { requestHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'

const of = (client: string) => requestHead({ client })
const kinds = (actions: HttpAction[]): string[] => actions.map((action) => action.do)

test('those above the limit are turned away until the window ends', async (t) => {
  const play = playHttp({ type: 'rate-limit', limit: 2, window: '10s' })
  t.strictSame(play.request(of('a'), 0), { do: 'unfit', why: 'no more than 2 in 10s' })
  t.strictSame(kinds([play.request(of('b'), 100), play.request(of('c'), 200)]), ['unfit', 'respond'])
  t.strictSame(play.request(of('a'), 7500), { do: 'respond', status: 429, headers: { 'retry-after': '3' }, body: '' })
  t.match(play.request(of('a'), 9999), { headers: { 'retry-after': '1' } })
  t.strictSame(kinds([play.request(of('a'), 10_000), play.request(of('a'), 10_000), play.request(of('a'), 10_000)]), ['unfit', 'unfit', 'respond'])
  t.strictSame(play.response(), { do: 'pass' })
})

test('at least a second, and whole ones, however long the window', async (t) => {
  t.match(playHttp({ type: 'rate-limit', limit: 0, window: '1ms' }).request(), { headers: { 'retry-after': '1' } })
  t.match(playHttp({ type: 'rate-limit', limit: 0, window: '7d' }).request(), { headers: { 'retry-after': '604800' } })
})

test('each client, or header, for itself; who has none passes', async (t) => {
  const clients = playHttp({ type: 'rate-limit', limit: 1, each: 'client' })
  t.strictSame(kinds(['a', 'b', 'a'].map((client) => clients.request(of(client)))), ['unfit', 'unfit', 'respond'])
  const keys = playHttp({ type: 'rate-limit', limit: 1, each: 'header:x-api-key' })
  const request = (key?: string) => requestHead({ headers: key === undefined ? {} : { 'x-api-key': key } })
  t.strictSame(kinds(['a', 'b', 'a', ''].map((key) => keys.request(request(key)))), ['unfit', 'unfit', 'respond', 'unfit'])
  t.strictSame(keys.request(request()), { do: 'unfit', why: 'it has no header:x-api-key' })
})

test('keys beyond those that are counted share one count', async (t) => {
  const play = playHttp({ type: 'rate-limit', limit: 1, window: '1h', each: 'client' })
  for (let i = 0; i < 10_000; i++) play.request(of(String(i)))
  t.strictSame(kinds([play.request(of('more')), play.request(of('and more')), play.request(of('0'))]), ['unfit', 'respond', 'respond'])
})

test('an answer of one\'s own', async (t) => {
  const play = playHttp({ type: 'rate-limit', limit: 0, status: 503, headers: { 'Retry-After': '9', 'x-a': '1' }, body: 'slow down' })
  t.strictSame(play.request(), { do: 'respond', status: 503, headers: { 'Retry-After': '9', 'x-a': '1' }, body: 'slow down' })
})

test('what is refused', async (t) => {
  for (const [written, path] of [[{}, 'limit'], [{ limit: -1 }, 'limit'], [{ limit: 1, window: 0 }, 'window'], [{ limit: 1, each: 'ip' }, 'each']] as const) {
    t.throws(() => decodeFault({ type: 'rate-limit', ...written }), { code: 'PMT_ERR_INVALID', details: { path } })
  }
})
