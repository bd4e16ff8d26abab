import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { RunResult } from '../../src/experiment/result.ts'
import { startService } from '../cli/harness.ts'
import { start as premortem } from '../helpers/binary.ts'
import { launch, serve, until } from '../helpers/sidecar.ts'
import { hasTools } from '../helpers/tools.ts'

// A run that a command line, or REST, starts on a real sidecar.

/** A sidecar in front of a service, and a file with an experiment on it. The objectives are wide: machines get busy. */
async function startAll (t: Test, phases: object) {
  const folder = t.testdir({})
  const upstream = `127.0.0.1:${await startService(t)}`
  const sidecar = await serve(t, folder, [{ name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream }])
  const file = join(folder, 'experiment.json')
  writeFileSync(file, JSON.stringify({
    title: 'What if it answers 20 ms later?',
    'steady-state': { at: 'edge', objectives: ['success >= 90%', 'p90 <= 2s'] },
    load: { url: `http://${sidecar.listen.edge!}/`, rate: '200/s' },
    phases,
    faults: [{ type: 'delay', on: 'edge', delay: '20ms' }]
  }))
  return { ...sidecar, file }
}

test('one experiment gives one verdict from the command line and over REST, and events stream its phases', async (t) => {
  if (!hasTools(t, 'curl')) return
  const { control, client, file } = await startAll(t, { warmup: '1s', baseline: '2s', fault: '2s', recovery: '2s' })
  const stream = launch(t, 'curl', ['-sN', `${control}/v1/events`])
  const run = premortem(t, ['run', file, '--control', control, '--json', '--seed', '5'])
  t.equal(await run.ended, 0, run.err())
  const fromCli = JSON.parse(run.out()) as RunResult

  const answer = JSON.parse(execFileSync('curl', ['-sf', '-X', 'POST', `${control}/v1/runs?seed=5`, '-H', 'content-type: application/json', '--data-binary', `@${file}`], { encoding: 'utf8' })) as { id: string }
  await until(async () => (await client.run(answer.id)).state === 'ended')
  const fromRest = JSON.parse(await client.report(answer.id)) as RunResult
  t.equal(fromRest.outcome, fromCli.outcome)
  t.equal(fromRest.documentHash, fromCli.documentHash, 'it is the same document')
  t.same(fromRest.objectives.map(({ objective, fault }) => [objective, fault?.verdict]),
    fromCli.objectives.map(({ objective, fault }) => [objective, fault?.verdict]))
  t.same(fromRest.faults[0]!.fault, fromCli.faults[0]!.fault)

  stream.child.kill('SIGTERM')
  await stream.ended
  const events = stream.out().split('\n').filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice(6)) as { type: string, data: { phase?: string } })
  const phases = events.filter((event) => event.type === 'run.phase').map((event) => event.data.phase)
  t.same(phases.filter((phase) => phase === 'baseline' || phase === 'fault' || phase === 'recovery').slice(0, 3), ['baseline', 'fault', 'recovery'])
  t.ok(events.some((event) => event.type === 'run.ended'))
})

test('kill -9 of a command line that drives a sidecar: the lease ends the run and its fault within 10 s', async (t) => {
  const { control, client, file } = await startAll(t, { warmup: '1s', baseline: '1s', fault: '60s', recovery: '1s' })
  const run = premortem(t, ['run', file, '--control', control, '--json'])
  await until(async () => (await client.faults('edge')).length === 1)
  run.child.kill('SIGKILL')
  const killed = performance.now()
  await run.ended
  await until(async () => (await client.faults('edge')).length === 0)
  const took = performance.now() - killed
  // The lease runs from the last heartbeat; a second for machines that are busy.
  t.ok(took < 11_000, `gone after ${Math.round(took)} ms`)
  await until(async () => (await client.runs()).every((view) => view.state === 'ended'))
  t.equal((await client.runs())[0]!.outcome, 'interrupted')
})
