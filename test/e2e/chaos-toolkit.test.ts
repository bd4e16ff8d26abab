import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { Test } from 'tap'
import type { ActivityRun, ChaosJournal } from '../../src/adapters/chaos-toolkit/journal.ts'
import { cli } from '../cli/harness.ts'
import { start } from '../helpers/binary.ts'
import { until } from '../helpers/sidecar.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/chaos-toolkit/', import.meta.url))

async function startShop (t: Test): Promise<string> {
  const json = { 'Content-Type': 'application/json' }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk }).on('end', () => {
      switch (pathname) {
        case '/status': return response.writeHead(Number(searchParams.get('code'))).end()
        case '/hello': return response.writeHead(200).end('Hello world\n')
        case '/token': return response.writeHead(request.headers.authorization === 'Bearer s3cr3t-value' ? 200 : 401).end()
        case '/replicas': return response.writeHead(200, json).end(JSON.stringify({ replicas: [{ name: 'a', ready: true }, { name: 'b', ready: true }] }))
        default: return response.writeHead(200).end(body)
      }
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((resolve) => { server.close(resolve) })
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Exit codes here and under `--compat`, and there `[status, deviated, rollbacks]`; whether it was met before and after. */
interface Expected { ours: number, theirs: number, compat: [string, boolean, number], more?: string[], met: (boolean | null)[] }

const EXPECTED: Record<string, Expected> = {
  'bool-and-rollback.yaml': { ours: 0, theirs: 0, compat: ['completed', false, 1], met: [true, true] },
  'integer.json': { ours: 0, theirs: 0, compat: ['completed', false, 0], met: [true, true] },
  'text.yaml': { ours: 5, theirs: 0, compat: ['completed', false, 0], met: [false, null] },
  'list.json': { ours: 1, theirs: 1, compat: ['completed', true, 1], met: [null, false] },
  'range.yaml': { ours: 0, theirs: 0, compat: ['completed', false, 0], met: [true, true] },
  'regex.json': { ours: 0, theirs: 0, compat: ['completed', false, 0], met: [true, true] },
  'jsonpath.yaml': { ours: 0, theirs: 0, compat: ['completed', false, 0], met: [true, true] },
  'probe.json': { ours: 0, theirs: 0, compat: ['completed', false, 0], met: [true, true] },
  'continuously.yaml': { ours: 1, theirs: 0, compat: ['completed', false, 0], met: [true, true], more: ['--hypothesis-frequency', '0.05'] },
  'during.json': { ours: 1, theirs: 1, compat: ['failed', false, 0], met: [null, null], more: ['--fail-fast', '--hypothesis-frequency', '0.05'] },
  'background.yaml': { ours: 0, theirs: 0, compat: ['completed', false, 0], met: [true, true] },
  'gate.json': { ours: 5, theirs: 0, compat: ['completed', false, 1], met: [false, null] },
  'action-fails.yaml': { ours: 6, theirs: 0, compat: ['completed', false, 0], met: [true, true] }
}

const RUN_KEYS = ['activity', 'duration', 'end', 'output', 'start', 'status']
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/

function checkRun (t: Test, run: ActivityRun): void {
  const keys = Object.keys(run).filter((key) => !['exception', 'tolerance_met'].includes(key)).sort()
  t.strictSame(keys, RUN_KEYS)
  t.match([run.start, run.end], [TIME, TIME])
  t.match(run.activity, { type: /^(probe|action)$/, name: String, provider: { type: String } })
  t.ok(Number.isFinite(run.duration))
  t.equal(run.status === 'failed', run.exception !== undefined)
}

/** What the Chaos Toolkit and its reports expect of every journal. */
function checkJournal (t: Test, journal: ChaosJournal): void {
  t.strictSame(Object.keys(journal).filter((key) => key !== 'premortem').sort(), [
    'chaoslib-version', 'deviated', 'duration', 'end', 'experiment', 'node', 'platform', 'rollbacks', 'run', 'start', 'status', 'steady_states'
  ])
  t.match(journal, { 'chaoslib-version': /^\d+\.\d+\.\d+$/, start: TIME, end: TIME, experiment: { title: String, description: String, dry: null, method: Array } })
  const { before, after, during } = journal.steady_states
  for (const state of [before, after, ...during]) {
    for (const probe of state?.probes ?? []) {
      checkRun(t, probe)
      t.type(probe.tolerance_met, 'boolean')
    }
  }
  for (const run of [...journal.run, ...journal.rollbacks]) checkRun(t, run)
}

test('experiments as their users have them, here and under --compat', async (t) => {
  const url = await startShop(t)
  const env = { PATH: process.env.PATH! }
  for (const [file, { ours, theirs, compat, more = [], met }] of Object.entries(EXPECTED)) {
    await t.test(file, async (t) => {
      const run = async (extra: string[]): Promise<{ code: number, journal: ChaosJournal, text: string }> => {
        const dir = t.testdir({ file: '' })
        const path = join(dir, 'journal.json')
        const { code, err } = await cli(['run', join(FIXTURES, file), '--journal-path', path, '--var', `url=${url}`, '--var', `dir=${dir}`, '--json', ...more, ...extra], { env })
        t.equal(err, '')
        const text = readFileSync(path, 'utf8')
        return { code, journal: JSON.parse(text) as ChaosJournal, text }
      }
      const here = await run([])
      t.equal(here.code, ours)
      checkJournal(t, here.journal)
      t.match(here.journal, { premortem: { exitCode: ours, experimentHash: /^[0-9a-f]{24}$/ } })
      const there = await run(['--compat', 'chaostoolkit'])
      t.equal(there.code, theirs)
      checkJournal(t, there.journal)
      t.strictSame([there.journal.status, there.journal.deviated, there.journal.rollbacks.length], compat)
      const { before, after } = there.journal.steady_states
      t.strictSame([before, after].map((state) => state?.steady_state_met ?? null), met)
      t.notOk('premortem' in there.journal)
      t.notMatch(here.text + there.text, /s3cr3t-value/)
      if (file === 'continuously.yaml') t.ok(there.journal.steady_states.during.some((state) => state.steady_state_met === false))
      if (file === 'during.json') t.equal(here.journal.run.length, 1)
      if (file === 'background.yaml') {
        t.match(here.journal, {
          experiment: { title: 'Hello world', secrets: { api: { token: '***', other: { type: 'env', key: 'PATH' } } } },
          run: [{ activity: { name: 'long' }, output: { stdout: '***\n' } }, { output: { body: 'to=world&from=nowhere' } }, { output: { body: '{"token":"***"}' } }]
        })
      }
    })
  }
})

test('a run that is killed has a journal all the same, and one that is interrupted plays its rollbacks', async (t) => {
  const folder = t.testdir({
    'e.json': JSON.stringify({
      title: 'T',
      description: 'D',
      method: [{ type: 'action', name: 'slow', provider: { type: 'process', path: 'sleep', arguments: ['60'] } }],
      rollbacks: [{ type: 'action', name: 'tidy', provider: { type: 'process', path: 'true' } }]
    })
  })
  for (const [signal, code, rollbacks] of [['SIGKILL', null, 0], ['SIGINT', 130, 1], ['SIGUSR1', 130, 1], ['SIGUSR2', 130, 0]] as const) {
    const file = join(folder, `${signal}.json`)
    const binary = start(t, ['run', join(folder, 'e.json'), '--journal-path', file], { cwd: folder })
    await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('"name": "slow"') && /"run": \[\s*\{/.test(readFileSync(file, 'utf8')))
    binary.child.kill(signal)
    t.equal(await binary.ended, code, signal)
    const journal = JSON.parse(readFileSync(file, 'utf8')) as ChaosJournal
    checkJournal(t, { ...journal, run: [] })
    t.match(journal, { status: 'interrupted', run: [{ status: 'failed' }] }, signal)
    t.equal(journal.rollbacks.length, rollbacks, signal)
  }
})
