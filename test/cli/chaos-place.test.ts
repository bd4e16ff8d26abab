import { join } from 'node:path'
import { test } from 'tap'
import { actsOnProxies } from '../../src/cli/chaos-place.ts'
import { cli, startSidecar } from './harness.ts'

const proxy = (func: string, args: object) => ({ type: 'action', name: func, provider: { type: 'python', module: 'chaostoxi.proxy.actions', func, arguments: args } })
const toxic = (func: string, args: object) => ({ type: 'action', name: func, provider: { type: 'python', module: 'chaostoxi.toxic.actions', func, arguments: { for_proxy: 'raw', toxic_name: 'slow', ...args } } })
const exists = (name: string) => ({ type: 'probe', name: `${name}-exists`, tolerance: true, provider: { type: 'python', module: 'chaostoxi.proxy.probes', func: 'proxy_exist', arguments: { proxy_name: name } } })
// eslint-disable-next-line no-template-curly-in-string -- this is how it is written in a file
const port = { type: 'probe', name: 'port', provider: { type: 'process', path: 'echo', arguments: '$made_PORT ${made_PORT}' } }

const experiment = (more: object = {}): string => JSON.stringify({
  title: 'T', description: 'D', 'steady-state-hypothesis': { title: 'H', probes: [exists('raw')] },
  method: [toxic('create_latency_toxic', { latency: 5 }), proxy('create_proxy', { proxy_name: 'made', upstream_host: '127.0.0.1', upstream_port: '1', listen_host: '127.0.0.1' }), port],
  rollbacks: [toxic('delete_toxic', {}), proxy('delete_proxy', { proxy_name: 'made' })],
  ...more
})
const env = { PATH: process.env.PATH! }

test('chaostoxi acts on the sidecar that --control names, or the experiment', async (t) => {
  const { control, premortem } = await startSidecar(t)
  const there = new URL(control)
  const folder = t.testdir({
    'e.json': experiment(), 'said.json': experiment({ configuration: { toxiproxy_host: there.hostname, toxiproxy_port: there.port } })
  })
  const seen: string[] = []
  t.teardown(premortem.events.subscribe(({ type }) => seen.push(type)))
  for (const argv of [['e.json', '--control', control], ['said.json']]) {
    const { code, out } = await cli(['run', join(folder, argv[0]!), ...argv.slice(1), '--journal-path', join(folder, 'j.json'), '--json'], { env })
    t.equal(code, 0, out)
    const { run } = JSON.parse(out) as { run: { output: { stdout: string } }[] }
    t.match(run[2]!.output.stdout, /^(\d+) \1\n$/, 'where it listens is known to what comes after')
  }
  t.equal(seen.filter((type) => type === 'fault.added').length, 2)
  t.notOk(premortem.proxies.find('made'))
  t.strictSame(premortem.proxies.get('raw').faultViews(), [])
})

test('or on one in this process, from a configuration', async (t) => {
  const folder = t.testdir({
    'e.json': experiment(), 'none.json': experiment({ 'steady-state-hypothesis': { title: 'H', probes: [exists('none')] } }),
    'c.yaml': 'proxies: [{ name: raw, listen: "127.0.0.1:0", upstream: "127.0.0.1:1" }]\n'
  })
  const run = (file: string) => cli(['run', join(folder, file), '--config', join(folder, 'c.yaml'), '--journal-path', join(folder, 'j.json')], { env })
  t.match(await run('e.json'), { code: 0, out: /HELD/ })
  t.match(await run('none.json'), { code: 5 })
  t.match(await cli(['run', join(folder, 'e.json'), '--config', 'a', '--control', 'b'], { env }), { code: 2, err: /exclude each other/ })
})

test('what acts on proxies is known by its modules', async (t) => {
  t.ok(actsOnProxies({ document: { method: [exists('a')] } }))
  t.notOk(actsOnProxies({ document: { method: [port], description: 'chaostoxi.' } }))
})
