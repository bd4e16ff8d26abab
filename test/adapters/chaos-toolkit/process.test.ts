import { test } from 'tap'
import { Interruption } from '../../../src/adapters/chaos-toolkit/failure.ts'
import { runProcess } from '../../../src/adapters/chaos-toolkit/process.ts'
import { createWorld, never, untilSettled } from './world.ts'

test('a list is a command line, text goes through a shell, a mapping is its names and values', async (t) => {
  const run = (args: unknown, path = 'echo') => runProcess({ path, arguments: args as string }, createWorld({ env: { PATH: process.env.PATH, X: 'from the environment' } }), never())
  t.strictSame(await run(['a  b', 1, true, null, '', '$X']), { status: 0, stdout: 'a  b 1 True $X\n', stderr: '' })
  t.strictSame(await run('a  b "$X" >&2; exit 3'), { status: 3, stdout: '', stderr: 'a b from the environment\n' })
  t.strictSame(await run({ '-n': '', hello: 7 }), { status: 0, stdout: 'hello 7', stderr: '' })
  t.strictSame(await run(undefined), { status: 0, stdout: '\n', stderr: '' })
  t.match(await run(['-c', 'kill -9 $$'], 'sh'), { status: -9 })
  t.match(await run(['-c', "printf '\\351'"], 'sh'), { stdout: 'é' })
  await t.rejects(run([], 'no-such-program'), { name: 'ActivityFailed', message: /cannot be found/ })
})

test('what takes too long is killed, with what it started', async (t) => {
  const world = createWorld()
  const slow = runProcess({ path: 'sh', arguments: ['-c', 'sleep 600 & wait'], timeout: 5 }, world, never())
  await t.rejects(untilSettled(world.clock, slow, 100), { name: 'ActivityFailed', message: 'process activity took too long to complete' })
  const usual = createWorld({ timeout: 1000 })
  await t.rejects(untilSettled(usual.clock, runProcess({ path: 'sleep', arguments: ['600'] }, usual, never()), 100), { message: /too long/ })
})

test('the signal ends it, by force if need be', async (t) => {
  const world = createWorld({ timeout: null })
  const stop = new AbortController()
  const deaf = runProcess({ path: 'sh', arguments: ['-c', "trap '' TERM; while :; do sleep 0.01; done"] }, world, stop.signal)
  stop.abort(new Interruption('enough'))
  t.strictSame(await untilSettled(world.clock, deaf.catch((error: unknown) => error), 100), new Interruption('enough'))
})
