import { test } from 'tap'
import { PYTHON_FUNCTIONS, runPython } from '../../../src/adapters/chaos-toolkit/shims.ts'
import { createWorld, never } from './world.ts'

test('what a function needs it takes', async (t) => {
  t.ok(Object.keys(PYTHON_FUNCTIONS).length > 20)
  for (const [name, { takes, needs }] of Object.entries(PYTHON_FUNCTIONS)) t.ok(needs.every((key) => takes.includes(key)), name)
})

test('functions of chaostoxi and chaosprometheus get what they need from the run', async (t) => {
  const seen: unknown[] = []
  const configuration = { prometheus_base_url: 'http://127.0.0.1:1' }
  const world = createWorld({
    scope: { configuration, secrets: {} }, toxiproxy: {
      call: async (...call) => {
        seen.push(call)
        return null
      }
    }
  })
  t.equal(await runPython({ module: 'chaostoxi.proxy.probes', func: 'proxy_exist', arguments: { proxy_name: 'a' } }, world, never()), false)
  t.strictSame(seen, [['GET', '/proxies/a']])
  await t.rejects(async () => { await runPython({ module: 'chaostoxi.proxy.actions', func: 'reset' }, createWorld(), never()) }, { name: 'ActivityFailed', message: /no premortem to act on/ })
  await t.rejects(async () => { await runPython({ module: 'chaosprometheus.probes', func: 'query', arguments: { query: 'up' } }, world, never()) }, { message: /failed to connect to http:\/\/127.0.0.1:1\/api\/v1\/query\?query=up/ })
})

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
