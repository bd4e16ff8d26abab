import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { cli } from '../harness.ts'

test('the bundle is printed, or written, and ends with the root', async (t) => {
  const dir = join(t.testdir({}), 'certs')
  await cli(['ca', 'init', '--dir', dir, '--host', 'a'])
  const root = readFileSync(join(dir, 'root.pem'), 'utf8')
  const { code, out } = await cli(['ca', 'bundle', '--dir', dir])
  t.equal(code, 0)
  t.ok(out.endsWith(root))
  t.ok(out.match(/-----BEGIN/g)!.length > 10, 'those of the system are there')
  const file = join(dir, 'bundle.pem')
  t.match(await cli(['ca', 'bundle', '--dir', dir, '--out', file]), { code: 0, out: /bundle\.pem: \d+ certificates, those of .* and this CA's\n/ })
  t.equal(readFileSync(file, 'utf8'), out)
  t.match(JSON.parse((await cli(['ca', 'bundle', '--dir', dir, '--json'])).out), { certificates: Number, out: null })
})
