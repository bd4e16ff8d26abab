import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { requestHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'

test('to itself, query included', async (t) => {
  const play = playHttp({ type: 'redirect-loop' })
  const to = (target: string) => play.request(requestHead({ target }))
  t.strictSame(to('/login?next=/a'), { do: 'respond', status: 302, headers: { location: '/login?next=/a' }, body: '' })
  t.match(to('http://api.test/a'), { headers: { location: 'http://api.test/a' } })
  t.match(to('//evil.test/a'), { headers: { location: '/.//evil.test/a' } }, 'never to another host')
  t.equal(new URL('/.//evil.test/a', 'http://api.test').href, 'http://api.test//evil.test/a')
  for (const target of ['*', 'api.test:443']) t.equal(to(target).do, 'unfit', target)
})

test('or elsewhere, with another status', async (t) => {
  t.match(playHttp({ type: 'redirect-loop', status: 308, location: '/down' }).request(), { status: 308, headers: { location: '/down' } })
  t.throws(() => decodeFault({ type: 'redirect-loop', status: 304 }), { code: 'PMT_ERR_INVALID', details: { path: 'status', wanted: 'one of 301, 302, 303, 307, 308' } })
  t.throws(() => decodeFault({ type: 'redirect-loop', location: '/a\r\nx: y' }), { code: 'PMT_ERR_INVALID', details: { path: 'location' } })
})
