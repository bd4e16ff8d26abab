import { connect } from 'node:net'
import { test } from 'tap'
import { createHarness, listen } from './harness.ts'

test('what is not a resource is named, in our shape', async (t) => {
  const { api } = await createHarness(t)
  for (const [method, url] of [['GET', '/nowhere?x=1'], ['POST', '/v1/faults'], ['GET', '/nodes']] as const) {
    const answer = await api.inject({ method, url })
    t.equal(answer.statusCode, 404)
    t.match(answer.json(), { code: 'PMT_ERR_ROUTE_NOT_FOUND', message: `no such resource: ${method} ${url.split('?')[0]}`, hint: String })
  }
})

test('what nobody foresaw is logged, and answered without its details', async (t) => {
  const { api, log } = await createHarness(t, { report: async () => { throw new TypeError('secret inner state') } })
  const answer = await api.inject('/v1/runs/x/report')
  t.equal(answer.statusCode, 500)
  t.equal(answer.json().code, 'PMT_ERR_INTERNAL')
  t.notMatch(answer.body, 'secret')
  t.match(log.lines.find((line) => line.level === 'error'), { fields: { path: '/v1/runs/x/report', err: { message: 'secret inner state' } } })
})

test('what is not HTTP is answered in our shape', async (t) => {
  const { api } = await createHarness(t)
  const { port } = new URL(await listen(api))
  const say = (text: string): Promise<string> => new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8').on('data', (piece: string) => { heard += piece }).on('end', () => resolve(heard)).on('error', reject)
  })
  t.match(await say('HELLO\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"PMT_ERR_REQUEST"/)
  t.match(await say(`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 [^]*"code":"PMT_ERR_TOO_LARGE"/)
})
