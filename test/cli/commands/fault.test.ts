import { test } from 'tap'
import type { FaultView } from '../../../src/proxy/view.ts'
import { cli, startSidecar } from '../harness.ts'

test('faults are added, listed and removed on a running sidecar', async (t) => {
  const { control, premortem } = await startSidecar(t)
  const added = await cli(['fault', 'add', 'edge', 'delay', 'delay=100ms', 'hang', '--match-path', '/x', '--ttl', '30s', '--share', '50%', '--control', control])
  t.equal(added.code, 0, added.err)
  t.match(added.out, /edge +delay-1 +delay 100ms match\.path=\/x +all +50% +20\S+Z +0 of 0\n.*hang/)
  t.same(premortem.proxies.get('edge').faultViews().map(({ spec }) => spec), [
    { type: 'delay', delay: '100ms', match: { path: '/x' }, ttl: '30s', share: '50%' },
    { type: 'hang', match: { path: '/x' }, ttl: '30s', share: '50%' }
  ])
  await cli(['fault', 'add', 'raw', 'latency', 'latency=1s', 'mode=shadow', 'node=' + premortem.proxies.get('raw').settings.nodes[0]!.name, '--control', control])

  const all = await cli(['fault', 'list', '--json', '--control', control])
  t.same((JSON.parse(all.out) as FaultView[]).map(({ on, type }) => `${on} ${type}`), ['edge delay', 'edge hang', 'raw latency'])
  t.match((await cli(['fault', 'list', 'raw', '--control', control])).out, /latency 1s \(shadow\)/)

  t.match(await cli(['fault', 'remove', 'edge', 'delay-1', '--control', control]), { code: 0, out: 'removed 1 fault from edge\n' })
  t.match(await cli(['fault', 'remove', 'edge', 'delay-1', '--control', control]), { code: 2, err: /PMT_ERR_FAULT_NOT_FOUND/ })
  t.match(await cli(['fault', 'remove', 'edge', '--all', '--control', control]), { code: 0, out: 'removed 1 fault from edge\n' })
  t.match(await cli(['fault', 'list', 'edge', '--control', control]), { code: 0, out: 'no fault is active\n' })
})

test('which fault to remove must be clear', async (t) => {
  for (const more of [[], ['x', '--all']]) t.match(await cli(['fault', 'remove', 'edge', ...more]), { code: 2, err: /PMT_ERR_USAGE: which fault is not clear/ })
})

test('what the sidecar refuses is told with path, found and wanted', async (t) => {
  const { control } = await startSidecar(t)
  const add = (...words: string[]) => cli(['fault', 'add', ...words, '--control', control])
  t.match(await add('edge', 'delay', 'delay=soon'), { code: 2, err: /PMT_ERR_INVALID: .*; at delay; found soon; wanted a duration/ })
  t.match(await add('edge', 'refuse', 'node=three'), { code: 2, err: /PMT_ERR_NODE_NOT_FOUND: .*found three; wanted one of one, two/ })
  t.match(await add('raw', 'delay', 'delay=1s'), { code: 2, err: /PMT_ERR_FAULT_LAYER/ })
  t.match(await add('egde', 'hang'), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND/ })
})

test('nobody there is told as such', async (t) => {
  t.match(await cli(['fault', 'list'], { env: { PREMORTEM_CONTROL: 'http://127.0.0.1:1' } }), { code: 2, out: '', err: /PMT_ERR_CONTROL_UNREACHABLE: .*127\.0\.0\.1:1/ })
  t.match(await cli(['fault', 'list', '--control', 'http://x/y']), { code: 2, err: /PMT_ERR_INVALID: .*; at --control; found http:\/\/x\/y/ })
  t.match(await cli(['fault', 'list', '--token-file', 'no-such-file']), { code: 2, err: /at --token-file/ })
})
