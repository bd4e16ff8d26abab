import { test } from 'tap'
import { PYTHON_FUNCTIONS } from '../../../src/adapters/chaos-toolkit/python-functions.ts'
import { SHIM_NAMES, runPython } from '../../../src/adapters/chaos-toolkit/shims.ts'
import { createWorld, never } from './world.ts'

test('what may be named can be done', async (t) => t.strictSame([...SHIM_NAMES].sort(), Object.keys(PYTHON_FUNCTIONS).sort()))

test('files, and time', async (t) => {
  const folder = t.testdir({ here: '' })
  const exists = (path: string) => runPython({ module: 'os.path', func: 'exists', arguments: { path } }, createWorld({ env: { HOME: folder } }), never())
  t.equal(await exists(`${folder}/here`), true)
  t.equal(await exists('~/here'), true)
  t.equal(await exists(`${folder}/gone`), false)
  const world = createWorld()
  const idle = runPython({ module: 'chaosaddons.utils.idle', func: 'idle_for', arguments: { duration: 2 } }, world, never())
  let over = false
  void idle.then(() => { over = true })
  await world.clock.advance(1999)
  t.notOk(over)
  await world.clock.advance(1)
  t.equal(await idle, null)
  await t.rejects(runPython({ module: 'os', func: 'system', arguments: null }, world, never()), { name: 'ActivityFailed', message: /nothing of its own for os.system/ })
})
