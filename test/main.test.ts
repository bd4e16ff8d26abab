import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { test } from 'tap'
import type { Test } from 'tap'
import { ControlClient } from '../src/api/client.ts'
import type { RunResult } from '../src/experiment/result.ts'
import { startService } from './cli/harness.ts'
import { MAIN, run, start } from './helpers/binary.ts'
import type { Binary } from './helpers/binary.ts'
import { freePort } from './helpers/port.ts'

async function setUp (t: Test): Promise<{ folder: string, edge: string }> {
  const service = await startService(t)
  const port = await freePort()
  const folder = t.testdir({
    'c.yaml': `control: { listen: 127.0.0.1:0 }\ndata: data\nproxies:\n  - { name: edge, listen: 127.0.0.1:${port}, protocol: http, upstream: 127.0.0.1:${service} }\n`
  })
  return { folder, edge: `http://127.0.0.1:${port}/` }
}

const question = (edge: string, length: string): string[] => [
  'whatif', 'edge', 'delay', 'delay=1ms', '--slo', 'success>=90%', '--load', edge, '--rate', '100/s',
  '--baseline', '1s', '--for', length, '--recovery', '1s'
]

async function serve (t: Test, folder: string): Promise<{ server: Binary, control: string }> {
  const server = start(t, ['serve', '--config', 'c.yaml', '--json'], { cwd: folder })
  const { control } = JSON.parse(await server.printed(/\n}\n$/)) as { control: string }
  return { server, control }
}

test('help, version and mistakes have their exit codes', async (t) => {
  const help = await run(t, ['--help'])
  t.equal(help.code, 0)
  t.match(help.out, /premortem whatif <proxy> <fault\.\.>/)
  const version = await run(t, ['--version'])
  t.equal(version.code, 0)
  t.match(version.out, /^\d+\.\d+\.\d+\n$/)
  const mistake = await run(t, ['serv'])
  t.match(mistake, { code: 2, out: '', err: /^premortem: PMT_ERR_USAGE: no such command; found serv; .*did you mean `serve`\?\n$/ })
})

test('a log that cannot be written, as on a full disk, stops nothing', async (t) => {
  const { folder, edge } = await setUp(t)
  const full = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(full))
  const server = spawn(process.execPath, [MAIN, 'serve', '--config', 'c.yaml', '--json'], { cwd: folder, stdio: ['ignore', 'pipe', full] })
  const ended = once(server, 'close')
  t.teardown(async () => {
    server.kill('SIGKILL')
    await ended
  })
  let out = ''
  for await (const text of server.stdout!.setEncoding('utf8')) if ((out += String(text)).endsWith('\n}\n')) break
  const client = new ControlClient((JSON.parse(out) as { control: string }).control)
  await client.addFault('edge', { type: 'delay', delay: 1 })
  t.equal((await fetch(edge)).status, 200)
  t.match(await client.faults('edge'), [{ type: 'delay' }], 'each change is logged, and yet it is there')
})

test('without a configuration there is nothing to serve', async (t) => {
  const serving = await run(t, ['serve'], { cwd: t.testdir({}) })
  t.match(serving, { code: 2, out: '', err: /PMT_ERR_USAGE: there is no configuration; .*wanted --config FILE/ })
})

test('an experiment in this process that holds is exit 0, and its report can be read afterwards', async (t) => {
  const { folder, edge } = await setUp(t)
  const ran = await run(t, [...question(edge, '1s'), '--config', 'c.yaml'], { cwd: folder })
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, /HELD/)
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  t.notMatch(ran.out + ran.err, /\u001b|\r/, 'in a pipe there are no colours and no live line')
  const report = await run(t, ['report', 'latest', '--config', 'c.yaml'], { cwd: folder })
  t.equal(report.out, ran.out)
})

test('Ctrl-C in the fault phase removes the fault before the process ends with 130', async (t) => {
  const { folder, edge } = await setUp(t)
  const { server, control } = await serve(t, folder)
  const client = new ControlClient(control)
  const driver = start(t, [...question(edge, '60s'), '--control', control, '--json'], { cwd: folder })
  for await (const { type } of client.events()) if (type === 'fault.added') break
  driver.child.kill('SIGINT')
  t.equal(await driver.ended, 130, driver.err())
  t.match(JSON.parse(driver.out()) as RunResult, { outcome: 'interrupted', reasons: [/SIGINT/], faults: [{ removed: true }] })
  t.same(await client.faults('edge'), [])
  server.child.kill('SIGTERM')
  t.equal(await server.ended, 0)
})

test('the same in one process: the run is over, and its journal says so', async (t) => {
  const { folder, edge } = await setUp(t)
  const driver = start(t, [...question(edge, '60s'), '--config', 'c.yaml', '--json'], { cwd: folder })
  // Its proxy answers as soon as it runs; the load starts with it.
  while (!await fetch(edge).then(() => true, () => false)) await new Promise((resolve) => { setImmediate(resolve) })
  driver.child.kill('SIGTERM')
  t.equal(await driver.ended, 130, driver.err())
  t.match(JSON.parse(driver.out()), { outcome: 'interrupted', reasons: [/SIGTERM/] })
  const report = await run(t, ['report', 'latest', '--data', 'data', '--json'], { cwd: folder })
  t.same(JSON.parse(report.out), JSON.parse(driver.out()))
})

test('a second Ctrl-C ends the process at once', async (t) => {
  const { folder, edge } = await setUp(t)
  const { server, control } = await serve(t, folder)
  const driver = start(t, [...question(edge, '60s'), '--control', control], { cwd: folder })
  for await (const { type } of new ControlClient(control).events()) if (type === 'fault.added') break
  // A sidecar that stands still cannot confirm the abort.
  server.child.kill('SIGSTOP')
  driver.child.kill('SIGINT')
  // Another signal: two of one kind may arrive as one.
  driver.child.kill('SIGTERM')
  t.equal(await driver.ended, 130)
})

test('a port in use is named, and nothing stays behind', async (t) => {
  const { folder } = await setUp(t)
  const { server } = await serve(t, folder)
  const second = await run(t, ['serve', '--config', 'c.yaml'], { cwd: folder })
  t.match(second, { code: 2, out: '', err: /PMT_ERR_ADDRESS_IN_USE: .*127\.0\.0\.1:\d+/ })
  server.child.kill('SIGINT')
  t.equal(await server.ended, 0)
})

test('a control address beyond loopback without a token does not start', async (t) => {
  const { folder } = await setUp(t)
  t.match(await run(t, ['serve', '--config', 'c.yaml', '--listen', '0.0.0.0:0'], { cwd: folder }), { code: 2, err: /PMT_ERR_TOKEN_REQUIRED/ })
})

test('a reader that has seen enough is no error', async (t) => {
  const binary = start(t, ['whatif', '--help'])
  binary.child.stdout!.destroy()
  t.equal(await binary.ended, 0)
  t.equal(binary.err(), '')
})

test('a run whose sidecar is killed is told so, and the sidecar comes back clean with the journal readable', async (t) => {
  const { folder, edge } = await setUp(t)
  const { server, control } = await serve(t, folder)
  const driver = start(t, [...question(edge, '60s'), '--control', control], { cwd: folder })
  for await (const { type } of new ControlClient(control).events()) if (type === 'fault.added') break
  server.child.kill('SIGKILL')
  await server.ended
  const again = await serve(t, folder)
  t.same((await new ControlClient(again.control).state()).faults, [])
  t.match(await run(t, ['report', 'latest', '--config', 'c.yaml'], { cwd: folder }), { code: 0, out: /no verdict[^]*run\.started[^]*phase=fault/ })
  t.equal(await driver.ended, 7)
  t.match(driver.err(), /PMT_ERR_RUN_LOST/)
})
