import { test } from 'tap'
import { playHttp } from '../../helpers/playbook.ts'

test('the response is the last of its connection', async (t) => {
  const play = playHttp({ type: 'connection-close' })
  t.strictSame([play.request(), play.response()], [{ do: 'pass' }, { do: 'last' }])
})
