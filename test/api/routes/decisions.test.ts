import { test } from 'tap'
import type { Proxy } from '../../../src/proxy/proxy.ts'
import { requestHead } from '../../helpers/heads.ts'
import { conforms } from '../conform.ts'
import { EDGE, createHarness } from '../harness.ts'

const URL = '/v1/proxies/edge/decisions'

/** What the engine does for a request. */
function ask (proxy: Proxy, path: string, connection: number): void {
  const met = proxy.plan.http.map((active) => ({ fault: active.id, decision: active.decide(requestHead({ path })) }))
  proxy.decisions.record({ at: proxy.clock.now(), connection, exchange: 1, method: 'GET', path, revision: proxy.plan.revision, met })
}

async function setUp (t: Parameters<typeof createHarness>[0]) {
  const harness = await createHarness(t, { proxySpecs: [EDGE] })
  await harness.api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'hang', id: 'third', select: { every: 3 }, match: { path: '/pay' } } })
  await harness.api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'hang', id: 'all', mode: 'shadow' } })
  for (let i = 1; i <= 7; i++) ask(harness.proxies.get('edge'), i === 7 ? '/' : '/pay', i)
  const get = async (query = '') => {
    const answer = await harness.api.inject(`${URL}${query}`)
    return { status: answer.statusCode, ...answer.json() }
  }
  return { ...harness, get }
}

test('which requests met which faults, and why', async (t) => {
  const { api, get } = await setUp(t)
  const body = (await api.inject(URL)).json()
  t.ok(conforms('Decisions', body), JSON.stringify(body))
  t.match(body, {
    complete: true, decisions: [
      { id: 7, path: '/', revision: 2, connection: 7, faults: [{ fault: 'third', n: 0, hit: false, verdict: 'unmatched', why: 'does not fit match.path' }, { fault: 'all', n: 7, hit: true, verdict: 'shadow' }] },
      { id: 6, faults: [{ n: 6, hit: true, why: 'hit' }, {}] },
      { id: 5, faults: [{ n: 5, hit: false, why: 'spared by every 3rd: this was number 5' }, {}] }
    ]
  })
  const ids = async (query: string): Promise<number[]> => (await get(query)).decisions.map(({ id }: { id: number }) => id)
  t.same(await ids('?fault=third&hit=true'), [6, 3])
  t.same(await ids('?fault=third&hit=false&limit=2'), [7, 5])
  t.same(await ids('?path=/p*&connection=4'), [4])
  t.same(await ids('?id=2'), [2])
  t.same(await ids('?hit=false'), [])
})

test('a replay, also of a fault that is gone, which can be given back', async (t) => {
  const { api, get, proxies } = await setUp(t)
  const replay = (await api.inject(`${URL}?fault=third&format=replay`)).json()
  t.ok(conforms('Replay', replay), JSON.stringify(replay))
  t.match(replay, { fault: 'third', replay: [3, 6], complete: true })
  await api.inject({ method: 'DELETE', url: '/v1/proxies/edge/faults/third' })
  t.match(await get('?fault=third&format=replay'), replay)
  const { fault: _, complete: __, ...again } = replay
  const added = await api.inject({ method: 'POST', url: '/v1/proxies/edge/faults', payload: { type: 'hang', id: 'again', ...again } })
  t.equal(added.statusCode, 201)
  for (let i = 1; i <= 7; i++) ask(proxies.get('edge'), '/', i)
  t.match(await get('?fault=again&format=replay'), { seed: replay.seed, replay: [3, 6] })
})

test('what does not fit is refused', async (t) => {
  const { api, get } = await setUp(t)
  t.match(await get('?format=replay'), { status: 400, code: 'PMT_ERR_INVALID', path: 'query.fault' })
  t.match(await get('?format=replay&fault=none'), { status: 404, code: 'PMT_ERR_FAULT_NOT_FOUND' })
  t.match(await get('?format=csv'), { status: 400, path: 'query.format', found: 'csv' })
  t.match(await get('?hit=perhaps'), { status: 400, path: 'query.hit' })
  t.match(await get('?path=/(a)%5C1/'), { status: 400, path: 'query.path' })
  t.match(await get('?limit=0'), { status: 400, path: 'query.limit' })
  t.match(await get('?limit=1001'), { status: 400, path: 'query.limit' })
  t.match(await get('?falt=x'), { status: 400, hint: 'did you mean `fault`?' })
  t.match((await api.inject('/v1/proxies/no/decisions')).json(), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
})
