import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

test('its port refuses connections', async (t) => {
  const { control, edge, premortem } = await startSidecar(t)
  const { port } = premortem.proxies.get('edge').address
  t.match(await cli(['proxy', 'disable', 'edge', '--control', control]), { code: 0, out: `edge is disabled; 127.0.0.1:${port} refuses connections\n` })
  await t.rejects(fetch(edge), { cause: { code: 'ECONNREFUSED' } })
  t.match(await cli(['proxy', 'list', '--control', control]), { code: 0, out: /edge +\S+ \(disabled\)/ })
  t.match(await cli(['proxy', 'disable', 'edg', '--control', control]), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND.*did you mean `edge`/ })
})
