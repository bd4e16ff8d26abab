import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createVirtualClock } from '../../helpers/clock.ts'
import { createAuthority } from '../../../src/proxy/tls/authority.ts'
import { writeAuthority } from '../../../src/proxy/tls/store.ts'
import { cli } from '../harness.ts'

test('a CA is shown with what it vouches for, its life and its files', async (t) => {
  const dir = join(t.testdir({}), 'certs')
  await cli(['ca', 'init', '--dir', dir, '--host', 'a.example'])
  const { code, out } = await cli(['ca', 'show', '--dir', dir])
  t.equal(code, 0)
  t.match(out, /^O=premortem, CN=premortem TEST CA .*\n {2}until .*Z, 6 d 23 h left\n {2}SHA-256 /)
  t.match(out, /vouches for a\.example, localhost, /)
  t.match(out, /root\.key +0600\n/)
  t.match(JSON.parse((await cli(['ca', 'show', '--dir', dir, '--json'])).out), {
    dir, permits: ['a.example'], root: { left: Number }, intermediate: { subject: /intermediate/ }, files: [{ file: dir, mode: '0700' }, {}, {}, {}, {}]
  })
})

test('one that cannot be used is exit 2, with the reason', async (t) => {
  const folder = t.testdir({})
  t.match(await cli(['ca', 'show', '--dir', join(folder, 'none')]), { code: 2, err: /PMT_ERR_CERTIFICATE.*root\.pem/ })
  const clock = createVirtualClock(0, Date.UTC(2020, 0, 1))
  writeAuthority(join(folder, 'old'), await createAuthority({ hosts: [], clock, days: 1 }))
  t.match(await cli(['ca', 'show', '--dir', join(folder, 'old')]), { code: 2, err: /the CA has expired \(notAfter 2020-01-02T00:00:00\.000Z\)/ })
  const dir = join(folder, 'open')
  await cli(['ca', 'init', '--dir', dir, '--host', 'a'])
  chmodSync(join(dir, 'intermediate.key'), 0o644)
  t.match(await cli(['ca', 'show', '--dir', dir]), { code: 2, err: /PMT_ERR_KEY_EXPOSED.*mode 0644.*chmod 600/ })
})
