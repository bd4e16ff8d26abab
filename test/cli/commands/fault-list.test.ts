import { test } from 'tap'
import type { FaultView } from '../../../src/proxy/view.ts'
import { cli, startSidecar } from '../harness.ts'

test('faults are listed, of one proxy or of all', async (t) => {
  const { control } = await startSidecar(t)
  t.match(await cli(['fault', 'list', '--control', control]), { code: 0, out: 'no fault is active\n' })
  await cli(['fault', 'add', 'edge', 'hang', '--control', control])
  await cli(['fault', 'add', 'raw', 'latency', 'latency=1s', 'mode=shadow', '--control', control])
  const all = await cli(['fault', 'list', '--json', '--control', control])
  t.same((JSON.parse(all.out) as FaultView[]).map(({ on, type }) => `${on} ${type}`), ['edge hang', 'raw latency'])
  const one = await cli(['fault', 'list', 'raw', '--control', control])
  t.match(one.out, /latency 1s \(shadow\)/)
  t.notMatch(one.out, /hang/)
})

test('nobody there is told as such', async (t) => {
  t.match(await cli(['fault', 'list'], { env: { PREMORTEM_CONTROL: 'http://127.0.0.1:1' } }), { code: 2, out: '', err: /PMT_ERR_CONTROL_UNREACHABLE: .*127\.0\.0\.1:1/ })
  t.match(await cli(['fault', 'list', '--control', 'http://x/y']), { code: 2, err: /PMT_ERR_INVALID: .*; at --control; found http:\/\/x\/y/ })
  t.match(await cli(['fault', 'list', '--token-file', 'no-such-file']), { code: 2, err: /at --token-file/ })
})
