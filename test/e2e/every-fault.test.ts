import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import { eventually, startProxy } from '../helpers/proxy.ts'
import { connectRaw } from '../helpers/raw.ts'
import { startUpstream } from '../helpers/upstream.ts'

const REQUESTS = {
  GET: 'GET /products/1?a=b HTTP/1.1\r\nHost: api\r\nx-api-key: k\r\n\r\n',
  HEAD: 'HEAD /products/1 HTTP/1.1\r\nHost: api\r\n\r\n',
  POST: 'POST /charge/1 HTTP/1.1\r\nHost: api\r\ncontent-length: 9\r\n\r\n{"a": 12}',
  chunked: 'POST /charge/1 HTTP/1.1\r\nHost: api\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n',
  'http/1.0': 'GET /products/1 HTTP/1.0\r\n\r\n'
}

/** Heads and body of each kind of answer; HEAD gets the heads. */
const RESPONSES: Record<string, [heads: string, body: string]> = {
  length: ['HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n', '{"price":50}'],
  chunked: ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '6\r\n{"pric\r\n6\r\ne":50}\r\n0\r\n\r\n'],
  'until close': ['HTTP/1.1 200 OK\r\n\r\n', '{"price":50}'],
  'no content': ['HTTP/1.1 204 No Content\r\n\r\n', ''],
  early: ['HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n', ''],
  broken: ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'xyz']
}

// Every fault meets every kind of message, pipelined, and goes in the middle: nothing may throw, stay open, or be lost.
// Those on handshakes meet clients of their own: tls-faults.test.ts.
for (const type of CATALOGUE.filter(({ layer }) => layer !== 'tls')) {
  test(`${type.type}: whatever it meets, each request is observed once and nothing is left`, async (t) => {
    for (const [kind, [heads, body]] of Object.entries(RESPONSES)) {
      const node = await startUpstream(t, (socket) => {
        let got = ''
        socket.on('data', (chunk) => {
          got += chunk.toString('latin1')
          // Answers each request once its head has come; a HEAD gets no body.
          for (let end = got.indexOf('\r\n\r\n'); end !== -1; end = got.indexOf('\r\n\r\n')) {
            const head = got.slice(0, end)
            got = /^(GET|HEAD|POST|[\s\S]*HTTP\/1)/.test(head) ? got.slice(end + 4).replace(/^(\{"a": 12\}|4\r\n[^]*0\r\n\r\n)/, '') : ''
            socket.write(head.startsWith('HEAD') ? heads : heads + body, 'latin1')
            if (kind === 'until close') socket.end()
          }
        })
        socket.on('end', () => { socket.end() })
      })
      const { port, proxy, fault, observations, quiet } = await startProxy(t, { upstream: node.address, protocol: 'http' })
      const { match: _, node: __, ...example } = type.doc.example as FaultSpec
      // Long waits are what it is removed from.
      fault({ ...example, share: '100%' })
      const raws = Object.values(REQUESTS).map((request) => {
        const raw = connectRaw(t, port)
        raw.send(request.repeat(3))
        return raw
      })
      await sleep(20)
      proxy.removeAllFaults()
      await sleep(20)
      for (const raw of raws) raw.end()
      await sleep(10)
      for (const raw of raws) raw.socket.destroy()
      await quiet()
      await eventually(() => proxy.connectionViews().length === 0, () => 'open')
      t.ok(observations.every(({ endedAt, startedAt }) => endedAt >= startedAt), kind)
      const { exchanges } = proxy.snapshot().totals
      t.equal(observations.length, exchanges, `${kind}: each exchange once`)
      t.same(proxy.openExchanges(), [])
    }
  })
}
