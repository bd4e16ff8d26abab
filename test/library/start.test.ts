import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { test } from 'tap'
import { ControlClient } from '../../src/api/client.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import type { Logger } from '../../src/kernel/log.ts'
import { startPremortem } from '../../src/library/start.ts'
import type { TestSidecarOptions } from '../../src/library/start.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { closedPort } from '../helpers/upstream.ts'
import { get, startShop } from './harness.ts'

test('await using starts it, and the end of the block stops it', async (t) => {
  let url = ''
  {
    const { upstream } = await startShop(t)
    await using premortem = await startPremortem({ proxies: { other: { upstream } } })
    url = premortem.proxy('other').url
    t.equal(await get(url), '200 hello')
  }
  await t.rejects(get(url), { cause: { code: 'ECONNREFUSED' } })
})

test('nothing has to be given', async (t) => {
  await using premortem = await startPremortem()
  t.same(premortem.proxies(), [])
  t.equal(premortem.controlUrl, null)
  t.ok(Number.isInteger(premortem.seed))
})

test('it is quiet, has no control API and makes no folder', async (t) => {
  t.notOk(existsSync('premortem.data'), 'there is none to begin with')
  const { write } = process.stdout
  let printed = ''
  process.stdout.write = ((text: string) => { printed += text }) as never
  try {
    await using premortem = await startPremortem({ proxies: { gone: { upstream: `127.0.0.1:${await closedPort()}` } } })
    await get(premortem.proxy('gone').url).catch(() => {})
  } finally {
    process.stdout.write = write
  }
  t.equal(printed, '')
  t.notOk(existsSync('premortem.data'))
})

test('what it has to say goes to the logger it is given', async (t) => {
  const said: unknown[] = []
  const warn = (fields: object | string): void => { said.push(fields) }
  const log: Logger = { ...silentLogger, warn, debug: warn, child: () => log }
  await using premortem = await startPremortem({ log, proxies: { gone: { upstream: `127.0.0.1:${await closedPort()}` } } })
  await get(premortem.proxy('gone').url).catch(() => {})
  t.ok(said.length > 0)
})

test('a control API where it is asked for, with a token or without', async (t) => {
  const open = await startShop(t, { control: true })
  t.match(open.premortem.controlUrl, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.match(await new ControlClient(open.premortem.controlUrl!).state(), { proxies: [{ name: 'shop' }] })
  const guarded = await startShop(t, { control: { listen: '127.0.0.1:0', token: 'secret' } })
  await t.rejects(new ControlClient(guarded.premortem.controlUrl!).state(), { code: 'PMT_ERR_UNAUTHORIZED' })
  await t.resolves(new ControlClient(guarded.premortem.controlUrl!, { token: 'secret' }).state())
})

test('one seed makes the same decisions, in any process', async (t) => {
  const statuses = async (seed: number): Promise<string> => {
    const { premortem } = await startShop(t, { seed })
    const { url } = premortem.proxy('shop')
    return premortem.withFault({ on: 'shop', type: 'status', status: 503, share: '50%' }, async () => {
      let seen = ''
      for (let i = 0; i < 20; i++) seen += (await get(url)).startsWith('503') ? 'x' : '.'
      return seen
    })
  }
  const first = await statuses(7)
  t.match(first, /x.*\.|\..*x/, 'some of each')
  t.equal(await statuses(7), first)
  t.not(await statuses(8), first)
})

test('its clock is the one it is given', async (t) => {
  const clock = createVirtualClock()
  const { premortem } = await startShop(t, { clock })
  const leased = premortem.fault({ on: 'shop', type: 'hang', ttl: '1m' })
  await clock.advance(59_999)
  t.ok(leased.active)
  await clock.advance(1)
  t.notOk(leased.active)
})

test('faults that are there from the start, and several nodes', async (t) => {
  const { premortem } = await startShop(t, {
    proxies: { two: { upstream: ['a=127.0.0.1:1', 'b=127.0.0.1:2'], faults: [{ type: 'status', status: 418, id: 'teapot' }] } }
  })
  t.match(premortem.proxy('two').faults(), [{ id: 'teapot', source: 'config', expiresAt: null }])
})

test('what does not fit is named by path, found and wanted', async (t) => {
  const refused = async (options: unknown, code: string, details: object): Promise<void> =>
    void await t.rejects(startPremortem(options as TestSidecarOptions), { code, details }, JSON.stringify(options))
  const upstream = '127.0.0.1:1'
  await refused({ proxeis: {} }, 'PMT_ERR_INVALID', { path: 'proxeis', hint: /proxies/ })
  await refused({ seed: -1 }, 'PMT_ERR_INVALID', { path: 'seed', found: -1 })
  await refused({ control: 8474 }, 'PMT_ERR_INVALID', { path: 'control', found: 8474, wanted: /listen, token/ })
  await refused({ control: { listen: 'here' } }, 'PMT_ERR_INVALID', { path: 'control.listen', found: 'here' })
  await refused({ control: { listen: '0.0.0.0:0' } }, 'PMT_ERR_TOKEN_REQUIRED', { path: 'control.listen' })
  await refused({ proxies: [] }, 'PMT_ERR_INVALID', { path: 'proxies', wanted: /mapping/ })
  for (const proxy of [null, 'x', 5, []]) await refused({ proxies: { shop: proxy } }, 'PMT_ERR_INVALID', { path: 'proxies.shop' })
  await refused({ proxies: { shop: {} } }, 'PMT_ERR_INVALID', { path: 'proxies.shop.upstream' })
  await refused({ proxies: { shop: { upstream: 'http://127.0.0.1:1/' } } }, 'PMT_ERR_INVALID', { path: 'proxies.shop.upstream', wanted: /host:port/ })
  await refused({ proxies: { 'a b': { upstream } } }, 'PMT_ERR_INVALID', { path: 'proxies.a b.name', found: 'a b' })
  await refused({ proxies: { shop: { upstream, faults: [{ type: 'dealy' }] } } }, 'PMT_ERR_FAULT_UNKNOWN', { path: 'proxies.shop.faults.0.type', hint: /delay/ })
  const { premortem } = await startShop(t)
  const taken = premortem.proxy('shop').address
  await refused({ proxies: { a: { upstream }, b: { upstream, listen: taken } } }, 'PMT_ERR_ADDRESS_IN_USE', { found: taken })
})

test('a process that has stopped its sidecar ends by itself, whatever was going on', async (t) => {
  const library = new URL('../../dist/index.js', import.meta.url)
  if (!existsSync(library)) return t.fail('dist/index.js is missing: npm run build')
  const script = `
    import { createServer } from 'node:http'
    import { startPremortem } from ${JSON.stringify(library.href)}
    const server = createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const premortem = await startPremortem({ control: true, proxies: { shop: { upstream: '127.0.0.1:' + server.address().port } } })
    const { url, address } = premortem.proxy('shop')
    const shop = { upstream: '127.0.0.1:1' }
    await startPremortem({ control: true, proxies: { shop, taken: { ...shop, listen: address } } }).catch(({ code }) => console.log(code))
    premortem.fault({ on: 'shop', type: 'delay', delay: '1h', match: { path: '/slow' }, ttl: '1d' })
    premortem.fault({ on: 'shop', type: 'hang', match: { path: '/hang' } })
    const open = ['/slow', '/hang'].map((path) => fetch(url + path).catch((error) => error.cause.code))
    while (premortem.proxy('shop').faults().some(({ counters }) => counters.active === 0)) await fetch(url).then((answer) => answer.text())
    await premortem.stop()
    console.log((await Promise.all(open)).join())
    server.close()
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill('SIGKILL') })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk })
  const [code] = await once(child, 'close')
  t.equal(code, 0)
  t.match(out, /^PMT_ERR_ADDRESS_IN_USE\n(ECONNRESET|UND_ERR_SOCKET),(ECONNRESET|UND_ERR_SOCKET)\n$/)
})
