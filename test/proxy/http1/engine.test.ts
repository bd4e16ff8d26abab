import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { eventually, startProxy } from '../../helpers/proxy.ts'
import { connectRaw, get, openRaw } from '../../helpers/raw.ts'
import { closedPort, ok, startAnswering, startHttpUpstream, startUpstream } from '../../helpers/upstream.ts'
import type { Upstream } from '../../helpers/upstream.ts'

/** A node that takes `request` and then sends `response`; what it got is in `got`. */
async function startScripted (t: Test, until: string, response: string, end = false): Promise<Upstream & { got: () => string }> {
  let got = ''
  const upstream = await startUpstream(t, (socket) => {
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1')
      if (!got.endsWith(until)) return
      socket.write(response, 'latin1')
      if (end) socket.end()
    })
    socket.on('end', () => { socket.end() })
  })
  return { ...upstream, got: () => got }
}

test('a request and its response pass byte for byte', async (t) => {
  const request = 'POST /a?b=c HTTP/1.1\r\nHOST: x\r\nx-b: 1\r\nX-A:2\r\nx-a:  3 \r\nContent-Length: 5\r\n\r\nhello'
  const response = 'HTTP/1.1 200 Fine, thanks\r\nServer:  odd\r\nset-COOKIE: a\r\nSet-Cookie: b\r\ncontent-LENGTH: 2\r\n\r\nhi'
  const node = await startScripted(t, 'hello', response)
  const { port, quiet, observed, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(request)
  t.equal(await raw.take((text) => text.endsWith('hi')), response)
  t.equal(node.got(), request)
  t.match(await observed(1), [{
    kind: 'exchange', outcome: 'complete', method: 'POST', path: '/a', status: 200, bytesIn: request.length, bytesOut: response.length, faults: []
  }])
  raw.end()
  await quiet()
  t.equal(observations.length, 1)
})

test('one byte at a time, both ways', async (t) => {
  const request = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: v\r\n\r\n'
  const response = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'
  const node = await startUpstream(t, (socket) => {
    let got = ''
    socket.on('data', async (chunk) => {
      got += chunk.toString('latin1')
      if (got.length !== request.length) return
      for (const byte of response) {
        socket.write(byte)
        await sleep(0)
      }
    })
  })
  const { port, observed } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  for (const byte of request) {
    raw.send(byte)
    await sleep(0)
  }
  t.equal(await raw.take((text) => text.length === response.length), response)
  t.match(await observed(1), [{ outcome: 'complete', status: 200, bytesIn: request.length, bytesOut: response.length }])
})

test('keep-alive: many exchanges on one connection, one to the node', async (t) => {
  const node = await startAnswering(t, (head) => ok(head.split(' ')[1]!))
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  for (let i = 0; i < 50; i++) {
    raw.send(get(`/${i}`))
    t.ok((await raw.take((text) => text.endsWith(`/${i}`))).startsWith('HTTP/1.1 200'))
  }
  t.equal(node.sockets.length, 1)
  raw.end()
  await quiet()
  t.same(observations.map((o) => [o.path, o.outcome]), Array.from({ length: 50 }, (_, i) => [`/${i}`, 'complete']))
})

test('1,000 pipelined requests in one write are answered in order', async (t) => {
  const node = await startAnswering(t, (head) => ok(`${head.split(' ')[1]!};`))
  const { port, observed, proxy, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  const paths = Array.from({ length: 1000 }, (_, i) => `/${i}`)
  raw.send(paths.map((path) => get(path)).join(''))
  const text = await raw.take((all) => all.endsWith('/999;'))
  t.same(text.match(/\/\d+(?=;)/g), paths)
  await observed(1000)
  t.equal(observations.length, 1000)
  t.ok(observations.every((o) => o.outcome === 'complete'))
  t.equal(proxy.connectionViews()[0]!.exchanges, 1000)
})

test('pipelined requests with bodies, cut anywhere', async (t) => {
  const node = await startHttpUpstream(t, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString() })
    request.on('end', () => { response.end(`[${request.url}:${body}]`) })
  })
  const { port, observed } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  const burst = Array.from({ length: 30 }, (_, i) => i % 2 === 0
    ? `POST /${i} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody`
    : `\r\nPOST /${i} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nch\r\n3;x\r\nunk\r\n0\r\n\r\n`).join('')
  for (let i = 0; i < burst.length; i += 17) {
    raw.send(burst.slice(i, i + 17))
    if (i % 5 === 0) await sleep(0)
  }
  const text = await raw.take((all) => all.includes('[/29:'))
  t.same(text.match(/\[.*?\]/g), Array.from({ length: 30 }, (_, i) => `[/${i}:${i % 2 === 0 ? 'body' : 'chunk'}]`))
  const seen = await observed(30)
  t.equal(seen.length, 30)
})

test('responses without a body, whatever their length says', async (t) => {
  const node = await startAnswering(t, (head) => {
    if (head.startsWith('HEAD')) return 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'
    if (head.includes('/204')) return 'HTTP/1.1 204 No Content\r\n\r\n'
    if (head.includes('/304')) return 'HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n'
    return ok('end')
  })
  const { port, observed } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(`HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${get('/204')}${get('/304')}${get('/')}`)
  await raw.take((text) => text.endsWith('end'))
  const seen = await observed(4)
  t.same(seen.map((o) => [o.method, o.status]), [['HEAD', 200], ['GET', 204], ['GET', 304], ['GET', 200]])
})

test('chunked responses with trailers', async (t) => {
  const response = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n'
  const node = await startAnswering(t, () => response)
  const { port, observed } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(get('/1')).send(get('/2'))
  t.equal(await raw.take((text) => text.length === 2 * response.length), response + response)
  t.equal((await observed(2)).length, 2)
})

test('a response that ends with the connection', async (t) => {
  const node = await startScripted(t, '\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\nuntil the end', true)
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(get('/'))
  t.same(await raw.over, { ended: true, code: null })
  t.ok(raw.text.endsWith('until the end'))
  raw.end()
  await quiet()
  t.match(observations, [{ outcome: 'complete', status: 200 }])
  t.equal(observations.length, 1)
})

test('HTTP/1.0, with and without keep-alive', async (t) => {
  const node = await startAnswering(t, (head, socket) => {
    const keep = head.includes('keep-alive')
    if (!keep) setImmediate(() => { socket.end() })
    return `HTTP/1.0 200 OK\r\ncontent-length: 2\r\n${keep ? 'connection: keep-alive\r\n' : ''}\r\nhi`
  })
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send('GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  await raw.take((text) => text.endsWith('hi'))
  raw.send('GET /2 HTTP/1.0\r\n\r\n')
  await raw.over
  t.ok(raw.text.endsWith('hi'))
  raw.end()
  await quiet()
  t.same(observations.map((o) => [o.path, o.outcome]), [['/1', 'complete'], ['/2', 'complete']])
})

test('100 Continue passes, and the body follows', async (t) => {
  const node = await startHttpUpstream(t, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString() })
    request.on('end', () => { response.end(`<${body}>`) })
  })
  const { port, observed } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
  t.equal(await raw.take((text) => text.endsWith('\r\n\r\n')), 'HTTP/1.1 100 Continue\r\n\r\n')
  raw.send('hello')
  await raw.take((text) => text.includes('<hello>'))
  t.match(await observed(1), [{ status: 200, outcome: 'complete' }])
})

test('101 turns the connection into a relay, both ways', async (t) => {
  const node = await startUpstream(t, (socket) => {
    let upgraded = false
    socket.on('data', (chunk) => {
      if (upgraded) socket.write(chunk)
      else socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\0first')
      upgraded = true
    })
    socket.on('end', () => { socket.end('bye') })
  })
  const { port, quiet, observations, proxy } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(get('/ws', 'Connection: upgrade\r\nUpgrade: x\r\n'))
  await raw.take((text) => text.endsWith('\0first'))
  raw.send('GET / not http at all\0\n')
  await raw.take((text) => text === 'GET / not http at all\0\n')
  t.match(proxy.connectionViews(), [{ state: 'open, opaque' }])
  raw.end()
  await raw.closed
  t.equal(raw.text, 'bye')
  await quiet()
  t.match(observations, [{ outcome: 'complete', status: 101, path: '/ws' }])
  t.equal(observations.length, 1)
})

test('CONNECT turns the connection into a relay, with what was sent along', async (t) => {
  const refusing = await startAnswering(t, (head) => head.startsWith('CONNECT') ? 'HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n' : ok('hi'))
  const second = await startProxy(t, { upstream: refusing.address })
  const other = await openRaw(t, second.port)
  other.send(`CONNECT a:1 HTTP/1.1\r\n\r\n${get('/')}`)
  await other.take((text) => text.endsWith('hi'))
  t.same((await second.observed(2)).map((o) => [o.method, o.status]), [['CONNECT', 403], ['GET', 200]])
  const accepting = await startUpstream(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      socket.on('data', (chunk) => { socket.write(chunk) })
    })
  })
  const third = await startProxy(t, { upstream: accepting.address })
  const tunnel = await openRaw(t, third.port)
  tunnel.send('CONNECT a:1 HTTP/1.1\r\n\r\n\x16\x03\x01hello')
  await tunnel.take((text) => text.endsWith('\r\n\r\n\x16\x03\x01hello'))
  t.match(await third.observed(1), [{ method: 'CONNECT', status: 200, outcome: 'complete' }])
})

test('an early response, while the body is still on its way', async (t) => {
  let got = 0
  const node = await startUpstream(t, (socket) => {
    socket.once('data', () => { socket.write(ok('early')) })
    socket.on('data', (chunk) => { got += chunk.length })
    socket.on('end', () => { socket.end() })
  })
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n'
  raw.send(`${head}begin`)
  await raw.take((text) => text.endsWith('early'))
  t.equal(observations.length, 0, 'it is not over')
  raw.send(Buffer.alloc(99_995, 'x'))
  await eventually(() => got === head.length + 100_000, () => `the node got ${got}`)
  await eventually(() => observations.length === 1, () => 'not observed')
  raw.end()
  await quiet()
  t.match(observations, [{ outcome: 'complete', status: 200, bytesIn: head.length + 100_000 }])
})

test('malformed requests: 400 in http mode, opaque in auto mode', async (t) => {
  const got: string[] = []
  const node = await startUpstream(t, (socket) => {
    socket.on('data', (chunk) => {
      got.push(chunk.toString('latin1'))
      socket.end('whatever')
    })
    socket.on('end', () => { socket.end() })
  })
  const bad = 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'
  const http = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, http.port)
  raw.send(bad)
  await raw.over
  t.match(raw.text, /^HTTP\/1.1 400 Bad Request\r\n[^]*connection: close\r\n[^]*malformed/)
  raw.end()
  await http.quiet()
  t.same(got, [], 'the node saw nothing')
  t.match(http.observations, [{ outcome: 'malformed', status: 400, bytesIn: bad.length }])
  t.equal(http.observations.length, 1)
  t.equal(http.proxy.snapshot().malformed, 1)

  const auto = await startProxy(t, { protocol: 'auto', upstream: node.address })
  const other = await openRaw(t, auto.port)
  other.send(bad)
  await other.over
  t.equal(other.text, 'whatever')
  t.same(got, [bad])
  other.end()
  await auto.quiet()
  t.match(auto.proxy.snapshot(), { malformed: 1, opaque: 1 })
})

test('a malformed request after good ones', async (t) => {
  const node = await startAnswering(t, () => ok('hi'))
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(`${get('/1')}${get('/2')}GET  / HTTP/1.1\r\n\r\n${get('/3')}`)
  await raw.over
  t.equal(raw.text.split('HTTP/1.1').length - 1, 3)
  raw.end()
  await quiet()
  t.same(observations.map((o) => o.status), [200, 200, 400])
})

test('a head of more than 64 KiB is refused with 431', async (t) => {
  const node = await startAnswering(t, (head) => ok(String(head.length)))
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  const large = get('/', `X: ${'a'.repeat(60_000)}\r\n`)
  raw.send(large)
  await raw.take((text) => text.endsWith(String(large.length)))
  raw.send(get('/', `X: ${'a'.repeat(70_000)}\r\n`))
  await raw.over
  t.match(raw.text, /^HTTP\/1.1 431 /)
  raw.end()
  await quiet()
  t.same(observations.map((o) => [o.status, o.outcome]), [[200, 'complete'], [431, 'malformed']])
})

test('a broken chunk in a request', async (t) => {
  const node = await startUpstream(t, (socket) => {
    socket.resume()
    socket.on('end', () => { socket.end() })
  })
  const bad = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nand more'
  const http = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, http.port)
  raw.send(bad)
  await raw.over
  t.match(raw.text, /^HTTP\/1.1 400 /)
  raw.end()
  await http.quiet()
  t.match(http.observations, [{ outcome: 'malformed', status: 400 }])
  t.equal(http.observations.length, 1)

  let got = ''
  const listening = await startUpstream(t, (socket) => {
    socket.on('data', (chunk) => { got += chunk.toString() })
    socket.on('end', () => { socket.end('fine') })
  })
  const auto = await startProxy(t, { protocol: 'auto', upstream: listening.address })
  const other = await openRaw(t, auto.port)
  other.send(bad).end()
  await other.closed
  t.equal(got, bad)
  t.equal(other.text, 'fine')
  await auto.quiet()
  t.match(auto.observations, [{ outcome: 'malformed' }])
  t.equal(auto.observations.length, 1)
})

test('a response that is no http reaches the client as it is', async (t) => {
  for (const junk of ['this is not http\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabc', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello']) {
    const node = await startScripted(t, '\r\n\r\n', junk, true)
    const { port, quiet, observations, proxy } = await startProxy(t, { upstream: node.address })
    const raw = await openRaw(t, port)
    raw.send(get('/'))
    await raw.over
    t.equal(raw.text, junk)
    raw.end()
    await quiet()
    t.match(observations, [{ outcome: 'malformed' }])
    t.equal(observations.length, 1)
    t.equal(proxy.snapshot().malformed, 1)
  }
})

test('half a head and nothing more', async (t) => {
  const node = await startAnswering(t, () => ok('hi'))
  const { port, quiet, observations, proxy } = await startProxy(t, { upstream: node.address })
  const vanishing = await openRaw(t, port)
  vanishing.send('GET / HTTP/1.1\r\nHost:')
  await eventually(() => proxy.connectionViews().length === 1, () => 'not open')
  await sleep(20)
  vanishing.socket.resetAndDestroy()
  const ending = await openRaw(t, port)
  ending.send('GET / HTTP/1.1\r\nHost:').end()
  await ending.closed
  await quiet()
  t.same(observations, [], 'no request ever came')
})

test('a node that resets in the middle of a body resets the client', async (t) => {
  const node = await startUpstream(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
      setTimeout(() => { socket.resetAndDestroy() }, 20)
    })
  })
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(get('/'))
  t.equal((await raw.closed).code, 'ECONNRESET')
  t.ok(raw.text.endsWith('half'))
  await quiet()
  t.match(observations, [{ outcome: 'reset', status: 200 }])
  t.equal(observations.length, 1)
})

test('a node that ends before a whole response', async (t) => {
  for (const [half, status] of [['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', 200], ['HTTP/1.1 20', 0], ['', 0], ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel', 200]] as const) {
    const node = await startScripted(t, '\r\n\r\n', half, true)
    const { port, observed, quiet, observations } = await startProxy(t, { upstream: node.address })
    const raw = await openRaw(t, port)
    raw.send(get('/'))
    t.same(await raw.over, { ended: true, code: null })
    t.equal(raw.text, half)
    // Observed when it happens, not when the client gets round to closing.
    t.match(await observed(1), [{ outcome: 'truncated', status }])
    raw.end()
    await quiet()
    t.equal(observations.length, 1)
  }
})

test('a client that goes away before its response', async (t) => {
  const node = await startUpstream(t, (socket) => { socket.resume() })
  const { port, quiet, observations, proxy } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.send(get('/'))
  await eventually(() => proxy.openExchanges().length === 1, () => 'no exchange')
  raw.socket.resetAndDestroy()
  await quiet()
  t.match(observations, [{ outcome: 'client-gone', status: 0 }])
  t.equal(observations.length, 1)
  t.same(proxy.openExchanges(), [])
})

test('a client that never reads stops the node', async (t) => {
  let taken = 0
  const node = await startUpstream(t, (socket) => {
    const chunk = Buffer.alloc(64 * 1024)
    const more = (): void => {
      do taken += chunk.length
      while (socket.write(chunk))
    }
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n')
      socket.on('drain', more)
      more()
    })
  })
  const { port, proxy } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.socket.pause()
  raw.send(get('/'))
  let before = -1
  await eventually(() => {
    const still = taken === before
    before = taken
    return still && taken > 0
  }, () => `the node goes on writing: ${taken}`)
  t.ok(proxy.connectionViews()[0]!.bytesOut < 32e6)
})

test('a client that pipelines without end while a request waits is stopped', async (t) => {
  const node = await startUpstream(t, (socket) => { socket.resume() })
  const { port } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  const burst = Buffer.from(get('/').repeat(2000))
  let sent = 0
  const more = (): void => {
    do sent += burst.length
    while (raw.socket.write(burst) && sent < 200e6)
  }
  raw.socket.on('drain', more)
  more()
  let before = -1
  await eventually(() => {
    const still = sent === before
    before = sent
    return still
  }, () => `it goes on: ${sent}`)
  t.ok(sent < 32e6, `${sent} bytes were taken`)
})

test('a client that takes its time gets all of a response that ends with the connection', { timeout: 20_000 }, async (t) => {
  const size = 1_500_000
  const node = await startUpstream(t, (socket) => {
    socket.once('data', () => { socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(size)}`) })
  })
  const { port, quiet, observations } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  raw.socket.pause()
  raw.send(get('/'))
  await sleep(6500)
  raw.socket.resume()
  t.same(await raw.over, { ended: true, code: null })
  t.equal(raw.bytes.length, size + 19)
  raw.end()
  await quiet()
  t.equal(observations[0]!.outcome, 'complete')
})

test('no node: every request is refused once', async (t) => {
  const upstream = `127.0.0.1:${await closedPort()}`
  for (const protocol of ['http', 'auto'] as const) {
    const { port, quiet, observations, proxy } = await startProxy(t, { protocol, upstream })
    for (let i = 0; i < 5; i++) {
      const raw = connectRaw(t, port)
      raw.send(get('/'))
      t.equal((await raw.closed).code, 'ECONNRESET')
    }
    await quiet()
    t.same(observations.map((o) => o.outcome), Array(5).fill('refused'), protocol)
    t.equal(proxy.recorder.totals.connections, 5)
    t.equal(proxy.snapshot().nodes[upstream]!.failed, 5)
  }
})
