import { test } from 'tap'
import { createToxiproxyApi } from '../../../src/adapters/chaos-toolkit/toxiproxy.ts'
import { startService } from './world.ts'

test('answers are what they say, a 404 is null, any other refusal a failure', async (t) => {
  const url = await startService(t, (request, response) => {
    if (request.headers.authorization !== 'Bearer t') return response.writeHead(401).end()
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk }).on('end', () => {
      if (request.url === '/none') return response.writeHead(404).end('404 page not found')
      if (request.url === '/empty') return response.writeHead(204).end()
      if (request.url === '/taken') return response.writeHead(409).end('{"error":"proxy already exists","status":409}')
      response.writeHead(200).end(JSON.stringify({ method: request.method, body }))
    })
  })
  const api = createToxiproxyApi(url, { token: 't' })
  t.strictSame(await api.call('POST', '/proxies', { name: 'a' }), { method: 'POST', body: '{"name":"a"}' })
  t.strictSame(await api.call('GET', '/proxies'), { method: 'GET', body: '' })
  t.equal(await api.call('GET', '/none'), null)
  t.strictSame(await api.call('DELETE', '/empty'), {})
  await t.rejects(api.call('POST', '/taken'), { name: 'ActivityFailed', message: 'POST /taken was refused: proxy already exists' })
  await t.rejects(createToxiproxyApi(url).call('GET', '/x'), { message: 'GET /x was refused: status 401' })
  await t.rejects(createToxiproxyApi('http://127.0.0.1:1').call('GET', '/x'), { name: 'ActivityFailed', message: /^nothing answers at http:\/\/127.0.0.1:1: / })
})
