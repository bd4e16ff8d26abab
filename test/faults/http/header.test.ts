import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playHttp } from '../../helpers/playbook.ts'

test('sets and removes, in the response or the request', async (t) => {
  const action = { do: 'rewrite', set: { 'X-A': '1' }, remove: ['etag'] }
  const play = playHttp({ type: 'header', set: { 'X-A': '1' }, remove: ['ETag'] })
  t.strictSame([play.request(), play.response()], [{ do: 'pass' }, action])
  const ofRequest = playHttp({ type: 'header', set: { 'X-A': '1' }, remove: ['ETag'], of: 'request' })
  t.strictSame([ofRequest.request(), ofRequest.response()], [action, { do: 'pass' }])
})

test('never what frames the message, and never nothing', async (t) => {
  const table: [Record<string, unknown>, string][] = [
    [{}, 'set'], [{ set: {}, remove: [] }, 'set'], [{ set: { 'Content-Length': '5' } }, 'set.Content-Length'], [{ set: { upgrade: 'x' } }, 'set.upgrade'],
    [{ remove: ['etag', 'Transfer-Encoding'] }, 'remove.1'], [{ remove: ['connection'] }, 'remove.0'], [{ remove: ['x y'] }, 'remove.0'], [{ set: { a: 'b\r\nc: d' } }, 'set.a']
  ]
  for (const [written, path] of table) {
    t.throws(() => decodeFault({ type: 'header', ...written }), { code: 'PMT_ERR_INVALID', details: { path, wanted: /./ } }, JSON.stringify(written))
  }
})
