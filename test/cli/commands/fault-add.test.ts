import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

test('faults are set by words and flags, and shown', async (t) => {
  const { control, premortem } = await startSidecar(t)
  const added = await cli(['fault', 'add', 'edge', 'delay', 'delay=100ms', 'hang', '--match-path', '/x', '--ttl', '30s', '--share', '50%', '--control', control])
  t.equal(added.code, 0, added.err)
  t.match(added.out, /edge +delay-1 +delay 100ms match\.path=\/x +all +50% +20\S+Z +0 of 0\n.*hang/)
  t.same(premortem.proxies.get('edge').faultViews().map(({ spec }) => spec), [
    { type: 'delay', delay: '100ms', match: { path: '/x' }, ttl: '30s', share: '50%' },
    { type: 'hang', match: { path: '/x' }, ttl: '30s', share: '50%' }
  ])
})

test('what the sidecar refuses is told with path, found and wanted', async (t) => {
  const { control } = await startSidecar(t)
  const add = (...words: string[]) => cli(['fault', 'add', ...words, '--control', control])
  t.match(await add('edge', 'delay', 'delay=soon'), { code: 2, err: /PMT_ERR_INVALID: .*; at delay; found soon; wanted a duration/ })
  t.match(await add('edge', 'refuse', 'node=three'), { code: 2, err: /PMT_ERR_NODE_NOT_FOUND: .*found three; wanted one of one, two/ })
  t.match(await add('raw', 'delay', 'delay=1s'), { code: 2, err: /PMT_ERR_FAULT_LAYER/ })
  t.match(await add('egde', 'hang'), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND/ })
})
