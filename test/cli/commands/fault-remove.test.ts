import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

test('one fault is removed, or all of a proxy', async (t) => {
  const { control } = await startSidecar(t)
  await cli(['fault', 'add', 'edge', 'hang', 'id=a', 'hang', 'id=b', 'hang', 'id=c', '--control', control])
  t.match(await cli(['fault', 'remove', 'edge', 'a', '--control', control]), { code: 0, out: 'removed 1 fault from edge\n' })
  t.match(await cli(['fault', 'remove', 'edge', 'a', '--control', control]), { code: 2, err: /PMT_ERR_FAULT_NOT_FOUND/ })
  t.match(await cli(['fault', 'remove', 'edge', '--all', '--control', control]), { code: 0, out: 'removed 2 faults from edge\n' })
  t.match(await cli(['fault', 'list', 'edge', '--control', control]), { code: 0, out: 'no fault is active\n' })
})

test('which fault to remove must be clear', async (t) => {
  for (const more of [[], ['x', '--all']]) t.match(await cli(['fault', 'remove', 'edge', ...more]), { code: 2, err: /PMT_ERR_USAGE: which fault is not clear/ })
})
