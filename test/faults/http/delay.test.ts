import { test } from 'tap'
import { createRandom } from '../../../src/kernel/random.ts'
import { playHttp } from '../../helpers/playbook.ts'

test('the request waits, or the response', async (t) => {
  const before = playHttp({ type: 'delay', delay: '500ms' })
  t.strictSame([before.request(), before.response()], [{ do: 'delay', ms: 500 }, { do: 'pass' }])
  const after = playHttp({ type: 'delay', delay: '500ms', at: 'response' })
  t.strictSame([after.request(), after.response()], [{ do: 'pass' }, { do: 'delay', ms: 500 }])
})

test('jitter comes from the request\'s own generator and never makes a delay negative', async (t) => {
  const play = playHttp({ type: 'delay', delay: '50ms', jitter: '100ms' })
  const parent = createRandom(3)
  const delays = Array.from({ length: 2000 }, (_, i) => {
    const action = play.request(parent.fork(i))
    return action.do === 'delay' ? action.ms : NaN
  })
  t.equal(Math.min(...delays), 0)
  t.ok(Math.max(...delays) <= 150 && Math.max(...delays) > 148)
  // A quarter of the width lies below zero and is cut off: 500 of 2000, give or take four standard errors.
  t.ok(Math.abs(delays.filter((ms) => ms === 0).length - 500) < 78)
  t.same(play.request(parent.fork(7)), { do: 'delay', ms: delays[7]! }, 'the same request waits the same time again')
})
