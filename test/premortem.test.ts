import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { ControlClient } from '../src/api/client.ts'
import { decodeConfig } from '../src/config/schema.ts'
import type { Config } from '../src/config/schema.ts'
import { decodeFault } from '../src/faults/envelope.ts'
import { silentLogger } from '../src/kernel/log.ts'
import type { Logger } from '../src/kernel/log.ts'
import { Premortem, VERSION } from '../src/premortem.ts'
import { startService } from './cli/harness.ts'

const configure = (t: Test, more: object = {}): Config => decodeConfig({
  control: { listen: '127.0.0.1:0' },
  data: t.testdir({}),
  proxies: [{ name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: '127.0.0.1:1' }],
  ...more
}, () => 'secret')

async function occupy (t: Test): Promise<string> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => new Promise((resolve) => { server.close(resolve) }))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('it starts its proxies and its control API, and stops them', async (t) => {
  const port = await startService(t)
  const premortem = new Premortem(configure(t, { proxies: [{ name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${port}` }] }))
  t.equal(premortem.controlUrl, null)
  await premortem.start()
  const url = premortem.controlUrl!
  const client = new ControlClient(url)
  t.match(await client.state(), { version: VERSION, proxies: [{ name: 'edge' }], runs: [] })
  t.match(await client.metrics(), /premortem_/)
  const answer = await fetch(`http://127.0.0.1:${premortem.proxies.get('edge').address.port}/`)
  t.equal(await answer.text(), 'hello')
  await premortem.drain({ deadline: 100 })
  t.equal(premortem.state, 'stopped')
  t.equal(premortem.controlUrl, null)
  await t.rejects(new ControlClient(url).health(), { code: 'PMT_ERR_CONTROL_UNREACHABLE' })
})

test('it works without a control API', async (t) => {
  const premortem = new Premortem(configure(t), { control: false })
  t.teardown(() => premortem.stop())
  await premortem.start()
  t.equal(premortem.controlUrl, null)
  t.equal(premortem.proxies.list().length, 1)
})

test('a control address beyond loopback needs a token', async (t) => {
  for (const listen of ['0.0.0.0:0', ':0', '[::]:0']) {
    const premortem = new Premortem(configure(t, { control: { listen } }))
    await t.rejects(premortem.start(), { code: 'PMT_ERR_TOKEN_REQUIRED', details: { path: 'control.listen' } }, listen)
    t.same(premortem.proxies.list(), [], 'nothing listens')
  }
  const premortem = new Premortem(configure(t, { control: { listen: '0.0.0.0:0', 'token-file': 'x' } }))
  t.teardown(() => premortem.stop())
  await premortem.start()
  await t.rejects(new ControlClient(premortem.controlUrl!).state(), { code: 'PMT_ERR_UNAUTHORIZED' })
  await t.resolves(new ControlClient(premortem.controlUrl!, { token: 'secret' }).state())
})

test('a start that fails names the address and leaves nothing behind', async (t) => {
  const taken = await occupy(t)
  const free = async (premortem: Premortem): Promise<void> => {
    t.equal(premortem.state, 'stopped')
    // Its own port would still be taken if it listened.
    for (const proxy of premortem.proxies.list()) {
      const { host, port } = proxy.address
      const server = createServer().listen(port, host)
      await once(server, 'listening')
      await new Promise((resolve) => { server.close(resolve) })
    }
  }
  const proxies = ['127.0.0.1:0', taken].map((listen, i) => ({ name: `p${i}`, listen, upstream: '127.0.0.1:1' }))
  const proxy = new Premortem(configure(t, { proxies }))
  await t.rejects(proxy.start(), { code: 'PMT_ERR_ADDRESS_IN_USE', message: new RegExp(taken) })
  await free(proxy)
  const control = new Premortem(configure(t, { control: { listen: taken } }))
  await t.rejects(control.start(), { code: 'PMT_ERR_ADDRESS_IN_USE', message: new RegExp(taken) })
  await free(control)
  const nowhere = new Premortem(configure(t, { control: { listen: '192.0.2.1:0', 'token-file': 'x' } }))
  await t.rejects(nowhere.start(), { code: 'PMT_ERR_ADDRESS', message: /192\.0\.2\.1/ })
})

test('an upstream that does not resolve is a warning, not an end', async (t) => {
  const warned: object[] = []
  let tell = (): void => {}
  const told = new Promise<void>((resolve) => { tell = resolve })
  const warn = (fields: object | string): void => {
    warned.push(fields as object)
    tell()
  }
  const log: Logger = { ...silentLogger, warn, child: () => log }
  const premortem = new Premortem(configure(t, { proxies: [{ name: 'gone', listen: '127.0.0.1:0', upstream: 'no-such-host.invalid:80' }] }), { log, control: false })
  t.teardown(() => premortem.stop())
  await premortem.start()
  await told
  t.match(warned, [{ code: 'PMT_ERR_UPSTREAM_UNRESOLVED', proxy: 'gone', host: 'no-such-host.invalid' }])
})

test('what was set by hand is gone after a restart, what the configuration says is there', async (t) => {
  const config = configure(t, { proxies: [{ name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: '127.0.0.1:1', faults: [{ type: 'hang', id: 'declared' }] }] })
  const ids = (premortem: Premortem): string[] => premortem.proxies.get('edge').faultViews().map(({ id }) => id)
  const first = new Premortem(config)
  await first.start()
  await new ControlClient(first.controlUrl!).addFault('edge', { type: 'hang', id: 'by-hand', ttl: 'never' })
  t.same(ids(first), ['declared', 'by-hand'])
  await first.stop()
  const second = new Premortem(config)
  t.teardown(() => second.stop())
  await second.start()
  t.same(ids(second), ['declared'])
})

test('one seed gives one set of seeds', async (t) => {
  const seedOf = async (seed: number): Promise<number> => {
    const premortem = new Premortem(configure(t, { seed }), { control: false })
    t.teardown(() => premortem.stop())
    await premortem.start()
    return premortem.proxies.get('edge').addFault(decodeFault({ type: 'hang' }), { source: 'api' }).seed
  }
  t.equal(await seedOf(5), await seedOf(5))
  t.not(await seedOf(5), await seedOf(6))
})

test('stopping interrupts a run, whose journal and report stay', async (t) => {
  const port = await startService(t)
  const config = configure(t, { proxies: [{ name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${port}` }] })
  const premortem = new Premortem(config)
  await premortem.start()
  const { id } = await premortem.runs.start({
    title: 'x',
    'steady-state': { at: 'edge', objectives: ['success >= 90%'] },
    phases: { baseline: '60s', fault: '1s', recovery: '1s' },
    faults: [{ type: 'hang', on: 'edge' }]
  })
  await premortem.stop()
  t.ok(existsSync(join(config.data, 'runs', id, 'journal.jsonl')))
  const next = new Premortem(config)
  t.teardown(() => next.stop())
  await next.start()
  const client = new ControlClient(next.controlUrl!)
  t.match(JSON.parse(await client.report(id)), { id, outcome: 'interrupted', exitCode: 130 })
  t.match(await client.report(id, 'text'), /INTERRUPTED/)
  await t.rejects(client.report('no-such-run'), { code: 'PMT_ERR_RUN_NOT_FOUND' })
  await t.rejects(client.report('../runs'), { code: 'PMT_ERR_RUN_NOT_FOUND' })
})

test('halted by its file from the start, it lets traffic through, sets no fault, and is released with a reason', async (t) => {
  const port = await startService(t)
  const proxy = { name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${port}`, faults: [{ type: 'status', status: 503 }] }
  const config = configure(t, { 'halt-file': join(t.testdirName, 'stop'), proxies: [proxy] })
  const file = join(t.testdirName, 'stop')
  writeFileSync(file, 'freeze for the sale\n')
  const premortem = new Premortem(config)
  t.teardown(() => premortem.stop())
  await premortem.start()
  const client = new ControlClient(premortem.controlUrl!)
  t.match(await client.state(), { halted: { reason: 'freeze for the sale', by: 'file' }, faults: [] })
  t.equal((await fetch(`http://127.0.0.1:${premortem.proxies.get('edge').address.port}/`)).status, 200)
  await t.rejects(client.addFault('edge', { type: 'status', status: 503 }), { code: 'PMT_ERR_HALTED' })
  await client.release('the sale is over')
  t.notOk(existsSync(file))
  t.match(premortem.events.since(0).find(({ type }) => type === 'halt.released'), { data: { reason: 'the sale is over' } })
  await client.addFault('edge', { type: 'status', status: 503 })
  t.equal((await fetch(`http://127.0.0.1:${premortem.proxies.get('edge').address.port}/`)).status, 503)
  await client.halt('again')
  t.match(readFileSync(file, 'utf8'), /^again\n/)
})
