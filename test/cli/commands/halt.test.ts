import { readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
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
  t.match(await cli(['halt', '--release', ...on]), { code: 2, err: /--reason is missing/ })
  t.match(await cli(['halt', '--release', '--reason', 'over', '--json', ...on]), { code: 0, out: '{\n  "halted": null\n}\n' })
  t.match(await cli(['fault', 'add', 'edge', 'hang', ...on]), { code: 0 })
})

test('without anything that runs: by the file of a configuration', async (t) => {
  const folder = t.testdir({ 'c.yaml': '' })
  const file = join(folder, 'c.yaml')
  t.match(await cli(['halt', '--config', file]), { code: 2 }, 'which must be one')
  const config = t.testdir({ 'c.json': JSON.stringify({ data: join(folder, 'data'), proxies: [] }) })
  const on = ['--config', join(config, 'c.json')]
  t.match(await cli(['halt', '--reason', 'not now', ...on]), { code: 0, out: /^halted since 20\S+: not now\n$/ })
  t.match(readFileSync(join(folder, 'data', 'HALT'), 'utf8'), /^not now\nhalted since 20/)
  t.match(await cli(['halt', '--reason', 'again', ...on]), { code: 0, out: /: not now\n$/ })
  t.match(await cli(['whatif', 'edge', 'hang', '--slo', 'success>=90%', ...on]), { code: 4, err: /PMT_ERR_HALTED.*not now/ })
  t.match(await cli(['halt', '--release', ...on]), { code: 2, err: /--reason is missing/ })
  t.match(await cli(['halt', '--release', '--reason', 'now', ...on]), { code: 0, out: 'released\n' })
  t.notOk(existsSync(join(folder, 'data', 'HALT')))
  t.match(await cli(['whatif', 'edge', 'hang', '--slo', 'success>=90%', ...on]), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND/ })
})
