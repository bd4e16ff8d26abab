import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import { startHttpProbe } from '../../src/adapters/http-probe.ts'
import { decodeSources } from '../../src/experiment/sources.ts'
import type { HttpSource } from '../../src/experiment/sources.ts'
import type { Sample } from '../../src/measure/sampling.ts'
import { createVirtualClock } from '../helpers/clock.ts'

async function serve (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The first sample of a probe. Time stands still: only the first probe is sent. */
function firstOf (t: Test, written: object): Promise<Sample> {
  const spec = decodeSources({ web: written }, 'x')[0] as HttpSource
  return new Promise((resolve) => {
    const probe = startHttpProbe(spec, { sample: resolve, missing: (one) => t.fail(one.why) }, createVirtualClock())
    t.teardown(() => probe.close())
  })
}

test('good is one of the statuses, and a body that fits', async (t) => {
  const url = await serve(t, (request, response) => {
    response.statusCode = Number(request.url!.slice(1))
    response.end(request.method === 'HEAD' ? '' : `the ${request.headers['x-word']} fox`)
  })
  const headers = { 'x-word': 'brown' }
  const table: [string, object, Partial<Sample>][] = [
    ['/200', {}, { n: 1, bad: 0, took: 0 }], ['/204', {}, { bad: 0 }], ['/302', {}, { bad: 1, took: 0, why: 'status 302' }], ['/500', {}, { bad: 1, why: 'status 500' }],
    ['/302', { expect: { status: 302 } }, { bad: 0 }], ['/404', { expect: { status: [200, 404] } }, { bad: 0 }], ['/200', { expect: { status: 404 } }, { bad: 1, why: 'status 200' }],
    ['/200', { expect: { body: 'brow[n] f' }, headers }, { bad: 0 }], ['/200', { expect: { body: '^brown' }, headers }, { bad: 1, why: 'the body does not fit' }],
    ['/500', { expect: { body: 'brown' }, headers }, { bad: 1, why: 'status 500' }], ['/200', { method: 'head', expect: { body: 'brown' } }, { bad: 1, why: 'the body does not fit' }]
  ]
  for (const [path, change, expected] of table) t.match(await firstOf(t, { http: url + path, ...change }), { source: 'web', ...expected }, `${path} ${JSON.stringify(change)}`)
})

test('no answer is bad and took for ever', async (t) => {
  t.match(await firstOf(t, { http: 'http://127.0.0.1:1/' }), { bad: 1, took: Infinity, why: 'no answer: ECONNREFUSED' })
  const cut = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half')
    setImmediate(() => response.destroy())
  })
  t.match(await firstOf(t, { http: cut }), { bad: 1, took: Infinity, why: /^no answer: / })
})

test('a probe that is late is cut at its time', async (t) => {
  const gone = new Promise<void>((resolve) => {
    void serve(t, (request) => { request.socket.once('close', () => resolve()) }).then((url) => {
      const clock = createVirtualClock()
      const samples: Sample[] = []
      const spec = decodeSources({ web: { http: url, every: '10s', timeout: '2s' } }, 'x')[0] as HttpSource
      const probe = startHttpProbe(spec, { sample: (one) => samples.push(one), missing: (one) => t.fail(one.why) }, clock)
      t.teardown(() => probe.close())
      void clock.advance(2000).then(() => t.match(samples, [{ bad: 1, took: Infinity, why: 'no answer within 2s' }]))
    })
  })
  await gone
})
