import { test } from 'tap'
import { CHAOSPROMETHEUS, promTime } from '../../../src/adapters/chaos-toolkit/chaosprometheus.ts'
import type { JsonObject } from '../../../src/adapters/chaos-toolkit/types.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { createWorld, never, startService } from './world.ts'

const WALL = Date.UTC(2026, 0, 1) / 1000

test('times as people write them', async (t) => {
  const clock = createVirtualClock()
  t.equal(promTime('now', clock), WALL)
  t.equal(promTime('5 minutes ago', clock), WALL - 300)
  t.equal(promTime('an hour ago', clock), WALL - 3600)
  t.equal(promTime('1 week ago', clock), WALL - 604_800)
  t.equal(promTime('2026-01-01T00:00:10Z', clock), WALL + 10)
  t.throws(() => promTime('when pigs fly', clock), { name: 'ActivityFailed' })
})

test('queries, and means', async (t) => {
  const asked: string[] = []
  const base = await startService(t, (request, response) => {
    asked.push(request.url!)
    const query = new URL(request.url!, 'http://x').searchParams.get('query')!
    if (query === 'bad') return response.writeHead(400).end('parse error')
    const values = query === 'none' ? [] : [{ values: [[1, '1'], [2, '2'], [3, '4']] }]
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify({ status: 'success', data: { result: values } }))
  })
  const world = { ...createWorld(), configuration: { prometheus_base_url: base } }
  const does = (name: string, args: JsonObject) => CHAOSPROMETHEUS[`chaosprometheus.probes.${name}`]!.does(args, world, never())
  t.match(await does('query', { query: 'up', when: 'now', timeout: 5 }), { status: 'success', data: {} })
  t.equal(asked.pop(), `/api/v1/query?query=up&time=${WALL}&timeout=5`)
  t.match(await does('query_interval', { query: 'up', start: '2 minutes ago', end: 'now', step: 15 }), { status: 'success' })
  t.equal(asked.pop(), `/api/v1/query_range?query=up&start=${WALL - 120}&end=${WALL}&step=15`)
  t.ok(Math.abs(await does('compute_mean', { query: 'up', window: '5m' }) as number - 7 / 3) < 1e-12)
  t.equal(asked.pop(), `/api/v1/query_range?query=up&start=${WALL - 300}&end=${WALL}&step=1`)
  t.ok(Math.abs(await does('compute_mean', { query: 'up', mean_type: 'geometric' }) as number - 2) < 1e-12)
  t.ok(Math.abs(await does('compute_mean', { query: 'up', mean_type: 'harmonic' }) as number - 12 / 7) < 1e-12)
  await t.rejects(does('compute_mean', { query: 'up', mean_type: 'median' }), { name: 'ActivityFailed', message: /no such mean/ })
  await t.rejects(does('compute_mean', { query: 'none' }), { message: /gave no values/ })
  await t.rejects(does('query', { query: 'bad' }), { name: 'ActivityFailed', message: 'the Prometheus query `bad` failed: parse error' })
})
