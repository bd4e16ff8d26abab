import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { request } from 'undici'
import { ControlClient } from '../../../src/api/client.ts'
import { EDGE, EXPERIMENT, createHarness, listen } from '../harness.ts'
import type { Teardown } from '../harness.ts'

/** A sidecar `east` with a token of its own, and one that drives it, with another. */
async function setup (t: Teardown) {
  const east = await createHarness(t, { proxySpecs: [EDGE], tokens: { operator: 'of-east' } })
  const eastUrl = await listen(east.api)
  const near = await createHarness(t, {
    tokens: { operator: 'of-near' },
    sidecars: [{ name: 'east', url: eastUrl, token: 'of-east' }, { name: 'gone', url: 'http://127.0.0.1:1', token: undefined }]
  })
  const url = await listen(near.api)
  return { east, near, url, eastUrl, client: new ControlClient(url, { token: 'of-near' }) }
}

test('which there are, and which answer', async (t) => {
  const { client, eastUrl } = await setup(t)
  t.same(await client.sidecars(), [{ name: 'east', url: eastUrl, reachable: true }, { name: 'gone', url: 'http://127.0.0.1:1', reachable: false }])
})

test('one address drives several', async (t) => {
  const { client, east, near, url } = await setup(t)
  const there = client.sidecar('east')
  t.match(await there.proxies(), [{ name: 'edge' }])
  t.match(await there.addFault('edge', { type: 'delay', delay: '5ms' }, { run: 'r' }), { id: 'delay-1', run: 'r' })
  t.match(await there.changeFault('edge', 'delay-1', { share: '50%' }), { spec: { share: '50%' } })
  t.match(await there.startRun('title: x\n').catch((error: unknown) => error), { code: 'PMT_ERR_INVALID', details: { line: Number } }, 'YAML arrives as it was sent')
  t.match(await there.startRun(EXPERIMENT, { seed: 5 }), { id: 'run-1', seed: 5 })
  t.match(await there.removeFault('edge', 'delay-1'), { id: 'delay-1' })
  await t.rejects(there.removeFault('edge', 'delay-1'), { code: 'PMT_ERR_FAULT_NOT_FOUND' })
  await there.removeProxy('edge')
  t.same(east.proxies.list(), [])
  const audited = (harness: typeof east) => harness.events.since(0).filter((event) => event.type === 'audit').length
  t.equal(audited(near), audited(east), 'both know what was changed')
  const headers = { authorization: 'Bearer of-near', 'content-type': 'application/json' }
  const put = await request(`${url}/v1/sidecars/east/proxies/new`, { method: 'PUT', headers, body: JSON.stringify({ ...EDGE, name: 'new' }) })
  t.equal(put.statusCode, 201)
  const post = await request(`${url}/v1/sidecars/east/proxies/new/faults`, { method: 'POST', headers, body: '{"type":"hang"}' })
  t.equal(post.headers.location, '/v1/sidecars/east/proxies/new/faults/hang-1')
})

// Any other client would resolve the path before it sends it.
function raw (url: string, headers: Record<string, string>): Promise<{ status: number | undefined, body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    get({ hostname, port, path: url.slice(url.indexOf('/', 8)), headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (piece: string) => { body += piece }).on('end', () => resolve({ status: answer.statusCode, body }))
    }).on('error', reject)
  })
}

test('tokens stay on their side', async (t) => {
  const seen: Record<string, unknown>[] = []
  const server = createServer((incoming, response) => {
    seen.push({ url: incoming.url, ...incoming.headers })
    response.setHeader('content-type', 'application/json').end('[]')
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const { api } = await createHarness(t, {
    tokens: { operator: 'ours' },
    sidecars: [{ name: 'open', url: `http://${authority}`, token: undefined }, { name: 'closed', url: `http://${authority}`, token: 'theirs' }]
  })
  const url = await listen(api)
  const headers = { authorization: 'Bearer ours', origin: url, cookie: 'a=b' }
  for (const name of ['open', 'closed']) t.equal((await request(`${url}/v1/sidecars/${name}/faults?x=%20y`, { headers })).statusCode, 200)
  t.match(seen, [
    { url: '/v1/faults?x=%20y', host: authority, authorization: undefined, origin: undefined, cookie: undefined },
    { url: '/v1/faults?x=%20y', host: authority, authorization: 'Bearer theirs', origin: undefined, cookie: undefined }
  ])
  for (const out of ['../metrics', '%2e%2e/metrics', '..%2fmetrics']) {
    const answer = await raw(`${url}/v1/sidecars/open/${out}`, headers)
    t.match(answer, { status: 400, body: /PMT_ERR_REQUEST/ }, `${out} leads out of /v1`)
  }
  t.equal(seen.length, 2)
})

test('events come through as they happen, and end with either side', async (t) => {
  const { client, east, near } = await setup(t)
  const events = client.sidecar('east').events({ lastEventId: 0 })
  t.match((await events.next()).value, { type: 'proxy.added' })
  const next = events.next()
  east.events.publish('ping', { n: 1 })
  t.match((await next).value, { type: 'ping', data: { n: 1 } })
  const last = events.next().catch(() => ({ done: true }))
  await near.api.close()
  t.match(await last, { done: true })
})

test('a sidecar that is not there', async (t) => {
  const { client } = await setup(t)
  await t.rejects(client.sidecar('gone').proxies(), { code: 'PMT_ERR_SIDECAR_UNREACHABLE', status: 502, message: /gone/, details: { found: 'http://127.0.0.1:1' } })
  await t.rejects(client.sidecar('west').proxies(), { code: 'PMT_ERR_SIDECAR_NOT_FOUND', details: { found: 'west', wanted: 'one of east, gone' } })
})
