import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { runCli } from '../../../src/cli/cli.ts'
import { ControlClient } from '../../../src/api/client.ts'
import { createSystemClock } from '../../../src/kernel/clock.ts'

const CONFIG = 'control: { listen: 127.0.0.1:0 }\nproxies:\n  - { name: edge, listen: 127.0.0.1:0, upstream: 127.0.0.1:1 }\n'

/** Serves in this process until `stop`; resolves with what was printed once it listens. */
async function serve (t: Test, argv: string[]): Promise<{ printed: string, stop: () => Promise<number> }> {
  const interrupt = new AbortController()
  let ended: Promise<number> = Promise.resolve(-1)
  const printed = await new Promise<string>((resolve, reject) => {
    let err = ''
    ended = runCli(['serve', ...argv], {
      stdout: { write: resolve },
      stderr: { write: (text) => { err += text } },
      env: {},
      signal: interrupt.signal,
      clock: createSystemClock(),
      look: { color: false, width: 80 }
    })
    ended.then((code) => reject(new Error(`ended with ${code}: ${err}`)), reject)
  })
  const stop = (): Promise<number> => {
    interrupt.abort('the test is over')
    return ended
  }
  t.teardown(stop)
  return { printed, stop }
}

test('it says where it listens, and ends with 0 when told to', async (t) => {
  const file = join(t.testdir({ 'c.yaml': CONFIG }), 'c.yaml')
  const { printed, stop } = await serve(t, ['--config', file])
  const control = /control API at (http:\S+) /.exec(printed)![1]!
  t.match(printed, /edge +127\.0\.0\.1:\d+ +auto +0 +0 +127\.0\.0\.1:1\n$/)
  await t.resolves(new ControlClient(control).state())
  t.equal(await stop(), 0)
  await t.rejects(new ControlClient(control).state(), { code: 'PMT_ERR_CONTROL_UNREACHABLE' })
})

test('a config file of Toxiproxy is served too, its toxics from the start; alone or beside a configuration', async (t) => {
  const toxiproxy = JSON.stringify([{ name: 'redis', listen: 'localhost:0', upstream: 'localhost:6379', toxics: [{ type: 'timeout' }] }])
  const folder = t.testdir({ 'c.yaml': CONFIG, 't.json': toxiproxy, 'bad.json': '[\n  { "name": "a" }]' })
  const { printed } = await serve(t, ['--config', join(folder, 'c.yaml'), '--toxiproxy-config', join(folder, 't.json'), '--json'])
  t.match(JSON.parse(printed), { proxies: [{ name: 'edge' }, { name: 'redis', faults: [{ id: 'timeout_downstream', source: 'toxiproxy', expiresAt: null }] }] })
  const alone = await serve(t, ['--toxiproxy-config', join(folder, 't.json'), '--listen', '127.0.0.1:0', '--json'])
  t.match((JSON.parse(alone.printed) as { proxies: object[] }).proxies.length, 1)
  await t.rejects(serve(t, ['--toxiproxy-config', join(folder, 'bad.json')]), { message: /ended with 2: .*missing required field: upstream at proxy 1; at .*bad\.json:2:3 0;/ })
})

test('machines get plain data', async (t) => {
  const file = join(t.testdir({ 'c.yaml': CONFIG }), 'c.yaml')
  const { printed } = await serve(t, ['--config', file, '--json'])
  t.match(JSON.parse(printed), { control: /^http:/, seed: Number, proxies: [{ name: 'edge' }] })
})

test('the control address and its token may come from the command line', async (t) => {
  const folder = t.testdir({ 'c.yaml': CONFIG, token: 'secret\n' })
  const { printed } = await serve(t, ['--config', join(folder, 'c.yaml'), '--listen', '0.0.0.0:0', '--token-file', join(folder, 'token'), '--json'])
  const { control } = JSON.parse(printed) as { control: string }
  await t.rejects(new ControlClient(control).state(), { code: 'PMT_ERR_UNAUTHORIZED' })
  await t.resolves(new ControlClient(control, { token: 'secret' }).state())
})
