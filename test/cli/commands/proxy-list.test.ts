import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

test('proxies are listed with their real addresses', async (t) => {
  const { control, premortem } = await startSidecar(t)
  const { port } = premortem.proxies.get('edge').address
  const listed = await cli(['proxy', 'list'], { env: { PREMORTEM_CONTROL: control } })
  t.equal(listed.code, 0, listed.err)
  t.match(listed.out, new RegExp(`edge +127\\.0\\.0\\.1:${port} +http +0 +0 +one=127`))
  t.match(JSON.parse((await cli(['proxy', 'list', '--json', '--control', control])).out), [{ name: 'edge' }, { name: 'raw', protocol: 'tcp' }])
})
