import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import type { HttpAction, StreamAction } from '../../../src/faults/fault.ts'
import { requestHead, responseHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'

function chunk (action: HttpAction, size: number): StreamAction {
  if (action.do !== 'body') throw new Error(action.do)
  return action.behaviour.chunk!(new Uint8Array(size), 0)
}

test('at a rate', async (t) => {
  t.strictSame(chunk(playHttp({ type: 'slow-body', rate: '1KB/s' }).response(), 5), { do: 'pace', rate: 1000, shared: false })
  t.strictSame(chunk(playHttp({ type: 'slow-body', rate: 0 }).response(), 5), { do: 'hold', ms: Infinity })
})

test('in pieces', async (t) => {
  const play = playHttp({ type: 'slow-body', size: 10, gap: '200ms' })
  t.strictSame(chunk(play.response(), 25), { do: 'split', sizes: [10, 10, 5], gap: 200 })
  t.strictSame(chunk(play.response(), 0), { do: 'pass' })
})

test('of the response, or of the request', async (t) => {
  const post = requestHead({ method: 'POST', headers: { 'content-length': '9' } })
  const play = playHttp({ type: 'slow-body', rate: 5, of: 'request' })
  t.strictSame([play.request(post).do, play.request().do, play.response().do], ['body', 'unfit', 'pass'])
  t.equal(playHttp({ type: 'slow-body', rate: 5 }).response(responseHead(304)).do, 'unfit')
})

test('either one or the other', async (t) => {
  const table: [Record<string, unknown>, string][] = [
    [{}, 'rate'], [{ rate: 1, size: 1, gap: 1 }, 'rate'], [{ rate: 1, gap: 0 }, 'rate'], [{ size: 1 }, 'gap'], [{ gap: 1 }, 'size'], [{ size: 0, gap: 1 }, 'size']
  ]
  for (const [written, path] of table) {
    t.throws(() => decodeFault({ type: 'slow-body', ...written }), { code: 'PMT_ERR_INVALID', details: { path, wanted: /./ } }, JSON.stringify(written))
  }
})
