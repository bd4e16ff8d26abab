import { connect } from 'node:net'
import { test } from 'tap'
import { request } from 'undici'
import { ControlClient } from '../../../src/api/client.ts'
import { EDGE, createHarness, listen } from '../harness.ts'

test('what happens, as it happens', async (t) => {
  const { api } = await createHarness(t, { proxySpecs: [EDGE] })
  const client = new ControlClient(await listen(api))
  const leave = new AbortController()
  const seen: string[] = []
  const { id } = await client.addFault('edge', { type: 'hang' })
  for await (const event of client.events({ signal: leave.signal, lastEventId: 0 })) {
    seen.push(event.type)
    if (event.type === 'audit' && event.data.method === 'POST') await client.removeFault('edge', id)
    if (event.type === 'fault.removed') leave.abort()
  }
  t.same(seen, ['proxy.added', 'fault.added', 'audit', 'fault.removed'])
})

test('Last-Event-ID must be one', async (t) => {
  const { api } = await createHarness(t)
  t.match((await api.inject({ url: '/v1/events', headers: { 'last-event-id': 'x' } })).json(), { code: 'PMT_ERR_INVALID', path: 'headers.last-event-id' })
})

test('a reader that never reads is cut off', async (t) => {
  const { api, events } = await createHarness(t)
  const { port } = new URL(await listen(api))
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write('GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const filler = 'x'.repeat(256 * 1024)
  // The kernel's buffers take some megabytes on both sides before anything piles up here.
  for (let i = 0; i < 200; i++) {
    events.publish('filler', { filler })
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.resume()
  await closed
  t.equal((await request(`http://127.0.0.1:${port}/healthz`)).statusCode, 200)
})
