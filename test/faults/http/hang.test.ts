import { test } from 'tap'
import { playHttp } from '../../helpers/playbook.ts'

test('a request goes no further', async (t) => {
  const play = playHttp({ type: 'hang' })
  t.strictSame([play.request(), play.response()], [{ do: 'hang' }, { do: 'pass' }])
})
