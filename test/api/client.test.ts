import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { stringify } from 'yaml'
import { ControlClient } from '../../src/api/client.ts'
import { EDGE, EXPERIMENT, createHarness, listen } from './harness.ts'
import type { Teardown } from './harness.ts'
import type { ProxySpec } from '../../src/proxy/spec.ts'

async function answering (t: Teardown, status: number, body: string): Promise<ControlClient> {
  const server = createServer((_request, response) => { response.writeHead(status).end(body) }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return new ControlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

test('every resource', async (t) => {
  const { api, runs } = await createHarness(t)
  const client = new ControlClient(await listen(api))
  t.same(await client.health(), { status: 'ok' })
  t.same(await client.ready(), { status: 'ready' })
  t.match(await client.putProxy(EDGE as ProxySpec), { name: 'edge' })
  t.match(await client.patchProxy('edge', { balance: 'least-connections' }), { balance: 'least-connections' })
  t.match(await client.proxies(), [{ name: 'edge' }])
  t.match(await client.proxy('edge'), { name: 'edge' })
  t.same(await client.connections('edge'), [])
  t.match(await client.snapshot('edge', 3), { recent: { seconds: 3 } })

  const fault = await client.addFault('edge', { type: 'delay', delay: 5 }, { run: 'r' })
  t.match(await client.faults('edge'), [{ id: fault.id, run: 'r' }])
  t.match(await client.fault('edge', fault.id), { id: fault.id })
  t.match(await client.changeFault('edge', fault.id, { share: 0.5 }), { spec: { share: 0.5 } })
  t.match(await client.renewFault('edge', fault.id, 1000), { revision: 2 })
  t.same(await client.decisions('edge', { fault: fault.id, hit: true, path: '/**', connection: 1, id: '2', limit: 5 }), { complete: true, decisions: [] })
  t.match(await client.decisions('edge'), { complete: true })
  t.match(await client.replay('edge', fault.id), { fault: fault.id, seed: fault.seed, replay: [], complete: true })
  t.match(await client.removeFault('edge', fault.id), { id: fault.id })
  t.equal(await client.removeFaults('edge'), 0)
  t.ok((await client.catalogue()).length > 0)

  t.match(await client.startRun(EXPERIMENT, { seed: 3, lease: 10_000 }), { id: 'run-1', seed: 3 })
  t.match(await client.startRun(stringify(EXPERIMENT)), { id: 'run-2' })
  t.same(runs.calls[0], ['start', EXPERIMENT, { seed: 3, lease: 10_000, allowed: { process: false } }])
  t.equal((await client.runs()).length, 2)
  t.match(await client.run('run-1'), { id: 'run-1' })
  t.match(await client.heartbeat('run-1'), { id: 'run-1' })
  t.match(await client.abortRun('run-1', 'why', 'interrupted'), { id: 'run-1' })
  t.equal(await client.report('run-1', 'text'), 'the report of run-1')
  t.match(await client.plan(EXPERIMENT), { canConclude: false })

  const watch = await client.openWatch('edge', ['success >= 99%'])
  t.match(await client.markPhase(watch.id, 'baseline'), { reading: { phases: [{ name: 'baseline' }] } })
  t.match(await client.readWatch(watch.id, { final: true }), { open: 0 })
  await client.closeWatch(watch.id)

  t.match(await client.halt('test'), { halted: { reason: 'test' } })
  t.match(await client.halted(), { halted: { reason: 'test' } })
  t.same(await client.release('over'), { halted: null })
  t.match(await client.state(), { version: '1.2.3' })
  t.same(await client.sidecars(), [])
  t.match(await client.metrics(), 'premortem_build_info')
  await client.removeProxy('edge')
  t.same(await client.proxies(), [])
})

test('a refusal comes back as it was', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE], tokens: { operator: 'secret' } })
  const url = await listen(api)
  await t.rejects(new ControlClient(url).state(), { code: 'PMT_ERR_UNAUTHORIZED', status: 401 })
  const client = new ControlClient(url, { token: 'secret' })
  await t.rejects(client.addFault('edge', { type: 'delay', delay: 'soon' }), { code: 'PMT_ERR_INVALID', details: { path: 'delay', found: 'soon', wanted: /^a duration/ } })
  await t.rejects(client.proxy('we/ird name'), { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { found: 'we/ird name' } })
  await t.rejects(client.startRun('title: [\n'), { code: 'PMT_ERR_SYNTAX', details: { line: Number } })
  await t.rejects(new ControlClient(url, { token: 'wrong' }).events().next(), { code: 'PMT_ERR_UNAUTHORIZED' })
})

test('nobody there', async (t) => {
  const client = new ControlClient('http://127.0.0.1:1')
  await t.rejects(client.state(), { code: 'PMT_ERR_CONTROL_UNREACHABLE', exit: 2, message: /http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/, details: { found: 'http://127.0.0.1:1' } })
  await t.rejects(client.events().next(), { code: 'PMT_ERR_CONTROL_UNREACHABLE' })
})

test('somebody else there', async (t) => {
  await t.rejects((await answering(t, 200, '<html>')).state(), { code: 'PMT_ERR_CONTROL_UNREACHABLE' })
  await t.rejects((await answering(t, 404, 'not found')).state(), { code: 'PMT_ERR_CONTROL_UNREACHABLE', message: /status 404/ })
  await t.rejects((await answering(t, 500, '{"code":"E_OTHER","message":"x"}')).state(), { code: 'PMT_ERR_CONTROL_UNREACHABLE' })
})

test('a stream that breaks is an error, one that ends is not', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('id: 1\ndata: {"id":1,"type":"x"}\n\n')
    if (request.headers['last-event-id'] === '5') response.end()
    else request.socket.resetAndDestroy()
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const client = new ControlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const types: string[] = []
  for await (const { type } of client.events({ lastEventId: 5 })) types.push(type)
  t.same(types, ['x'])
  await t.rejects(async () => {
    for await (const event of client.events()) void event
  }, { code: 'PMT_ERR_CONTROL_UNREACHABLE' })
})
