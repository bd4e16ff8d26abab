import { test } from 'tap'
import { playHttp } from '../../helpers/playbook.ts'

test('before: the upstream is never called', async (t) => {
  const play = playHttp({ type: 'abort' })
  t.strictSame([play.request(), play.response()], [{ do: 'abort', how: 'reset', when: 'now' }, { do: 'pass' }])
  t.strictSame(playHttp({ type: 'abort', how: 'close' }).request(), { do: 'abort', how: 'close', when: 'now' })
})

test('in the middle of the response', async (t) => {
  for (const when of ['mid-head', 'mid-body']) {
    const play = playHttp({ type: 'abort', how: 'close', when })
    t.strictSame([play.request(), play.response()], [{ do: 'pass' }, { do: 'abort', how: 'close', when }])
  }
})
