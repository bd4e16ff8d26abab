import { performance } from 'node:perf_hooks'
import { test } from 'tap'
import type { Test } from 'tap'
import type { HttpAction, HttpBehaviour, StreamAction } from '../../../src/faults/fault.ts'
import type { FaultSpec } from '../../../src/faults/envelope.ts'
import { customHttp } from '../../helpers/custom.ts'
import { eventually, startProxy } from '../../helpers/proxy.ts'
import { get, openRaw } from '../../helpers/raw.ts'
import type { Raw } from '../../helpers/raw.ts'
import { ok, startUpstream } from '../../helpers/upstream.ts'

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'
const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\nx: 1\r\n\r\nabcde'

/** A proxy whose node says `response` to each request (and then ends, if it has no length), and what the node got. */
async function setUp (t: Test, response: string, { explain = false } = {}) {
  let got = ''
  const node = await startUpstream(t, (socket) => {
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1')
      const body = /content-length: (\d+)/i.exec(got)?.[1] ?? '0'
      if (got.length < got.indexOf('\r\n\r\n') + 4 + Number(body)) return
      socket.write(response, 'latin1')
      if (response === UNTIL_CLOSE) socket.end()
    })
    socket.on('end', () => { socket.end() })
  })
  const proxy = await startProxy(t, { upstream: node.address, ...(explain ? { explain } : {}) })
  const raw = await openRaw(t, proxy.port)
  const fault = (behaviour: HttpBehaviour, envelope: Omit<FaultSpec, 'type'> = {}) =>
    proxy.proxy.addFault(customHttp(behaviour, envelope), { source: 'api' }).id
  return { ...proxy, raw, fault, got: () => got, node }
}

const response = (action: HttpAction): HttpBehaviour => ({ response: () => action })
const request = (action: HttpAction): HttpBehaviour => ({ request: () => action })
const upper: HttpAction = { do: 'edit', limit: 100, edit: (body) => ({ body: Buffer.from(body.toString().toUpperCase()) }) }
const ends = (end: string) => (text: string): boolean => text.endsWith(end)
const all = async (raw: Raw): Promise<string> => {
  await raw.over
  return raw.text
}

test('heads are rewritten, both ways, and nothing else', async (t) => {
  const { raw, fault, got } = await setUp(t, CHUNKED)
  fault({
    request: () => ({ do: 'rewrite', set: { 'X-Set': '1' }, remove: ['cookie'] }),
    response: () => ({ do: 'rewrite', set: { 'x-b': '2' }, remove: [] })
  })
  raw.send(get('/a', 'Cookie: c\r\nX-Kept: 1\r\n'))
  t.equal(await raw.take(ends('0\r\n\r\n')), CHUNKED.replace('chunked\r\n', 'chunked\r\nx-b: 2\r\n'))
  t.equal(got(), 'GET /a HTTP/1.1\r\nHost: test\r\nX-Kept: 1\r\nX-Set: 1\r\n\r\n')
})

test('a whole body is edited, however it is framed', async (t) => {
  for (const said of [ok('abcde'), CHUNKED, UNTIL_CLOSE]) {
    const { raw, fault, observed } = await setUp(t, said)
    fault(response(upper))
    raw.send(get('/'))
    t.match(await raw.take(ends('ABCDE')), /^HTTP\/1.1 200 OK\r\n(x: 1\r\n)?content-length: 5\r\n\r\nABCDE$/)
    t.match(await observed(1), [{ outcome: 'complete', status: 200, faults: ['custom-1'] }])
  }
})

test('a body that is too long goes on as it came, and the fault says that it could not', async (t) => {
  const { raw, fault, proxy } = await setUp(t, CHUNKED)
  fault(response({ ...upper, limit: 4 }))
  raw.send(get('/'))
  t.equal(await raw.take(ends('0\r\n\r\n')), CHUNKED)
  t.match(proxy.fault('custom-1').counters, { eligible: 1, injected: 0, unfit: 1, active: 0 })
  t.match(proxy.decisions.list(), [{ method: 'GET', path: '/', met: [{ fault: 'custom-1', decision: { n: 1, verdict: 'unfit', detail: 'the body is too long, or not whole' } }] }])
})

test('a fault that goes while it waits for a body lets go of what has come', async (t) => {
  const stream = CHUNKED.slice(0, -5)
  const { raw, fault, proxy } = await setUp(t, stream)
  let asked = false
  fault({
    response: () => {
      asked = true
      return upper
    }
  })
  raw.send(get('/'))
  await eventually(() => asked, () => 'nothing came')
  t.equal(raw.text, '')
  proxy.removeFault('custom-1')
  t.equal(await raw.take(ends('de\r\n')), stream)
})

test('the same for a request', async (t) => {
  const { raw, fault, proxy, got } = await setUp(t, ok('fine'))
  fault(request(upper))
  raw.send('POST / HTTP/1.1\r\nHost: test\r\ncontent-length: 3\r\n\r\nab')
  await eventually(() => proxy.plan.faults[0]!.counters.injected === 1, () => 'nothing came')
  t.equal(got(), '')
  proxy.removeFault('custom-1')
  await eventually(() => got().endsWith('ab'), got)
  raw.send('c')
  await raw.take(ends('fine'))
})

test('HEAD has no body to edit', async (t) => {
  const { raw, fault, proxy } = await setUp(t, 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
  fault(response(upper))
  raw.send('HEAD / HTTP/1.1\r\nHost: test\r\n\r\n')
  t.match(await raw.take(ends('\r\n\r\n')), /content-length: 5/)
  t.equal(proxy.fault('custom-1').counters.unfit, 1)
})

test('a request\'s body is edited before the node gets any of it', async (t) => {
  const { raw, fault, got } = await setUp(t, ok('fine'))
  fault(request(upper))
  raw.send('POST / HTTP/1.1\r\nHost: test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
  await new Promise((resolve) => { setImmediate(resolve) })
  t.equal(got(), '')
  raw.send('0\r\n\r\n')
  await raw.take(ends('fine'))
  t.equal(got(), 'POST / HTTP/1.1\r\nHost: test\r\ncontent-length: 3\r\n\r\nABC')
})

test('who waits for 100 Continue before the body gets it here', async (t) => {
  const { raw, fault, got } = await setUp(t, ok('fine'))
  fault(request(upper))
  raw.send('POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\ncontent-length: 3\r\n\r\n')
  t.equal(await raw.take(ends('\r\n\r\n')), 'HTTP/1.1 100 Continue\r\n\r\n')
  raw.send('abc')
  await raw.take(ends('fine'))
  t.equal(got(), 'POST / HTTP/1.1\r\nHost: test\r\ncontent-length: 3\r\n\r\nABC')
})

test('a request cut off before its body was whole goes on as far as it came', async (t) => {
  const { raw, fault, got, proxy } = await setUp(t, ok('fine'))
  fault(request(upper))
  raw.send('POST / HTTP/1.1\r\nHost: test\r\ncontent-length: 3\r\n\r\na').end()
  await eventually(() => got().endsWith('\r\n\r\na'), got)
  t.equal(proxy.fault('custom-1').counters.unfit, 1)
})

test('a stage acts on the body alone, and is gone with its fault', async (t) => {
  const { raw, fault, proxy, observed } = await setUp(t, CHUNKED)
  const seen: string[] = []
  fault(response({
    do: 'body',
    behaviour: {
      chunk: (chunk): StreamAction => {
        seen.push(Buffer.from(chunk).toString())
        return { do: 'hold', ms: Infinity }
      }
    }
  }))
  raw.send(get('/'))
  await raw.take(ends('3\r\n'))
  t.same(seen, ['abc', 'de'])
  t.equal(proxy.recorder.totals.exchanges, 0, 'it is not out yet')
  t.equal(proxy.fault('custom-1').counters.active, 1)
  proxy.removeFault('custom-1')
  t.equal(await raw.take(ends('0\r\n\r\n')), 'abc\r\n2\r\nde\r\n0\r\n\r\n')
  t.match(await observed(1), [{ outcome: 'complete' }])
  raw.send(get('/'))
  t.equal(await raw.take(ends('0\r\n\r\n')), CHUNKED)
})

test('a body is cut at the byte, and the connection with it', async (t) => {
  for (const [how, end, outcome] of [['close', { ended: true, code: null }, 'truncated'], ['reset', { ended: false, code: 'ECONNRESET' }, 'reset']] as const) {
    const { raw, fault, observed, quiet } = await setUp(t, ok('abcde'))
    fault(response({ do: 'body', behaviour: { chunk: () => ({ do: 'cut', bytes: 2, how }) } }))
    raw.send(get('/'))
    if (how === 'close') t.match(await all(raw), /\r\n\r\nab$/)
    t.same(await raw.over, end)
    t.match(await observed(1), [{ outcome, status: 200 }])
    raw.end()
    await quiet()
  }
})

test('a slow body arrives in pieces', async (t) => {
  const { raw, fault } = await setUp(t, ok('abcdef'))
  fault(response({ do: 'body', behaviour: { chunk: () => ({ do: 'split', sizes: [2, 2, 2], gap: 40 }) } }))
  const start = performance.now()
  raw.send(get('/'))
  await raw.take(ends('abcdef'))
  t.ok(performance.now() - start >= 80)
})

test('raw bytes in the request\'s place, or the response\'s: kept, closed or reset', async (t) => {
  const bytes = Buffer.from('HTTP/1.1 299 Raw\r\ncontent-length: 2\r\n\r\nhi')
  for (const when of [request, response]) {
    for (const end of ['keep', 'close', 'reset'] as const) {
      const { raw, fault, observed, quiet, got } = await setUp(t, CHUNKED)
      fault(when({ do: 'raw', bytes, status: 299, end }), { select: { first: 1 } })
      raw.send(get('/'))
      if (end === 'keep') {
        t.equal(await raw.take(ends('hi')), bytes.toString())
        raw.send(get('/'))
        await raw.take(ends('0\r\n\r\n'))
      } else {
        const over = await raw.over
        t.same(over, end === 'close' ? { ended: true, code: null } : { ended: false, code: 'ECONNRESET' }, `${end} ${when.name}`)
        if (end === 'close') t.equal(raw.text, bytes.toString())
      }
      t.match(await observed(1), [{ outcome: end === 'keep' ? 'complete' : 'malformed', status: 299 }])
      t.equal(got().split('GET').length - 1, (end === 'keep' ? 1 : 0) + (when === response ? 1 : 0), 'how often the node was asked')
      raw.end()
      await quiet()
    }
  }
})

test('a response is recorded whole, head and all, and said again', async (t) => {
  const { raw, fault, got, proxy } = await setUp(t, CHUNKED)
  let kept: HttpAction | null = null
  fault({
    request: () => kept ?? { do: 'pass' },
    response: () => ({ do: 'record', limit: 1000, keep: (bytes, status) => { kept = { do: 'raw', bytes, status, end: 'keep' } } })
  })
  for (let i = 0; i < 3; i++) {
    raw.send(get(`/${i}`))
    t.equal(await raw.take(ends('0\r\n\r\n')), CHUNKED)
  }
  t.equal(got(), get('/0'))
  t.match(proxy.fault('custom-1').counters, { eligible: 3, injected: 2, unfit: 1 })
})

test('the last exchange of a connection says so', async (t) => {
  const { raw, fault, quiet } = await setUp(t, ok('hi', 'connection: keep-alive\r\nkeep-alive: timeout=5\r\n'))
  fault(response({ do: 'last' }))
  raw.send(get('/') + get('/'))
  t.equal(await all(raw), 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi')
  raw.end()
  await quiet()
})

test('a fault that another one forestalls, or that never sees a response, has not hit', async (t) => {
  const { raw, fault, proxy, observed, node } = await setUp(t, ok('hi'))
  fault(request({ do: 'respond', status: 503, headers: {}, body: 'no' }), { match: { path: '/a' } })
  fault(response({ do: 'rewrite', set: { late: '1' }, remove: [] }))
  raw.send(get('/a'))
  await raw.take(ends('no'))
  raw.send(get('/b'))
  t.match(await raw.take(ends('hi')), /late: 1/)
  t.match(proxy.fault('custom-2').counters, { eligible: 2, injected: 1, unfit: 1, active: 0 })
  t.match(proxy.decisions.list()[0]!.met[1], { decision: { n: 1, verdict: 'unfit', detail: 'custom-1 answered first' } })
  await node.kill()
  await raw.over
  const again = await openRaw(t, proxy.address.port)
  again.send(get('/c'))
  await again.over
  t.match(proxy.decisions.list()[2]!.met[1], { decision: { verdict: 'unfit', detail: 'it was over before the fault could act' } })
  t.same((await observed(3)).map(({ faults }) => faults), [['custom-1'], ['custom-2'], []])
})

test('a match on the response is decided by it', async (t) => {
  const { raw, fault, proxy } = await setUp(t, ok('hi', 'x-kind: a\r\n'))
  fault(response({ do: 'rewrite', set: { hit: '1' }, remove: [] }), { match: { status: '2xx', 'response-header': { 'x-kind': 'a' } } })
  fault(response({ do: 'rewrite', set: { missed: '1' }, remove: [] }), { match: { status: 404 } })
  raw.send(get('/'))
  t.match(await raw.take(ends('hi')), /hit: 1\r\n\r\nhi/)
  t.match(proxy.fault('custom-1').counters, { eligible: 1, injected: 1, active: 0 })
  t.match(proxy.fault('custom-2').counters, { eligible: 0 })
  t.match(proxy.decisions.list()[0]!.met, [{ decision: { n: 1, verdict: 'hit' } }, { decision: { verdict: 'unmatched', detail: 'status' } }])
})

test('in test mode responses say what was decided', async (t) => {
  const { raw, fault } = await setUp(t, ok('hi'), { explain: true })
  raw.send(get('/'))
  t.notMatch(await raw.take(ends('hi')), /x-premortem/, 'nothing was')
  fault(request({ do: 'delay', ms: 0 }), { match: { path: '/a' } })
  fault(request({ do: 'respond', status: 500, headers: {}, body: 'no' }), { match: { path: '/b' } })
  for (const [path, body, faults] of [['/a', 'hi', 'custom-1'], ['/b', 'no', 'custom-2'], ['/c', 'hi', null]] as const) {
    raw.send(get(path))
    const text = await raw.take(ends(body))
    t.match(text, /\r\nx-premortem-decision: \d+\r\n/)
    t.equal(/x-premortem-faults: (.*)\r\n/.exec(text)?.[1] ?? null, faults)
  }
})
