import { test } from 'tap'
import type { HttpAction, RequestHead } from '../../../src/faults/fault.ts'
import { requestHead, responseHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'
import type { HttpPlay } from '../../helpers/playbook.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const get = (target: string, more = {}): RequestHead => requestHead({ target, ...more })
const sized = { 'content-length': '5' }

/** Lets an answer come, and be complete. */
function answer (play: HttpPlay, request: RequestHead, text: string, elapsed = 0, headers?: Record<string, string>): HttpAction {
  const action = play.response(responseHead(200, headers ?? sized), elapsed, request)
  if (action.do === 'record') action.keep(bytes(text), 200)
  return action
}

test('the first answer to each method and target is given again', async (t) => {
  const play = playHttp({ type: 'stale' })
  t.strictSame(play.request(get('/a')), { do: 'pass' })
  t.match(answer(play, get('/a'), 'first'), { do: 'record', limit: 1_048_576 })
  t.strictSame(play.request(get('/a'), 1e9), { do: 'raw', bytes: bytes('first'), status: 200, end: 'keep' })
  t.strictSame([get('/b'), get('/a?x'), get('/a', { method: 'POST' }), get('/a', { host: 'b' })].map((head) => play.request(head).do), ['pass', 'pass', 'pass', 'pass'])
})

test('of several under way at once, the first that is complete', async (t) => {
  const play = playHttp({ type: 'stale' })
  answer(play, get('/a'), 'first')
  answer(play, get('/a'), 'second')
  t.match(play.request(get('/a')), { bytes: bytes('first') })
})

test('anew after a while', async (t) => {
  const play = playHttp({ type: 'stale', refresh: '30s' })
  answer(play, get('/a'), 'first', 1000)
  t.equal(play.request(get('/a'), 30_999).do, 'raw')
  t.equal(play.request(get('/a'), 31_000).do, 'pass')
  answer(play, get('/a'), 'second', 31_000)
  t.match(play.request(get('/a'), 60_000), { bytes: bytes('second') })
})

test('an answer that ends with its connection is given with an end', async (t) => {
  const play = playHttp({ type: 'stale' })
  answer(play, get('/a'), 'until close', 0, {})
  answer(play, get('/b'), 'chunked', 0, { 'transfer-encoding': 'chunked' })
  t.match([play.request(get('/a')), play.request(get('/b'))], [{ end: 'close' }, { end: 'keep' }])
})

test('what is not kept', async (t) => {
  const play = playHttp({ type: 'stale' })
  for (const head of [responseHead(206, sized), responseHead(304), responseHead(200, { 'content-length': '1048577' })]) {
    t.equal(play.response(head, 0, get('/a')).do, 'unfit')
  }
})

test('no more than so many, and no more bytes than so many', async (t) => {
  const many = playHttp({ type: 'stale' })
  const late = many.response(responseHead(200, sized), 0, get('/late'))
  for (let i = 0; i < 1000; i++) answer(many, get(`/${i}`), 'x')
  t.equal(answer(many, get('/one-more'), 'x').do, 'unfit')
  if (late.do === 'record') late.keep(bytes('x'), 200)
  t.strictSame([many.request(get('/999')).do, many.request(get('/late')).do], ['raw', 'pass'])

  const large = playHttp({ type: 'stale' })
  for (let i = 0; i < 70; i++) answer(large, get(`/${i}`), 'x'.repeat(1_048_000))
  t.strictSame([large.request(get('/63')).do, large.request(get('/64')).do], ['raw', 'pass'])
})

test('what is recorded anew counts once', async (t) => {
  const play = playHttp({ type: 'stale', refresh: '1s' })
  for (let i = 0; i < 200; i++) answer(play, get('/a'), `${i} ${'x'.repeat(1_000_000)}`, i * 1000)
  const last = play.request(get('/a'), 199_000)
  t.ok(last.do === 'raw' && Buffer.from(last.bytes).toString().startsWith('199 '))
})
