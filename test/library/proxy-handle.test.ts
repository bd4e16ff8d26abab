import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { test } from 'tap'
import { eventually } from '../helpers/proxy.ts'
import { get, startShop } from './harness.ts'

test('where clients connect', async (t) => {
  const { premortem, upstream } = await startShop(t)
  const { host, port, address, url, name } = premortem.proxy('shop')
  t.equal(name, 'shop')
  t.equal(host, '127.0.0.1')
  t.equal(address, `127.0.0.1:${port}`)
  t.equal(url, `http://127.0.0.1:${port}`)
  const all = await premortem.addProxy('all', { upstream, listen: '0.0.0.0:0' })
  t.equal(all.host, '127.0.0.1', 'an address to connect to, not to listen on')
  t.equal(await get(all.url), '200 hello')
})

test('an IPv6 address has brackets', async (t) => {
  const ipv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'))
  if (!ipv6) return t.pass('no ::1 here', { skip: 'no ::1 here' })
  const { premortem, upstream } = await startShop(t)
  for (const listen of ['[::1]:0', '[::]:0']) {
    const proxy = await premortem.addProxy(`six-${listen.length}`, { upstream, listen })
    t.equal(proxy.host, '::1')
    t.equal(proxy.address, `[::1]:${proxy.port}`)
    t.equal(await get(proxy.url), '200 hello')
  }
})

test('its figures, its connections and its faults', async (t) => {
  const { premortem } = await startShop(t)
  const shop = premortem.proxy('shop')
  await get(shop.url)
  await eventually(() => shop.snapshot().totals.exchanges === 1, () => JSON.stringify(shop.snapshot().totals))
  t.match(shop.snapshot(), { proxy: 'shop', totals: { statuses: { 2: 1 } } })
  t.ok(shop.snapshot(30).recent.seconds > shop.snapshot(5).recent.seconds)
  const socket = connect(shop.port, shop.host)
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  await eventually(() => shop.connections().length === 1, () => JSON.stringify(shop.connections()))
  t.match(shop.connections(), [{ client: `127.0.0.1:${socket.localPort}` }])
  using slow = shop.fault({ type: 'delay', delay: '1s' })
  t.match(shop.faults(), [{ id: slow.id, on: 'shop', type: 'delay', source: 'api', expiresAt: null, spec: { delay: '1s' } }])
})

test('a fault on it needs no `on`, and cannot be meant for another', async (t) => {
  const { premortem } = await startShop(t)
  const shop = premortem.proxy('shop')
  t.equal(await shop.withFault({ type: 'status', status: 503 }, () => get(shop.url), { mustHit: true }), '503 ')
  t.equal(await shop.withFault({ on: 'shop', type: 'status', status: 503 }, ({ on }) => on), 'shop')
  t.throws(() => shop.fault({ on: 'edge', type: 'hang' }), { code: 'PMT_ERR_INVALID', details: { path: 'on', found: 'edge' } })
  await t.rejects(shop.withFault({ on: 'edge', type: 'hang' }, () => 1), { code: 'PMT_ERR_INVALID' })
  t.same(shop.faults(), [])
})

test('once its proxy is removed, it says so', async (t) => {
  const { premortem } = await startShop(t)
  const shop = premortem.proxy('shop')
  await premortem.removeProxy('shop')
  const gone = { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { found: 'shop', wanted: 'there is none' } }
  t.throws(() => shop.url, gone)
  t.throws(() => shop.snapshot(), gone)
  t.throws(() => shop.fault({ type: 'hang' }), gone)
})

test('it can be down for a while', async (t) => {
  const { premortem } = await startShop(t)
  const shop = premortem.proxy('shop')
  const { url } = shop
  using slow = shop.fault({ type: 'delay', delay: '1ms' })
  await shop.disable()
  t.same([shop.enabled, shop.url, slow.active], [false, url, true])
  await t.rejects(get(url), { cause: { code: 'ECONNREFUSED' } })
  await shop.enable()
  t.equal(shop.enabled, true)
  t.equal(await get(url), '200 hello')
})

test('which requests met which faults', async (t) => {
  const { premortem } = await startShop(t)
  const shop = premortem.proxy('shop')
  using broken = shop.fault({ type: 'status', status: 503, match: { path: '/a/*' } })
  for (const path of ['/a/1', '/b', '/a/2']) await get(shop.url + path)
  t.match(shop.decisions(), [{ path: '/a/2', faults: [{ fault: broken.id, hit: true }] }, { path: '/b', faults: [{ hit: false, verdict: 'unmatched' }] }, { path: '/a/1' }])
  t.same(shop.decisions({ hit: true, path: '/a/*', limit: 1, fault: broken.id }).map(({ path }) => path), ['/a/2'])
  t.same(shop.decisions({ fault: 'another' }), [])
  t.throws(() => shop.decisions({ path: '/(/' }), { code: 'PMT_ERR_INVALID' })
})
