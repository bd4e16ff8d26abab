import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { responseHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'

const PASS = { do: 'pass' }

test('the request waits, or the response', async (t) => {
  const before = playHttp({ type: 'delay', delay: '500ms' })
  t.strictSame([before.request(), before.response()], [{ do: 'delay', ms: 500 }, PASS])
  const after = playHttp({ type: 'delay', delay: '500ms', at: 'response' })
  t.strictSame([after.request(), after.response()], [PASS, { do: 'delay', ms: 500 }])
})

test('or each piece of the body', async (t) => {
  const play = playHttp({ type: 'delay', delay: '100ms', at: 'chunk', shape: 'ramp', period: '10s' })
  t.strictSame(play.request(), PASS)
  const action = play.response()
  if (action.do !== 'body') throw new Error(action.do)
  const { chunk } = action.behaviour
  t.strictSame([chunk!(new Uint8Array(5), 5000), chunk!(new Uint8Array(5), 10_000)], [{ do: 'delay', ms: 50 }, { do: 'delay', ms: 100 }])
  t.strictSame(play.response(responseHead(204)), { do: 'unfit', why: 'the response has no body' })
})

test('it varies by the request\'s own generator and is never negative', async (t) => {
  const delays = (seed: number): number[] => {
    const play = playHttp({ type: 'delay', delay: '50ms', jitter: '100ms' }, seed)
    return Array.from({ length: 2000 }, () => {
      const action = play.request()
      return action.do === 'delay' ? action.ms : NaN
    })
  }
  const seen = delays(3)
  t.equal(Math.min(...seen), 0)
  t.ok(Math.max(...seen) <= 150 && Math.max(...seen) > 148)
  // A quarter of the width lies below zero and is cut off: 500 of 2000, give or take four standard errors.
  t.ok(Math.abs(seen.filter((ms) => ms === 0).length - 500) < 78)
  t.strictSame(delays(3), seen, 'the same requests wait the same time again')
})

test('how long must be said once', async (t) => {
  t.throws(() => decodeFault({ type: 'delay' }), { code: 'PMT_ERR_INVALID', details: { path: 'delay', found: 'nothing', wanted: /500ms/ } })
  t.throws(() => decodeFault({ type: 'delay', delay: 1, percentiles: 'p50=1s' }), { code: 'PMT_ERR_INVALID', details: { path: 'percentiles' } })
})
