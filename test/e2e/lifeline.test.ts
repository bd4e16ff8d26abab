import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { RunResult } from '../../src/experiment/result.ts'
import { readJournal, resultOf } from '../../src/experiment/journal.ts'
import { start as premortem } from '../helpers/binary.ts'
import { launch, serve, until } from '../helpers/sidecar.ts'
import { hasTools } from '../helpers/tools.ts'

// What is left when processes end in the middle: no fault, and a journal that can be read.

async function startService (t: Test): Promise<string> {
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const experiment = (at: string, phases: object): object => ({
  title: 'What if it answers 20 ms later?',
  'steady-state': { at: 'edge', objectives: ['success >= 99%', 'p95 <= 300ms'] },
  load: { url: `http://${at}/`, rate: '200/s' },
  phases,
  faults: [{ type: 'delay', on: 'edge', delay: '20ms' }]
})

const SHORT = { warmup: '1s', baseline: '2s', fault: '2s', recovery: '2s' }
const LONG = { warmup: '1s', baseline: '1s', fault: '60s', recovery: '1s' }

async function startAll (t: Test) {
  const folder = t.testdir({})
  const upstream = await startService(t)
  const proxies = (port: number): object[] => [{ name: 'edge', listen: `127.0.0.1:${port}`, protocol: 'http', upstream }]
  const sidecar = await serve(t, folder, proxies(0))
  const write = (phases: object): string => {
    const file = join(folder, 'experiment.json')
    writeFileSync(file, JSON.stringify(experiment(sidecar.listen.edge!, phases)))
    return file
  }
  return { folder, ...sidecar, proxies, write }
}

test('one experiment gives one verdict from the command line and over REST, and events stream its phases', async (t) => {
  if (!hasTools(t, 'curl')) return
  const { control, client, write } = await startAll(t)
  const file = write(SHORT)
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

test('Ctrl-C in the fault phase: the fault is gone before the process ends, exit code 130', async (t) => {
  const { folder, proxies, write } = await startAll(t)
  // Embedded: the process that is interrupted is the one that holds the proxies.
  const file = write(LONG)
  const config = join(folder, 'embedded.json')
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => { resolve(port) })
    })
  })
  writeFileSync(config, JSON.stringify({ data: join(folder, 'embedded'), proxies: proxies(port) }))
  writeFileSync(file, JSON.stringify(experiment(`127.0.0.1:${port}`, LONG)))
  const run = premortem(t, ['run', file, '--config', config, '--json'])
  const runs = join(folder, 'embedded', 'runs')
  const journal = (): string => { try { return readFileSync(join(runs, readdirSync(runs)[0]!, 'journal.jsonl'), 'utf8') } catch { return '' } }
  await until(() => journal().includes('"applied"'))
  run.child.kill('SIGINT')
  t.equal(await run.ended, 130)
  const result = JSON.parse(run.out()) as RunResult
  t.equal(result.outcome, 'interrupted')
  t.equal(result.faults[0]!.removed, true, 'its removal was confirmed')
  t.match(journal(), /"removed"/)
})

test('Ctrl-C on a command line that drives a sidecar: the sidecar has removed the fault when it ends', async (t) => {
  const { control, client, write } = await startAll(t)
  const run = premortem(t, ['run', write(LONG), '--control', control, '--json'])
  await until(async () => (await client.faults('edge')).length === 1)
  run.child.kill('SIGINT')
  t.equal(await run.ended, 130)
  t.same(await client.faults('edge'), [])
  t.equal((JSON.parse(run.out()) as RunResult).outcome, 'interrupted')
})

test('kill -9 of a command line that drives a sidecar: the lease ends the run and its fault within 10 s', async (t) => {
  const { control, client, write } = await startAll(t)
  const run = premortem(t, ['run', write(LONG), '--control', control, '--json'])
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

test('kill -9 of the sidecar: it comes up clean, and the journal can be read', async (t) => {
  const { folder, binary, client, control, write, proxies, listen } = await startAll(t)
  const run = premortem(t, ['run', write(LONG), '--control', control])
  await until(async () => (await client.faults('edge')).length === 1)
  await client.addFault('edge', { type: 'latency', latency: '1ms', ttl: 'never' })
  binary.child.kill('SIGKILL')
  await binary.ended
  t.not(await run.ended, 0, 'who drove it learns that it is gone')

  const again = await serve(t, folder, proxies(Number(listen.edge!.split(':')[1])))
  t.same(await again.client.faults('edge'), [], 'no fault has come back')
  t.same((await again.client.state()).runs, [])
  t.equal((await fetch(`http://${again.listen.edge!}/`)).status, 200)

  const runs = join(folder, 'data', 'runs')
  const id = readdirSync(runs)[0]!
  const entries = readJournal(join(runs, id))
  t.ok(entries.length > 3, 'the journal can be read')
  t.equal(resultOf(entries), null, 'and shows no end')
  const report = premortem(t, ['report', id, '--control', again.control])
  await report.ended
  t.match(report.out(), /killed before this run's end/, 'a report can be drawn from it')
})
