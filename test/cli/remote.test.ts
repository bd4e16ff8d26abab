import { test } from 'tap'
import type { ControlClient } from '../../src/api/client.ts'
import { createRemoteTarget } from '../../src/cli/remote.ts'
import type { RunResult } from '../../src/experiment/result.ts'
import type { RunView } from '../../src/experiment/runs.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { createVirtualClock } from '../helpers/clock.ts'

/** A sidecar that answers as the test says; `calls` is what it was asked. */
function createFake () {
  const calls: string[] = []
  const run: RunView = {
    id: 'r', title: 'x', state: 'running', phase: 'baseline', phaseEndsAt: null, startedAt: '', live: null, outcome: null, exitCode: null, folder: '', seed: 1, result: null
  }
  const fake = {
    calls,
    run,
    failure: undefined as PremortemError | undefined,
    emit: (_: string): void => {},
    end (): void { Object.assign(run, { state: 'ended', result: { id: 'r', outcome: 'held' } as RunResult }) }
  }
  const answer = async (call: string): Promise<RunView> => {
    calls.push(call)
    if (fake.failure !== undefined) throw fake.failure
    return { ...run }
  }
  const client = {
    startRun: (_: object, { seed, lease }: { seed: number, lease: number }) => answer(`start ${seed} ${lease}`),
    run: () => answer('view'),
    heartbeat: () => answer('heartbeat'),
    abortRun: (_: string, reason: string, outcome: string) => answer(`abort ${reason} ${outcome}`),
    async * events ({ signal }: { signal: AbortSignal }) {
      while (!signal.aborted) {
        const id = await new Promise<string>((resolve) => {
          fake.emit = resolve
          signal.addEventListener('abort', () => resolve(''))
        })
        yield { type: 'run.live', data: { run: id } }
      }
    }
  }
  const clock = createVirtualClock()
  return { fake, clock, target: createRemoteTarget(client as unknown as ControlClient, clock) }
}

test('a run is started with a lease of ten seconds and kept alive every three', async (t) => {
  const { fake, clock, target } = createFake()
  await target.start({}, 7)
  await clock.advance(9500)
  t.same(fake.calls, ['start 7 10000', 'heartbeat', 'heartbeat', 'heartbeat'])
  await target.close()
  await clock.advance(60_000)
  t.equal(fake.calls.length, 4, 'and no longer than somebody drives it')
  t.equal(clock.pending(), 0)
})

test('news come with events, only for this run, and the result with the end', async (t) => {
  const { fake, clock, target } = createFake()
  const { id } = await target.start({}, undefined)
  const seen: (string | null)[] = []
  const unfollow = target.follow(id, ({ phase }) => { seen.push(phase) })
  await clock.advance(0)
  fake.emit('another')
  await clock.advance(0)
  t.same(seen, ['baseline'])
  fake.run.phase = 'fault'
  fake.emit('r')
  await clock.advance(0)
  t.same(seen, ['baseline', 'fault'])
  unfollow()
  fake.end()
  fake.emit('r')
  t.match(await target.result(id), { outcome: 'held' })
  await clock.advance(0)
  t.same(seen, ['baseline', 'fault'])
  t.equal(clock.pending(), 0)
})

test('without events the heartbeats bring the end', async (t) => {
  const { fake, clock, target } = createFake()
  const { id } = await target.start({}, undefined)
  fake.end()
  await clock.advance(3000)
  t.match(await target.result(id), { outcome: 'held' })
})

test('a sidecar that does not answer is given up when the lease has run out', async (t) => {
  const { fake, clock, target } = createFake()
  const { id } = await target.start({}, undefined)
  fake.failure = new PremortemError('PMT_ERR_CONTROL_UNREACHABLE')
  await clock.advance(9500)
  fake.failure = undefined
  await clock.advance(3000)
  fake.failure = new PremortemError('PMT_ERR_CONTROL_UNREACHABLE')
  await clock.advance(9500)
  let settled = false
  target.result(id).catch(() => { settled = true })
  await clock.advance(0)
  t.notOk(settled, 'it was heard again in between')
  await clock.advance(3000)
  await t.rejects(target.result(id), { code: 'PMT_ERR_RUN_LOST', exit: 7 })
  t.equal(clock.pending(), 0)
})

test('one that knows the run no more was restarted: that is told at once', async (t) => {
  const { fake, clock, target } = createFake()
  const { id } = await target.start({}, undefined)
  fake.failure = new PremortemError('PMT_ERR_RUN_NOT_FOUND')
  await clock.advance(3000)
  await t.rejects(target.result(id), { code: 'PMT_ERR_RUN_LOST', exit: 7 })
})

test('an interruption is passed on; where it cannot be, the lease does it', async (t) => {
  const { fake, target, clock } = createFake()
  const { id } = await target.start({}, undefined)
  await target.interrupt(id, 'SIGINT')
  t.equal(fake.calls.at(-1), 'abort SIGINT interrupted')
  fake.failure = new PremortemError('PMT_ERR_CONTROL_UNREACHABLE')
  await target.interrupt(id, 'SIGINT')
  await t.rejects(target.result(id), { code: 'PMT_ERR_RUN_LOST', exit: 7 })
  const before = fake.calls.length
  await clock.advance(60_000)
  t.equal(fake.calls.length, before, 'no heartbeat keeps it alive')
})
