import { test } from 'tap'
import { playHttp } from '../../helpers/playbook.ts'

test('closes in place of a response, before the upstream is called or after', async (t) => {
  const close = { do: 'abort', how: 'close', when: 'now' }
  const before = playHttp({ type: 'empty-reply' })
  t.strictSame([before.request(), before.response()], [close, { do: 'pass' }])
  const after = playHttp({ type: 'empty-reply', when: 'after' })
  t.strictSame([after.request(), after.response()], [{ do: 'pass' }, close])
})
