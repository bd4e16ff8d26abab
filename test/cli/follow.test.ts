import { test } from 'tap'
import { followRun } from '../../src/cli/follow.ts'
import type { Target } from '../../src/cli/target.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import type { RunResult } from '../../src/experiment/result.ts'
import type { RunView } from '../../src/experiment/runs.ts'
import { createVirtualClock } from '../helpers/clock.ts'

const EXPERIMENT = decodeExperiment({
  title: 'x',
  'steady-state': { at: 'edge', objectives: ['success >= 90%'] },
  phases: { baseline: '1s', fault: '1s', recovery: '1s' },
  faults: [{ type: 'hang', on: 'edge' }]
})

function setUp (more: Partial<Target> = {}) {
  const calls: string[] = []
  const interrupt = new AbortController()
  let end = (_: RunResult): void => {}
  const ended = new Promise<RunResult>((resolve) => { end = resolve })
  const target: Target = {
    async start (document, seed) {
      calls.push(`start ${(document as { title: string }).title} ${seed}`)
      return { id: 'r' } as RunView
    },
    follow: () => {
      calls.push('follow')
      return () => { calls.push('unfollow') }
    },
    result: () => ended,
    async interrupt (id, reason) { calls.push(`interrupt ${id} ${reason}`) },
    plan: () => Promise.reject(new Error('not asked for')),
    async halt (reason) { calls.push(`halt ${reason}`) },
    async close () { calls.push('close') },
    ...more
  }
  const clock = createVirtualClock()
  const said: string[] = []
  const output = { write: (text: string) => { said.push(text) } }
  const { signal } = interrupt
  const pulls = new Set<(reason: string) => void>()
  const onPanic = (pull: (reason: string) => void) => {
    pulls.add(pull)
    return () => { pulls.delete(pull) }
  }
  const look = { color: false, width: 80 }
  const context = { stdout: output, stderr: output, env: {}, signal, onPanic, clock, json: false, look }
  return { calls, said, pulls, interrupt, end, clock, run: () => followRun(target, EXPERIMENT, 7, context) }
}

test('a run is followed to its end, and the target closed', async (t) => {
  const { calls, end, run } = setUp()
  end({ outcome: 'held' } as RunResult)
  t.match(await run(), { outcome: 'held' })
  t.same(calls, ['start x 7', 'follow', 'unfollow', 'close'])
})

test('an interruption is passed on, and the result is waited for', async (t) => {
  const { calls, end, interrupt, clock, run } = setUp()
  const result = run()
  await clock.advance(0)
  interrupt.abort('interrupted by SIGINT')
  await clock.advance(0)
  t.same(calls, ['start x 7', 'follow', 'interrupt r interrupted by SIGINT'])
  end({ outcome: 'interrupted' } as RunResult)
  t.match(await result, { outcome: 'interrupted' })
  t.equal(calls.at(-1), 'close')
})

test('an interruption while the run starts is not lost', async (t) => {
  let started = (_: RunView): void => {}
  const { calls, end, interrupt, clock, run } = setUp({ start: () => new Promise((resolve) => { started = resolve }) })
  const result = run()
  interrupt.abort('early')
  started({ id: 'r' } as RunView)
  await clock.advance(0)
  t.ok(calls.includes('interrupt r early'))
  end({ outcome: 'interrupted' } as RunResult)
  await result
})

test('an interruption before the start ends the run at once', async (t) => {
  const { calls, end, interrupt, clock, run } = setUp()
  interrupt.abort('early')
  const result = run()
  await clock.advance(0)
  t.ok(calls.includes('interrupt r early'))
  end({ outcome: 'interrupted', exitCode: 130 } as RunResult)
  t.match(await result, { exitCode: 130 })
})

test('a target is closed whatever happens', async (t) => {
  const failing = setUp({ start: () => Promise.reject(new Error('refused')) })
  await t.rejects(failing.run(), { message: 'refused' })
  t.same(failing.calls, ['close'])
})

test('the panic lever is pulled where the run is, and nobody listens for it afterwards', async (t) => {
  const { calls, end, clock, pulls, run } = setUp()
  const result = run()
  await clock.advance(0)
  for (const pull of pulls) pull('SIGUSR2')
  end({ outcome: 'aborted' } as RunResult)
  await result
  t.ok(calls.includes('halt SIGUSR2'))
  t.equal(pulls.size, 0)
})

test('a lever that cannot be reached is told', async (t) => {
  const { end, clock, pulls, said, run } = setUp({ halt: () => Promise.reject(new Error('nobody there')) })
  const result = run()
  await clock.advance(0)
  for (const pull of pulls) pull('SIGUSR2')
  await clock.advance(0)
  t.match(said, ['premortem: the panic lever cannot be reached: nobody there\n'])
  end({ outcome: 'held' } as RunResult)
  await result
})
