import { test } from 'tap'
import { playHttp } from '../../helpers/playbook.ts'

test('answers in the upstream\'s place', async (t) => {
  const play = playHttp({ type: 'status' })
  t.strictSame([play.request(), play.response()], [{ do: 'respond', status: 503, headers: {}, body: '' }, { do: 'pass' }])
})

test('or after it has done the work', async (t) => {
  const play = playHttp({ type: 'status', when: 'after', status: 429, headers: { 'retry-after': '1' }, body: 'slow down' })
  t.strictSame([play.request(), play.response()], [
    { do: 'pass' }, { do: 'respond', status: 429, headers: { 'retry-after': '1' }, body: 'slow down' }
  ])
})

test('headers that would split the answer are refused', async (t) => {
  for (const headers of [{ 'x y': '1' }, { x: 'a\r\nset-cookie: b' }, { 'x\r\ny': '1' }, { '': '1' }, { x: 1 }]) {
    t.throws(() => playHttp({ type: 'status', headers }), { code: 'PMT_ERR_INVALID' }, JSON.stringify(headers))
  }
  for (const status of [199, 600, 503.5, '503']) t.throws(() => playHttp({ type: 'status', status }), { code: 'PMT_ERR_INVALID', details: { path: 'status' } })
})
