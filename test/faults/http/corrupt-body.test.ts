import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { requestHead, responseHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'

test('pieces of the body are replaced, where something flips', async (t) => {
  const action = playHttp({ type: 'corrupt-body', 'one-in': 1 }).response(responseHead())
  if (action.do !== 'body') throw new Error(action.do)
  const piece = action.behaviour.chunk!(new Uint8Array(64), 0)
  t.ok(piece.do === 'replace' && piece.bytes.length === 64 && piece.bytes.every((byte) => byte !== 0))
  const spared = playHttp({ type: 'corrupt-body', 'one-in': '1000GB' }).response(responseHead())
  t.strictSame(spared.do === 'body' && spared.behaviour.chunk!(new Uint8Array(64), 0), { do: 'pass' })
})

test('of the response, or of the request; where there is none, it is unfit', async (t) => {
  const play = playHttp({ type: 'corrupt-body', of: 'request' })
  t.strictSame([play.request().do, play.request(requestHead({ headers: { 'content-length': '5' } })).do, play.response().do], ['unfit', 'body', 'pass'])
  t.equal(playHttp({ type: 'corrupt-body' }).response(responseHead(204)).do, 'unfit')
  t.throws(() => decodeFault({ type: 'corrupt-body', 'one-in': 0 }), { code: 'PMT_ERR_INVALID', details: { path: 'one-in', found: 0 } })
})
