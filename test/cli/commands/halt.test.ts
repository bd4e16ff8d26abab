import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

test('the lever removes faults, refuses new ones with exit 4, and is released', async (t) => {
  const { control, premortem } = await startSidecar(t)
  const on = ['--control', control]
  await cli(['fault', 'add', 'edge', 'hang', 'ttl=never', ...on])
  t.match(await cli(['halt', '--reason', 'too much', ...on]), { code: 0, out: /^halted since 20\S+: too much\n$/ })
  t.same(premortem.proxies.get('edge').faultViews(), [])
  t.match(await cli(['fault', 'add', 'edge', 'hang', ...on]), { code: 4, err: /PMT_ERR_HALTED: .*too much/ })
  t.match(await cli(['whatif', 'edge', 'hang', '--slo', 'success>=90%', ...on]), { code: 4, err: /PMT_ERR_HALTED/ })
  t.match(await cli(['halt', '--release', '--json', ...on]), { code: 0, out: '{\n  "halted": null\n}\n' })
  t.match(await cli(['fault', 'add', 'edge', 'hang', ...on]), { code: 0 })
})
