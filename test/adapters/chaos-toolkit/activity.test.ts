/* eslint-disable no-template-curly-in-string -- this is how it is written in a file */
import { test } from 'tap'
import { isDry, runActivity, runProvider } from '../../../src/adapters/chaos-toolkit/activity.ts'
import { Interruption } from '../../../src/adapters/chaos-toolkit/failure.ts'
import type { ActivityRun } from '../../../src/adapters/chaos-toolkit/journal.ts'
import { activityOf, createWorld, idle, never, program, startService, untilSettled } from './world.ts'

test('an entry is there when the activity begins; pauses are outside of its time', async (t) => {
  const world = createWorld({ scope: { configuration: { long: 3 }, secrets: {} } })
  const noted: ActivityRun[] = []
  const done = runActivity(idle('a', 2, { pauses: { before: 1, after: '${long}' } }), { ...world, note: (run) => noted.push({ ...run }) }, never())
  await world.clock.advance(999)
  t.equal(noted.length, 0)
  await world.clock.advance(1)
  t.match(noted, [{ activity: { name: 'a' }, output: null, start: '2026-01-01T00:00:01.000000+00:00', status: undefined }])
  await world.clock.advance(2000)
  t.match(noted[1], { status: 'succeeded', end: '2026-01-01T00:00:03.000000+00:00', duration: 2 })
  let over = false
  void done.then(() => { over = true })
  await world.clock.advance(2999)
  t.notOk(over)
  await world.clock.advance(1)
  t.ok(over)
})

test('what goes wrong is in the entry, and what the signal ends has failed', async (t) => {
  const world = createWorld()
  const refused = activityOf('action', 'r', { type: 'http', url: 'http://127.0.0.1:1/' })
  t.match(await runActivity(refused, world, never()), { status: 'failed', output: null, exception: [/^chaoslib.exceptions.ActivityFailed: failed to connect to .*\n$/] })
  const stop = new AbortController()
  const cut = runActivity(idle('i', 600, { pauses: { after: 600 } }), world, stop.signal)
  await world.clock.advance(10)
  stop.abort(new Interruption('enough'))
  t.match(await cut, { status: 'failed', exception: ['chaoslib.exceptions.InterruptExecution: enough\n'] })
  t.match(await runActivity(program('p', 'echo', []), world, stop.signal), { status: 'failed' })
})

test('a rehearsal leaves activities out, with their pauses; or only the pauses', async (t) => {
  const action = program('a', 'sh', ['-c', 'exit 3'], { pauses: { before: 600 } })
  t.match(await runActivity(action, createWorld({ dry: 'actions' }), never()), { status: 'succeeded', output: null })
  t.match(await runActivity(action, createWorld({ dry: 'pause' }), never()), { status: 'succeeded', output: { status: 3 } })
  for (const [type, dry, left] of [
    ['probe', 'probes', true], ['action', 'probes', false], ['probe', 'actions', false], ['action', 'actions', true], ['probe', 'activities', true],
    ['action', 'activities', true], ['action', 'pause', false], ['probe', null, false]
  ] as const) t.equal(isDry({ type }, dry), left, `${type} ${dry}`)
})

test('what is filled in, and what is not', async (t) => {
  const scope = { configuration: { word: 'w', secs: 5 }, secrets: { g: { token: 't' } } }
  const url = await startService(t, (request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify([request.url, request.headers.x])))
  const http = activityOf('probe', 'p', { type: 'http', url: `${url}/\${word}`, headers: { x: '${token}' }, timeout: '${secs}', arguments: { q: '$word', d: '$$a' } })
  t.match(await runProvider(http, createWorld({ scope }), never()), { body: ['/w?q=w&d=%24a', 't'] })
  t.match(await runProvider(activityOf('probe', 'p', { type: 'http', url, arguments: { d: '$$a' } }), createWorld(), never()), { body: ['/?d=%24%24a'] }, 'with nothing to look up, arguments are left alone')
  const world = createWorld({ scope })
  t.match(await untilSettled(world.clock, runProvider(program('p', 'echo', ['${word}']), world, never())), { stdout: 'w\n' })
  t.match(await runProvider(activityOf('probe', 'e', { type: 'python', module: 'os.path', func: 'exists', arguments: { path: '/${word}' } }), world, never()), false)
})
