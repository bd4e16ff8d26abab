import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { cli } from '../harness.ts'

test('the root is printed, or written, and no key is needed for it', async (t) => {
  const dir = join(t.testdir({}), 'certs')
  await cli(['ca', 'init', '--dir', dir, '--host', 'a'])
  for (const name of ['root.key', 'intermediate.key', 'intermediate.pem']) rmSync(join(dir, name))
  const root = readFileSync(join(dir, 'root.pem'), 'utf8')
  t.match(await cli(['ca', 'export', '--dir', dir]), { code: 0, out: root })
  const out = join(dir, 'ca.crt')
  t.match(await cli(['ca', 'export', '--dir', dir, '--out', out]), { code: 0, out: /ca\.crt: O=premortem, .*\nSHA-256 / })
  t.equal(readFileSync(out, 'utf8'), root)
  t.match(await cli(['ca', 'export', '--dir', dir, '--out', out]), { code: 2, err: /PMT_ERR_FILE_EXISTS/ })
  t.match(JSON.parse((await cli(['ca', 'export', '--dir', dir, '--json'])).out), { pem: root, out: null, fingerprint256: String })
})
