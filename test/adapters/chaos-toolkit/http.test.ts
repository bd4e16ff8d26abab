import { test } from 'tap'
import { Interruption } from '../../../src/adapters/chaos-toolkit/failure.ts'
import { runHttp } from '../../../src/adapters/chaos-toolkit/http.ts'
import { createWorld, never, startService } from './world.ts'

test('an answer is status, headers and body; JSON only by its exact type', async (t) => {
  const url = await startService(t, (request, response) => {
    const type = new URL(request.url!, 'http://x').searchParams.get('type')!
    response.writeHead(type === 'none' ? 503 : 200, { 'Content-Type': type, 'X-Many': ['a', 'b'] }).end(type.startsWith('bytes') ? Buffer.from([0xe9]) : '{"a": 1}')
  })
  const get = (type: string) => runHttp({ url, arguments: { type } }, createWorld(), never())
  t.match(await get('application/json'), { status: 200, headers: { 'Content-Type': 'application/json', 'X-Many': 'a, b' }, body: { a: 1 } })
  t.match(await get('application/json; charset=utf-8'), { body: '{"a": 1}' })
  t.match(await get('none'), { status: 503, body: '{"a": 1}' }, 'no status is a failure')
  t.match(await get('bytes'), { body: 'é' }, 'what is no UTF-8 is Latin-1')
})

test('what is sent, and redirects', async (t) => {
  const url = await startService(t, (request, response) => {
    if (request.url === '/again') return response.writeHead(302, { location: '/again' }).end()
    if (request.url === '/from') return response.writeHead(303, { location: '/to' }).end()
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk }).on('end', () => response.writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ method: request.method, url: request.url, body, type: request.headers['content-type'], a: request.headers.a })))
  })
  const send = (path: string, more: object) => runHttp({ url: url + path, ...more }, createWorld(), never())
  t.match(await send('/x', { method: 'POST', headers: { A: 'b' }, arguments: { c: 1 } }), { body: { method: 'POST', url: '/x', body: 'c=1', type: 'application/x-www-form-urlencoded', a: 'b' } })
  t.match(await send('/from', { method: 'POST', arguments: 'x' }), { body: { method: 'GET', url: '/to', body: '' } })
  await t.rejects(send('/again', {}), { name: 'ActivityFailed', message: 'exceeded 30 redirects' })
})

test('no connection is a failure, and only that is tried again', async (t) => {
  let asked = 0
  const url = await startService(t, (request) => {
    asked++
    request.socket.destroy()
  })
  await t.rejects(runHttp({ url, max_retries: 3 }, createWorld(), never()), { name: 'ActivityFailed', message: /^failed to connect to http:/ })
  t.equal(asked, 1)
  await t.rejects(runHttp({ url: 'http://127.0.0.1:1/', max_retries: 2 }, createWorld(), never()), { message: /^failed to connect to http:\/\/127.0.0.1:1\/: .*ECONNREFUSED/ })
  await t.rejects(runHttp({ url: 'nowhere' }, createWorld(), never()), { message: /^failed to connect to nowhere: / })
  await t.rejects(runHttp({ url, timeout: 'soon' }, createWorld(), never()), { message: /timeout does not fit/ })
})

test('an answer that takes too long is a failure, and so is one that stops halfway', async (t) => {
  let arrived = (): void => {}
  const url = await startService(t, (request, response) => {
    if (request.url === '/half') response.writeHead(200).write('half')
    arrived()
  })
  for (const [path, timeout] of [['/', 2], ['/half', [9, 2]], ['/', undefined]] as const) {
    const world = createWorld({ timeout: 30_000 })
    const here = new Promise<void>((resolve) => { arrived = resolve })
    const answer = runHttp({ url: url + path, ...(timeout === undefined ? {} : { timeout: timeout as number }) }, world, never())
    answer.catch(() => {})
    await here
    await world.clock.advance(timeout === undefined ? 30_000 : 2000)
    await t.rejects(answer, { name: 'ActivityFailed', message: 'activity took too long to complete' }, `${path} ${String(timeout)}`)
  }
})

test('the signal ends it', async (t) => {
  const stop = new AbortController()
  const url = await startService(t, () => stop.abort(new Interruption('enough')))
  t.strictSame(await runHttp({ url }, createWorld(), stop.signal).catch((error: unknown) => error), new Interruption('enough'))
})
