import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { eventually, startProxy } from '../../helpers/proxy.ts'
import type { TestProxy } from '../../helpers/proxy.ts'
import { get, openRaw } from '../../helpers/raw.ts'
import { closedPort, ok, startAnswering, startHttpUpstream, startUpstream } from '../../helpers/upstream.ts'
import type { Upstream } from '../../helpers/upstream.ts'

interface Counting { node: Upstream, calls: string[] }

/** A node that answers with the request's target, and remembers whom it answered. */
async function startCounting (t: Test): Promise<Counting> {
  const calls: string[] = []
  const node = await startHttpUpstream(t, (request, response) => {
    calls.push(request.url!)
    request.resume().on('end', () => { response.end(`<${request.url}>`) })
  })
  return { node, calls }
}

async function setUp (t: Test, protocol: 'http' | 'auto' = 'http'): Promise<Counting & TestProxy> {
  const counting = await startCounting(t)
  return { ...counting, ...await startProxy(t, { protocol, upstream: counting.node.address }) }
}

const ends = (end: string) => (text: string): boolean => text.endsWith(end)
const hasBody = (text: string): boolean => /\r\n\r\n./s.test(text)

test('delay: before the node is called, or after it has answered', async (t) => {
  const { port, fault, proxy, calls, observed } = await setUp(t)
  const raw = await openRaw(t, port)
  for (const [at, called] of [['request', 0], ['response', 1]] as const) {
    const { id } = fault({ type: 'delay', delay: '80ms', at })
    const start = performance.now()
    raw.send(get('/'))
    await sleep(30)
    t.equal(calls.length, called, `${at}: halfway`)
    await raw.take(ends('</>'))
    const took = performance.now() - start
    t.ok(took >= 80, `${at}: ${took} ms is not early`)
    const { counters } = proxy.removeFault(id)
    t.match(counters, { eligible: 1, injected: 1, delays: 1, delayRequested: 80 })
    t.ok(counters.delayAchieved >= 80 && counters.delayAchieved <= took, `${counters.delayAchieved} ms`)
    calls.length = 0
  }
  const seen = await observed(2)
  t.same(seen.map((o) => o.faults.length), [1, 1])
  t.ok(seen.every((o) => o.endedAt - o.startedAt >= 80))
  raw.send(get('/'))
  await raw.take(ends('</>'))
  t.same((await observed(3))[2]!.faults, [])
})

test('status before: the node is not called, and keep-alive goes on', async (t) => {
  const { port, fault, proxy, calls, observed } = await setUp(t)
  const raw = await openRaw(t, port)
  fault({ type: 'status', status: 503, headers: { 'Retry-After': '1' }, body: 'no', match: { path: '/bad/**' } })
  raw.send(get('/bad/1'))
  t.equal(await raw.take(ends('no')), 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\ncontent-length: 2\r\ncontent-type: text/plain; charset=utf-8\r\n\r\nno')
  // Bodies of refused requests are read and thrown away, however they are framed and cut.
  raw.send('POST /bad/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234')
  await raw.take(ends('no'))
  raw.send('56789').send('POST /bad/3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n')
  await raw.take(ends('no'))
  raw.send(`0\r\n\r\n${get('/good')}${get('/bad/4')}${get('/good2')}`)
  const text = await raw.take(ends('</good2>'))
  t.same(text.match(/<\/good>|no$|no(?=HTTP)|<\/good2>/g), ['</good>', 'no', '</good2>'])
  t.same(calls, ['/good', '/good2'])
  t.same((await observed(6)).map((o) => [o.path, o.status, o.outcome]), [
    ['/bad/1', 503, 'complete'], ['/bad/2', 503, 'complete'], ['/bad/3', 503, 'complete'], ['/good', 200, 'complete'], ['/bad/4', 503, 'complete'], ['/good2', 200, 'complete']
  ])
  t.match(proxy.fault('status-1').counters, { eligible: 4, injected: 4 })
})

test('status before: who expects 100 Continue is answered, and the connection ends', async (t) => {
  const { port, fault, calls, quiet, observations } = await setUp(t)
  fault({ type: 'status', status: 503 })
  const raw = await openRaw(t, port)
  raw.send('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
  await raw.over
  t.match(raw.text, /^HTTP\/1.1 503 [^]*connection: close\r\n/)
  raw.end()
  await quiet()
  t.same(calls, [])
  t.match(observations, [{ status: 503, outcome: 'complete' }])
  t.equal(observations.length, 1)
})

test('status before: needs no node at all', async (t) => {
  for (const protocol of ['http', 'auto'] as const) {
    const { port, fault, quiet, observations } = await startProxy(t, { protocol, upstream: `127.0.0.1:${await closedPort()}` })
    fault({ type: 'status', status: 503, body: 'no' })
    const raw = await openRaw(t, port)
    await sleep(20)
    raw.send(get('/'))
    await raw.take(ends('no'))
    raw.send(`HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${get('/', 'Connection: close\r\n')}`)
    await raw.over
    t.equal(raw.text.split('503').length - 1, 2)
    raw.end()
    await quiet()
    t.same(observations.map((o) => o.status), [503, 503, 503], protocol)
  }
})

test('status before: a client that does not read its answers gets no more of them', async (t) => {
  const { port, fault, proxy } = await setUp(t)
  fault({ type: 'status', status: 503, body: 'x'.repeat(10_000) })
  const raw = await openRaw(t, port)
  raw.socket.pause()
  const burst = Buffer.from(get('/').repeat(200))
  let sent = 0
  const more = (): void => {
    do sent += burst.length
    while (raw.socket.write(burst) && sent < 20e6)
  }
  raw.socket.on('drain', more)
  more()
  let before = -1
  await eventually(() => {
    const answered = proxy.recorder.totals.exchanges
    const still = answered === before
    before = answered
    return still && answered > 0
  }, () => `${before} were answered`)
  t.ok(before < 3000, `${before} answers of 10 KB are in the kernel's buffers`)
  raw.socket.resume()
  await eventually(() => proxy.recorder.totals.exchanges > before + 1000, () => 'it did not go on')
})

test('status after: the node did the work, its reply is lost, keep-alive goes on', async (t) => {
  const { port, fault, proxy, calls, observed } = await setUp(t)
  fault({ type: 'status', status: 502, when: 'after', body: 'lost', match: { method: 'POST' } })
  const raw = await openRaw(t, port)
  raw.send('POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi')
  t.match(await raw.take(ends('lost')), /^HTTP\/1.1 502 /)
  raw.send(get('/2'))
  t.match(await raw.take(hasBody), /^HTTP\/1.1 200 [^]*<\/2>$/)
  t.same(calls, ['/1', '/2'])
  t.same((await observed(2)).map((o) => [o.status, o.outcome]), [[502, 'complete'], [200, 'complete']])
  t.match(proxy.fault('status-1').counters, { eligible: 1, injected: 1 })
})

test('status after: replies of every framing are lost to their end', async (t) => {
  const node = await startAnswering(t, (head, socket) => {
    if (head.includes('/chunked')) return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    if (head.includes('/late')) {
      setTimeout(() => { socket.write('cd') }, 20)
      return 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'
    }
    if (head.includes('/none')) return 'HTTP/1.1 204 No Content\r\n\r\n'
    setTimeout(() => { socket.end() }, 20)
    return 'HTTP/1.1 200 OK\r\n\r\nto the end'
  })
  const { port, fault, quiet, observations } = await startProxy(t, { upstream: node.address })
  fault({ type: 'status', status: 500, when: 'after', body: 'lost' })
  const raw = await openRaw(t, port)
  raw.send(['/chunked', '/late', '/none', '/end'].map((path) => get(path)).join(''))
  await raw.over
  t.equal(raw.text.split('lost').length - 1, 4)
  t.notMatch(raw.text, /abc|ab|to the end/)
  t.match(raw.text, /connection: close\r\n[^]*lost$/, 'the last one says that it is the last')
  raw.end()
  await quiet()
  t.same(observations.map((o) => [o.status, o.outcome]), Array(4).fill([500, 'complete']))
})

test('abort: all ways and places', async (t) => {
  for (const how of ['reset', 'close'] as const) {
    for (const when of ['before', 'mid-head', 'mid-body'] as const) {
      const { port, fault, calls, quiet, observations } = await setUp(t)
      fault({ type: 'abort', how, when })
      const raw = await openRaw(t, port)
      raw.send(get('/long-enough-to-cut'))
      const name = `${how} ${when}`
      const { ended } = await raw.over
      if (how === 'close') t.equal(ended, true, name)
      else {
        // libuv may report bytes with RST behind them as the end; writing tells one from the other.
        if (ended) raw.send('x')
        t.match((await raw.closed).code, /^(ECONNRESET|EPIPE)$/, name)
      }
      t.equal(calls.length, when === 'before' ? 0 : 1, `${name}: calls`)
      // What was sent just before RST may be lost.
      if (how === 'close') {
        const cut = { before: /^$/, 'mid-head': /^HTTP\/1.1 200 OK\r\n(?![^]*\r\n\r\n)/, 'mid-body': /\r\n\r\n<[^>]+$/ }[when]
        t.match(raw.text, cut, name)
      }
      raw.end()
      await quiet()
      t.match(observations, [{ outcome: how === 'reset' ? 'reset' : 'truncated', status: when === 'before' ? 0 : 200, faults: ['abort-1'] }], name)
      t.equal(observations.length, 1)
    }
  }
})

test('abort: without a body, mid-body cuts in the head', async (t) => {
  const node = await startAnswering(t, () => 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n')
  const { port, fault } = await startProxy(t, { upstream: node.address })
  fault({ type: 'abort', how: 'close', when: 'mid-body' })
  const raw = await openRaw(t, port)
  raw.send(get('/'))
  await raw.over
  t.match(raw.text, /^HTTP\/1.1 204/)
  t.notMatch(raw.text, '\r\n\r\n')
})

test('hang: nothing happens until the fault is removed; then the request goes through', async (t) => {
  const { port, fault, proxy, calls, observed } = await setUp(t)
  fault({ type: 'hang' })
  const raw = await openRaw(t, port)
  raw.send('POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo')
  await sleep(50)
  raw.send(`dy${get('/2')}`)
  await sleep(20)
  t.same(calls, [])
  t.equal(raw.text, '')
  t.equal(proxy.openExchanges().length, 1)
  proxy.changeFault('hang-1', { ttl: '1m' })
  await sleep(20)
  t.same(calls, [], 'a longer lease does not let go')
  proxy.removeFault('hang-1')
  await raw.take(ends('</2>'))
  t.same(calls, ['/1', '/2'])
  const seen = await observed(2)
  t.same(seen.map((o) => o.faults), [['hang-1'], []])
})

test('a ttl ends a fault by itself, and lets go', async (t) => {
  const { port, fault } = await setUp(t)
  fault({ type: 'hang', ttl: '80ms' })
  const raw = await openRaw(t, port)
  const start = performance.now()
  raw.send(get('/'))
  await raw.take(ends('</>'))
  const took = performance.now() - start
  t.ok(took > 60 && took < 1000, `${took} ms`)
})

test('match and share choose requests; shadow only counts', async (t) => {
  const { port, fault, proxy, calls } = await setUp(t)
  fault({ type: 'status', match: { method: 'POST', path: '/a/*', header: { 'x-t': 'acme' } } })
  fault({ type: 'hang', mode: 'shadow' })
  fault({ type: 'delay', delay: 0, share: 0 })
  const raw = await openRaw(t, port)
  const send = async (request: string): Promise<string> => {
    raw.send(request)
    return (await raw.take((text) => text.includes('\r\n\r\n') && (hasBody(text) || text.includes('length: 0')))).slice(9, 12)
  }
  t.equal(await send('POST /a/1 HTTP/1.1\r\nHost: a\r\nX-T: acme\r\n\r\n'), '503')
  t.equal(await send('GET /a/1 HTTP/1.1\r\nHost: a\r\nX-T: acme\r\n\r\n'), '200')
  t.equal(await send('POST /a/1/2 HTTP/1.1\r\nHost: a\r\nX-T: acme\r\n\r\n'), '200')
  t.equal(await send('POST /a/1 HTTP/1.1\r\nHost: a\r\nX-T: other\r\n\r\n'), '200')
  t.equal(calls.length, 3)
  t.match(proxy.fault('status-1').counters, { eligible: 1, injected: 1, skipped: 0 })
  t.match(proxy.fault('hang-1').counters, { eligible: 4, injected: 4 })
  t.match(proxy.fault('delay-1').counters, { eligible: 4, injected: 0, skipped: 4 })
})

test('existing: what happens to connections that were open before', async (t) => {
  const { port, fault, proxy } = await setUp(t)
  const answered = async (raw: Awaited<ReturnType<typeof openRaw>>): Promise<string> => {
    raw.send(get('/'))
    return (await raw.take((text) => text.includes('</>') || text.includes('length: 0'))).slice(9, 12)
  }
  const old = await openRaw(t, port)
  t.equal(await answered(old), '200')
  fault({ type: 'status', id: 'affect', existing: 'affect' })
  t.equal(await answered(old), '503')
  proxy.removeFault('affect')
  fault({ type: 'status', id: 'ignore', existing: 'ignore' })
  t.equal(await answered(old), '200')
  const fresh = await openRaw(t, port)
  t.equal(await answered(fresh), '503')
  proxy.removeFault('ignore')
  t.match(fault({ type: 'status', id: 'drain', existing: 'drain' }).counters, { existing: { drain: 2 } })
  t.same([await old.over, await fresh.over], Array(2).fill({ ended: true, code: null }))
  old.end()
  fresh.end()
  proxy.removeFault('drain')
  const last = await openRaw(t, port)
  t.equal(await answered(last), '200')
  fault({ type: 'status', id: 'reset', existing: 'reset' })
  t.equal((await last.over).code, 'ECONNRESET')
})

test('a fault on one node hits only what goes there', async (t) => {
  const [a, b] = [await startCounting(t), await startCounting(t)]
  const { port, fault } = await startProxy(t, { upstream: [`a=${a.node.address}`, `b=${b.node.address}`] })
  fault({ type: 'status', node: 'b' })
  const seen: string[] = []
  for (let i = 0; i < 4; i++) {
    const raw = await openRaw(t, port)
    raw.send(get('/'))
    seen.push((await raw.take((text) => text.includes('</>') || text.includes('length: 0'))).slice(9, 12))
  }
  t.same(seen, ['200', '503', '200', '503'])
  t.same([a.calls.length, b.calls.length], [2, 0])
})

test('a node that closes the idle connection while a request is held is dialled again', async (t) => {
  for (const how of ['end', 'resetAndDestroy'] as const) {
    const node = await startAnswering(t, () => ok('hi'))
    const { port, fault, quiet, proxy, observed } = await startProxy(t, { upstream: node.address })
    const raw = await openRaw(t, port)
    raw.send(get('/1'))
    await raw.take(ends('hi'))
    fault({ type: 'hang' })
    raw.send(get('/2'))
    await eventually(() => proxy.openExchanges().length === 1, () => 'no request')
    node.sockets[0]![how]()
    await eventually(() => proxy.connectionViews()[0]!.state.startsWith('ended'), () => proxy.connectionViews()[0]!.state)
    proxy.removeFault('hang-1')
    await raw.take(ends('hi'))
    t.equal(node.sockets.length, 2, how)
    t.match(await observed(2), [{ outcome: 'complete' }, { outcome: 'complete', status: 200, bytesIn: get('/2').length }])
    t.match(proxy.snapshot().nodes, { [node.address]: { connections: 1, dialled: 2, failed: 0 } })
    raw.end()
    await quiet()
  }
})

test('a node that is gone when a delayed request is sent: refused, once', async (t) => {
  const node = await startAnswering(t, () => ok('hi'))
  const { port, fault, quiet, observations, proxy } = await startProxy(t, { upstream: node.address })
  const raw = await openRaw(t, port)
  fault({ type: 'delay', delay: '100ms' })
  raw.send(get('/'))
  await eventually(() => node.sockets.length === 1 && proxy.openExchanges().length === 1, () => 'no dial')
  await node.kill()
  t.equal((await raw.over).code, 'ECONNRESET')
  await quiet()
  t.match(observations, [{ outcome: 'refused', faults: ['delay-1'] }])
  t.equal(observations.length, 1)
})

test('several faults on one request take their turns', async (t) => {
  const { port, fault, proxy, observed } = await setUp(t)
  fault({ type: 'delay', delay: '30ms' })
  fault({ type: 'delay', delay: '30ms', at: 'response' })
  fault({ type: 'status', status: 500, when: 'after', body: 'lost' })
  const raw = await openRaw(t, port)
  raw.send(get('/'))
  t.match(await raw.take(ends('lost')), /^HTTP\/1.1 500/)
  const [seen] = await observed(1)
  t.same(seen!.faults, ['delay-1', 'delay-2', 'status-1'])
  t.ok(seen!.endedAt - seen!.startedAt >= 60)
  t.equal(proxy.fault('delay-2').counters.delays, 1)
})

test('a client that goes while its request is held leaves nothing behind', async (t) => {
  const { port, fault, quiet, observations, calls } = await setUp(t)
  fault({ type: 'delay', delay: '50ms' })
  const raw = await openRaw(t, port)
  raw.send(get('/'))
  await sleep(20)
  raw.socket.resetAndDestroy()
  await quiet()
  await sleep(60)
  t.same(calls, [])
  t.match(observations, [{ outcome: 'client-gone' }])
  t.equal(observations.length, 1)
})

test('an upgrade and a held request do not mix up their bytes', async (t) => {
  const node = await startUpstream(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      socket.on('data', (chunk) => { socket.write(chunk) })
    })
  })
  const { port, fault } = await startProxy(t, { upstream: node.address })
  fault({ type: 'delay', delay: '50ms', at: 'response' })
  fault({ type: 'delay', delay: '20ms' })
  const raw = await openRaw(t, port)
  raw.send(`${get('/', 'Upgrade: x\r\n')}early`)
  await raw.take(ends('early'))
  raw.send('late')
  t.equal(await raw.take(ends('late')), 'late')
})
