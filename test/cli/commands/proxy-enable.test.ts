import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

test('it listens again where it did', async (t) => {
  const { control, edge, premortem } = await startSidecar(t)
  const { port } = premortem.proxies.get('edge').address
  await cli(['proxy', 'disable', 'edge', '--control', control])
  t.match(await cli(['proxy', 'enable', 'edge', '--control', control]), { code: 0, out: `edge listens on 127.0.0.1:${port}\n` })
  t.equal(await (await fetch(edge)).text(), 'hello')
  t.match(JSON.parse((await cli(['proxy', 'enable', 'edge', '--control', control, '--json'])).out), { name: 'edge', enabled: true })
})
